/** `escalation list`: what waits for a human, how long already, and until when. */
import { statusAt } from '../../enforcement/approvals.js';
import type { JsonObject } from '../../domain/json.js';
import { readable } from '../../domain/time.js';
import { visible } from '../../domain/visible.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { gateTime } from '../status.js';
import { askedOf, between, openRequests, shown } from './requests.js';

export const run: Verb = async (session) => {
  const now = await gateTime(session);
  const open = await openRequests(session, now);
  const rows: string[][] = [];
  const data: JsonObject[] = [];
  for (const request of open) {
    const { id, tool, rule, requestedAt, expiresAt, roles, quorum, grants, capability, action } = request;
    const asked = await askedOf(session, request);
    const status = statusAt(request, now);
    const votes = status === 'granted' ? 'granted, not carried out' : `${grants.length} of ${quorum}`;
    rows.push([id, visible(tool), rule, between(now, expiresAt), votes, shown(asked?.arguments)]);
    data.push({ id, status, tool, capability, rule, action, requestedAt, expiresAt, roles: [...roles], quorum, votes: grants.length, arguments: asked?.arguments ?? null, because: asked?.payload['because'] ?? null });
  }
  const [first] = open;
  const voters = [...new Set(open.map(({ roles }) => roles.join(' or ')))];
  return outcome({
    step: 'escalation', verb: 'list',
    headline: open.length === 0 ? 'nothing waits for a human' : `${open.length} ${open.length === 1 ? 'action waits' : 'actions wait'} for a human`,
    facts: first ? [{ label: 'waiting since', value: readable(first.requestedAt) }, { label: 'who may decide', value: voters.join('; ') }] : [],
    tables: [{ title: '', columns: ['id', 'tool', 'rule', 'time left', 'votes', 'arguments'], rows }],
    next: first ? `agentctl escalation approve ${first.id} --as <operator>` : null,
    data: { open: data },
  });
};
