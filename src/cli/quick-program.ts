/** Reads and answers `agentctl status` with its everyday flags, and `--version`, without the command tree: that, and every step behind it, would take longer to load than the answer to find. */
import { EXIT, type Exit } from '../domain/fault.js';
import type { World } from '../domain/ports.js';
import type { Report } from '../domain/report.js';
import { keptStatus, type Looking } from '../engine/kept-status.js';
import { paintFor } from '../views/human/palette.js';
import { status } from '../views/human/status.js';
import { jsonReport } from '../views/json.js';
import type { Surface } from '../views/render.js';
import { visibleData } from '../views/visible-data.js';
import { commonOf, type Common } from './ask.js';
import { optionsOf, type Words } from './quick-options.js';

const OWN: Words = { switches: {}, values: { '--manifest': 'manifest', '--store': 'store' }, lists: {} };

/** @returns undefined when the whole program has to answer; what hinders this one, such as a broken ledger, it meets again and tells */
export async function quickAnswer(argv: readonly string[], world: Looking, surface: (output: Common['output']) => Surface): Promise<{ readonly exit: Exit; readonly text: string } | undefined> {
  if (argv.length === 1 && ['-V', '--version'].includes(argv[0] ?? '')) return { exit: EXIT.yes, text: `${world.surroundings.version}\n` };
  try {
    const asked = parseQuick(argv, world);
    const report = asked && (await keptStatus(world, asked.flags));
    return report && { exit: report.exit, text: await render(report, asked.output.format, surface(asked.output), world) };
  } catch {
    // Nothing is lost: a fault or a defect of the longer way is told, and this one is only quicker.
    return undefined;
  }
}

/** @returns undefined when the command tree has to read it: another command, a question for help, an unusual spelling or format, or a mistake to be told */
export function parseQuick(argv: readonly string[], { surroundings }: Pick<World, 'surroundings'>): Common | undefined {
  const options = argv[0] === 'status' ? optionsOf(argv.slice(1), OWN) : undefined;
  const common = options && commonOf(options, surroundings);
  return common && ['human', 'json'].includes(common.output.format) ? common : undefined;
}

async function render(report: Report<'status'>, format: string, { colour, width }: Surface, { clock }: Looking): Promise<string> {
  if (format === 'json') return jsonReport(report);
  return status(visibleData(report.data), { paint: await paintFor(colour), width, now: clock.now() });
}
