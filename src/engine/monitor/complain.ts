/** `monitor complain`: somebody was not content with an answer. From now on its request is looked at whatever its hash, and chance no longer counts it. */
import { counted } from '../../domain/counted.js';
import type { EntryDraft } from '../../domain/entry.js';
import { EXIT, Fault } from '../../domain/fault.js';
import { visible } from '../../domain/visible.js';
import { appendOnce, type Keyed } from '../append-once.js';
import { outcome } from '../outcome.js';
import type { Session } from '../session.js';
import { textOption, type Verb, type VerbInput } from '../verb.js';
import { complaintOf, readComplaints, type Complaint } from './complaint-file.js';
import { requestsOnRecord } from './requests.js';

/** Unknown requests that are shown. */
const SHOWN = 20;
const TRACE = /^[0-9a-f]{32}(\/[0-9a-f]{16})?$/i;

export const run: Verb = async (session, input) => {
  const given = await complaintsIn(session, input);
  const nameOf = await namesOnRecord(session);
  const drafts = new Map<string, Keyed>();
  const unknown: Complaint[] = [];
  for (const one of given) {
    const key = nameOf(one.request);
    if (key === undefined) unknown.push(one);
    else if (!drafts.has(key)) drafts.set(key, { key, draft: draftOf(session, key, one) });
  }
  if (given.length === 1 && unknown[0]) throw unknownRequest(unknown[0]);
  const { recorded, known } = await appendOnce(session, 'complaints', [...drafts.values()]);
  const twice = given.length - unknown.length - drafts.size;
  return outcome({
    step: 'monitor', verb: 'complain',
    headline: recorded === 0 && known.length === 1 && known[0] ? `on record already, as entry ${known[0].seq}` : `${counted(recorded, 'complaint')} recorded`,
    facts: [
      { label: 'on record already', value: String(known.length) },
      ...(twice === 0 ? [] : [{ label: 'named twice', value: String(twice) }]),
      ...(unknown.length === 0 ? [] : [{ label: 'unknown requests', value: String(unknown.length) }]),
    ],
    ...(unknown.length === 0 ? {} : { tables: [{ title: 'Requests that are not on record', columns: ['request', 'where'], rows: unknown.slice(0, SHOWN).map(({ request, at }) => [request, at]) }] }),
    notes: ['A request counts once, however many complain about it; the first reason is kept, as a payload that can be erased. A complaint is no verdict: it makes sure that somebody looks.'],
    next: unknown.length > 0 ? 'agentctl audit ingest <file>' : 'agentctl monitor run',
    data: { recorded, known: known.length, twice, unknown: unknown.slice(0, SHOWN).map(({ request, at }) => ({ request, at })), unknowns: unknown.length },
  }, unknown.length === 0 ? EXIT.yes : EXIT.indeterminate);
};

/** @throws {Fault} USAGE unless one request or one file is named; INPUT_INVALID */
async function complaintsIn({ world }: Session, input: VerbInput): Promise<readonly Complaint[]> {
  const [request] = input.args;
  const [reason, from] = [textOption(input, 'reason'), textOption(input, 'from')];
  if ((request === undefined) === (from === undefined)) throw new Fault('USAGE', 'name the request that was complained about, or a file of complaints', { hint: 'agentctl monitor complain --from complaints.csv' });
  if (from === undefined) return [complaintOf(request, reason, 'request')];
  if (reason !== undefined) throw new Fault('USAGE', 'reasons stand in the file, beside their requests', { at: '--reason', hint: 'leave it out' });
  return readComplaints(world, from);
}

/** What a request is called on record: exactly so; ids of traces in lower case, as telemetry has them. */
async function namesOnRecord(session: Session): Promise<(given: string) => string | undefined> {
  const { actions, turns } = await requestsOnRecord(session);
  const names = new Set([...actions, ...turns].flatMap(({ id, trace }) => (trace === undefined ? [id] : [id, trace])));
  return (given) => [given, ...(TRACE.test(given) ? [given.toLowerCase()] : [])].find((name) => names.has(name));
}

function draftOf({ agent }: Session, request: string, { reason }: Complaint): EntryDraft {
  return { type: 'complaint.received', agent, actor: 'agentctl', data: { request }, ...(reason === undefined ? {} : { payload: { reason } }) };
}

function unknownRequest({ request, at }: Complaint): Fault {
  return new Fault('EVIDENCE_MISSING', `no request "${visible(request)}" of the production traffic is on record`, { at, hint: 'agentctl audit log --type action.' });
}
