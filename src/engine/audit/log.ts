/** `audit log`: entries of the agent's chain, newest last, told line by line as they are found; with --follow, as they come. */
import { EXIT, Fault, type Exit } from '../../domain/fault.js';
import type { JsonObject } from '../../domain/json.js';
import type { LineFormat, Telling } from '../../domain/ports.js';
import { readable } from '../../domain/time.js';
import type { Report } from '../../domain/report.js';
import { entryTypes } from '../../ledger/registry.js';
import { outcome } from '../outcome.js';
import type { Session } from '../session.js';
import { nearest } from '../suggest.js';
import { textOption, type Verb, type VerbInput } from '../verb.js';
import { beginning, entriesFrom, type Found, type Place } from './entries.js';
import { filterOf, type Wanted } from './filter.js';
import { actorOf, columnsOf, entryJson, lineOf, summaryOf } from './line.js';
import { payloadOf } from './payload.js';

const FORMATS: readonly LineFormat[] = ['human', 'jsonl', 'csv'];

/** Milliseconds between two looks at the ledger. */
const PAUSE = 250;

interface Asked {
  readonly wanted: Wanted;
  readonly last: number | undefined;
  readonly payloads: boolean;
  readonly follow: boolean;
}

export const run: Verb = async (session, input) => {
  const asked = { wanted: filterOf(session, input), last: lastOption(input), payloads: input.options['payloads'] === true, follow: input.options['follow'] === true };
  const format = lineFormat(session, input, asked.follow);
  const report = format === undefined ? await whole(session, asked) : await told(session, asked, format);
  const type = textOption(input, 'type');
  if (type === undefined || asked.follow || report.kind !== 'outcome' || report.data.data['found'] !== 0) return report;
  if (format !== undefined) session.world.talk.say(likeTypes(type));
  return { ...report, data: { ...report.data, notes: [likeTypes(type)] } };
};

/** How lines are told; undefined where one document was asked for. @throws {Fault} USAGE */
function lineFormat({ world: { results } }: Session, input: VerbInput, follow: boolean): LineFormat | undefined {
  const named = textOption(input, 'lines');
  const format = FORMATS.find((one) => one === named);
  if (named !== undefined && format === undefined) throw new Fault('USAGE', `--lines "${named}" is none`, { hint: `use one of ${FORMATS.join(', ')}` });
  const document = results.format !== 'human' || results.copied;
  if (format !== undefined && document) throw new Fault('USAGE', '--lines says how the result is written, and so do --json, --format and -o', { hint: 'give one of them' });
  if (follow && document && (results.format !== 'json' || results.copied)) throw new Fault('USAGE', '--follow has no end, and a document needs one', { hint: 'agentctl audit log --follow --lines jsonl' });
  return format ?? (document ? (follow ? 'jsonl' : undefined) : 'human');
}

async function told(session: Session, asked: Asked, format: LineFormat): Promise<Report> {
  const { world, manifest } = session;
  const telling = await world.results.begin(format, columnsOf(asked.payloads));
  let count = 0;
  const tell = async (found: Found): Promise<boolean> => {
    count += 1;
    return telling.line(lineOf(found, manifest, asked.payloads, asked.payloads ? await payloadOf(session, found.entry) : undefined));
  };
  const exit = await tellAll(session, asked, telling, tell);
  if (!asked.follow) world.talk.say(count === 1 ? '1 entry' : `${count} entries`);
  return outcome({ step: 'audit', verb: 'log', headline: `${count} entries`, data: { found: count } }, exit);
}

/** An interrupt is how one stops looking: every line that was told is whole. A reader who has gone wants no more. */
async function tellAll(session: Session, asked: Asked, telling: Telling, tell: (found: Found) => Promise<boolean>): Promise<Exit> {
  const { clock, surroundings } = session.world;
  const place = beginning();
  try {
    for await (const found of asked.last === undefined ? entriesFrom(session, place, asked.wanted) : (await gathered(session, asked, place)).newest) {
      if (!(await tell(found))) return EXIT.yes;
    }
    while (asked.follow && (await telling.flush())) {
      await clock.sleep(PAUSE);
      if (surroundings.interrupted.aborted) return EXIT.interrupted;
      for await (const found of entriesFrom(session, place, asked.wanted)) if (!(await tell(found))) return EXIT.yes;
    }
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code !== 'INTERRUPTED') throw cause;
    return EXIT.interrupted;
  } finally {
    await telling.flush();
  }
  return EXIT.yes;
}

/** Holds hardly more of them than are asked for. */
async function gathered(session: Session, { wanted, last = Number.POSITIVE_INFINITY }: Asked, place: Place): Promise<{ readonly newest: readonly Found[]; readonly count: number }> {
  const held: Found[] = [];
  let count = 0;
  for await (const found of entriesFrom(session, place, wanted)) {
    count += 1;
    held.push(found);
    if (held.length > 2 * last) held.splice(0, held.length - last);
  }
  return { newest: last < held.length ? held.slice(-last) : held, count };
}

/** One report, for the formats that are one document. */
async function whole(session: Session, asked: Asked): Promise<Report> {
  const { newest, count } = await gathered(session, asked, beginning());
  const entries: JsonObject[] = [];
  for (const { entry } of newest) entries.push(entryJson(entry, asked.payloads ? await payloadOf(session, entry) : undefined));
  return outcome({
    step: 'audit', verb: 'log', headline: `${newest.length} of ${count} entries`,
    tables: [{ title: 'Entries', columns: ['seq', 'time', 'type', 'actor', 'data'], rows: newest.map(({ entry }) => [String(entry.seq), readable(entry.ts), entry.type, actorOf(session.manifest, entry.actor), summaryOf(entry, 4)]) }],
    data: { found: count, entries },
  });
}

function lastOption(input: VerbInput): number | undefined {
  const last = textOption(input, 'last');
  if (last !== undefined && !/^[1-9]\d{0,6}$/.test(last)) throw new Fault('USAGE', `--last "${last}" is no count`, { hint: '--last 20' });
  return last === undefined ? undefined : Number(last);
}

/** Nothing was found: says whether such a type exists at all, and which begin alike. */
function likeTypes(type: string): string {
  const types = entryTypes();
  if (types.some((one) => one.startsWith(type))) return `no entry of a type that begins with "${type}" is on record`;
  const groups = [...new Set(types.map((one) => one.split('.')[0] ?? ''))];
  const near = type.includes('.') ? nearest(type, types) : nearest(type, groups);
  const alike = types.filter((one) => near !== undefined && one.startsWith(near));
  return `no entry type begins with "${type}"; ${alike.length > 0 ? `did you mean ${alike.join(', ')}?` : `types begin with ${groups.join(', ')}`}`;
}
