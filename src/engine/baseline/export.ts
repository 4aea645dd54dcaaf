/** `baseline export`: the rows of a recorded run, in a form that other tools read. */
import { RunningDigest, short } from '../../domain/digest.js';
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import { asObject } from '../../domain/json.js';
import { RunTally, type ExportedRun, type RunWriter } from '../../evaluation/exchange/exported-run.js';
import { writeJunit } from '../../evaluation/exchange/junit-write.js';
import { writeOtel } from '../../evaluation/exchange/otel-write.js';
import { writeCsv, writeLines } from '../../evaluation/exchange/plain-write.js';
import { writePromptfoo } from '../../evaluation/exchange/promptfoo-write.js';
import { gathered } from '../audit/bundle.js';
import { rowsOfRun } from '../evaluation/rows.js';
import { outcome } from '../outcome.js';
import { refuseExisting } from '../refuse-existing.js';
import type { Session } from '../session.js';
import { requiredOption, textOption, type Verb } from '../verb.js';

const WRITERS: { readonly [format: string]: RunWriter } = { promptfoo: writePromptfoo, otel: writeOtel, junit: writeJunit, jsonl: writeLines, csv: writeCsv };
const HINT = 'agentctl baseline export --to junit --out results.xml';

export const run: Verb = async (session, input) => {
  const format = requiredOption(input, 'to', HINT);
  const out = requiredOption(input, 'out', HINT);
  const writer = Object.hasOwn(WRITERS, format) ? WRITERS[format] : undefined;
  if (!writer) throw new Fault('USAGE', `--to "${format}" is not written`, { hint: `--to ${Object.keys(WRITERS).join(', ')}` });
  const path = out.startsWith('/') ? out : `${session.world.surroundings.cwd}/${out}`;
  await refuseExisting(session.world, path);
  const finished = await finishedRun(session, textOption(input, 'run'));
  const rows = () => rowsOfRun(session, String(finished.data['run']));
  const tally = new RunTally();
  for await (const row of rows()) tally.add(row);
  const exported = describedBy(session, finished, tally);
  const running = new RunningDigest();
  await session.world.files.write(path, gathered(writer(exported, rows), running));
  const digest = running.end();
  return outcome({
    step: 'baseline', verb: 'export', headline: `${tally.rows} results of ${exported.run} exported as ${format}`,
    facts: [{ label: 'file', value: out }, { label: 'sha256', value: short(digest) }],
    data: { run: exported.run, format, file: out, rows: tally.rows, digest },
  });
};

/** The run that was asked for, else the newest that counts as a measurement. @throws {Fault} EVIDENCE_MISSING */
async function finishedRun({ store, chain }: Session, asked: string | undefined): Promise<Entry> {
  const wanted = asked ?? (await store.latest(chain, 'baseline.measured'))?.data['run'];
  const all = await store.readEvidence(chain, 'evaluation.finished');
  const found = all.find((entry) => entry.data['run'] === wanted);
  if (found) return found;
  const hint = all.length === 0 ? 'agentctl baseline run' : `finished runs: ${all.slice(-5).map((entry) => String(entry.data['run'])).join(', ')}`;
  throw new Fault('EVIDENCE_MISSING', asked === undefined ? 'there is no finished run to export' : `no finished run is called "${asked}"`, { hint });
}

function describedBy(session: Session, { ts, agent, data }: Entry, tally: RunTally): ExportedRun {
  const versions = asObject(data['versions'], 'versions');
  const text = (name: string) => String(versions[name] ?? 'unknown');
  return {
    run: String(data['run']), created: ts, purpose: String(data['purpose']), version: session.world.surroundings.version,
    agent: text('agent'), build: agent.build ?? 'unknown', harness: text('harness'), dataset: text('dataset'), scorer: text('scorer'), tally,
  };
}
