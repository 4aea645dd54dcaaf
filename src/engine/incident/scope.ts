/** `incident scope`: counts what the incident touched, and puts the figure on record. */
import { Fault } from '../../domain/fault.js';
import { readable } from '../../domain/time.js';
import type { Entry } from '../../domain/entry.js';
import { short } from '../../domain/digest.js';
import { record, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import { instantFrom } from '../time-option.js';
import { textOption, type Verb, type VerbInput } from '../verb.js';
import { scopeOf, type Range } from './count.js';
import { openIncident, type Incident } from './incidents.js';

export const run: Verb = async (session, input) => {
  const incident = await openIncident(session, input.args[0]);
  const range = await rangeOf(session, incident, input);
  const scope = await scopeOf(session, range);
  const { since, build, affected, executed, first, last } = scope;
  await record(session, { type: 'incident.scoped', data: { incident: incident.id, since, build, affected, executed, first: first?.seq ?? null, last: last?.seq ?? null } });
  return outcome({
    step: 'incident', verb: 'scope', headline: `${incident.id} touched ${affected} actions, ${executed} of them executed`,
    facts: [
      { label: 'looked at', value: `${build === null ? 'any build' : `build ${short(build)}`}, ${since === null ? 'from the beginning' : `since ${readable(since)}`}; drills left out` },
      { label: 'first', value: place(first) },
      { label: 'last', value: place(last) },
    ],
    tables: [{ title: 'Actions', columns: ['tool', 'decision', 'outcome', 'count'], rows: scope.counts.map((one) => [one.tool, one.decision, one.outcome, String(one.count)]) }],
    next: `agentctl incident notify ${incident.id}`,
    data: { incident: incident.id, since, build, affected, executed, first: first?.seq ?? null, last: last?.seq ?? null, counts: scope.counts.map((one) => ({ ...one })) },
  });
};

/** What was asked for; otherwise the build that the incident was opened about. */
async function rangeOf(session: Session, { opened }: Incident, input: VerbInput): Promise<Range> {
  const [since, build] = [textOption(input, 'since'), textOption(input, 'build')];
  if (since === undefined && build === undefined) return { since: null, build: opened.agent.build };
  return { since: since === undefined ? null : instantFrom(since, '--since'), build: build === undefined ? null : await buildNamed(session, build) };
}

/** A build digest or its beginning, among the builds that have acted. */
async function buildNamed({ store, chain }: Session, text: string): Promise<string> {
  const builds = [...new Set((await store.readEvidence(chain, 'action.recorded')).map((entry) => entry.agent.build).filter((one) => one !== null))];
  const found = builds.filter((one) => one.startsWith(text) || one.startsWith(`sha256:${text}`));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new Fault('USAGE', `--build "${text}" is ${found.length === 0 ? 'no build that has acted' : `the beginning of ${found.length} builds`}`, { at: '--build', hint: `builds on record: ${builds.map(short).join(', ') || 'none'}` });
}

function place(entry: Entry | undefined): string {
  return entry === undefined ? 'none' : `entry #${entry.seq}, ${readable(entry.ts)}, ${String(entry.data['tool'])}`;
}
