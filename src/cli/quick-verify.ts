/** Reads and answers `agentctl verify --certificate` with its everyday flags, without the command tree, YAML and every step behind them: a gate that CI asks with each run. */
import type { Exit } from '../domain/fault.js';
import type { Report } from '../domain/report.js';
import { verifyWith, type CertificateInput, type Readers, type VerifyingWorld } from '../engine/verify-certificate.js';
import { certificate } from '../views/human/certificate.js';
import { paintFor } from '../views/human/palette.js';
import { jsonReport } from '../views/json.js';
import type { Surface } from '../views/render.js';
import { visibleData } from '../views/visible-data.js';
import { commonOf, type Common } from './ask.js';
import { optionsOf, type Words } from './quick-options.js';

const OWN: Words = {
  switches: { '--allow-scripted': ['allowScripted', true] },
  values: { '--certificate': 'certificate', '--subject': 'subject', '--maximum-age': 'maximumAge', '--at': 'at' },
  lists: { '--trust': 'trust' },
};

/** What has to be read as YAML is for the whole program. */
const UNREAD: Readers = { subject: () => Promise.reject(new LongerWay()), policy: () => Promise.reject(new LongerWay()) };

class LongerWay extends Error {}

/** @returns undefined when the whole program has to answer; what hinders this one, such as a file that is not there, it meets again and tells */
export async function quickVerify(argv: readonly string[], world: VerifyingWorld, surface: (output: Common['output']) => Surface): Promise<{ readonly exit: Exit; readonly text: string } | undefined> {
  try {
    const asked = parseVerify(argv, world);
    if (!asked) return undefined;
    const report = await verifyWith(world, asked.input, UNREAD);
    return { exit: report.exit, text: await render(report, asked.output.format, surface(asked.output)) };
  } catch {
    // Nothing is lost: a fault or a defect of the longer way is told, and this one is only quicker.
    return undefined;
  }
}

/** @returns undefined when the command tree has to read it */
export function parseVerify(argv: readonly string[], { surroundings }: Pick<VerifyingWorld, 'surroundings'>): { readonly input: CertificateInput; readonly output: Common['output'] } | undefined {
  const options = argv[0] === 'verify' ? optionsOf(argv.slice(1), OWN) : undefined;
  if (typeof options?.['certificate'] !== 'string') return undefined;
  const { output } = commonOf(options, surroundings);
  if (!['human', 'json'].includes(output.format)) return undefined;
  const names = ['certificate', 'trust', 'subject', 'allowScripted', 'maximumAge', 'at'].filter((name) => options[name] !== undefined);
  return { output, input: Object.fromEntries(names.map((name) => [name, options[name]])) as unknown as CertificateInput };
}

async function render(report: Report<'certificate'>, format: string, { colour, width }: Surface): Promise<string> {
  if (format === 'json') return jsonReport(report);
  return certificate(visibleData(report.data), { paint: await paintFor(colour), width }, report.exit);
}
