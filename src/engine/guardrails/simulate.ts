/** `guardrails simulate`: what the policy would decide, and for an agent with money whether the limits hold exactly under a race. The real budget is untouched. */
import { EXIT } from '../../domain/fault.js';
import { financialAuthority } from '../../domain/manifest.js';
import { formatMoney, type Money } from '../../domain/money.js';
import type { JsonObject } from '../../domain/json.js';
import type { Table } from '../../domain/report.js';
import { requirePolicy } from '../gateway.js';
import { outcome } from '../outcome.js';
import { recordEvidence } from '../session.js';
import type { Verb } from '../verb.js';
import { race, type Race } from './race.js';
import { replay, type Replay } from './replay.js';

export const run: Verb = async (session) => {
  const policy = requirePolicy(session);
  const { currency } = policy.limits;
  const money = financialAuthority(session.manifest).length > 0;
  const replayed = await replay(session, policy);
  const raced = money ? await race(session, policy.limits) : null;
  const measured: JsonObject = {
    money, replayed: replayed.of, actions: replayed.actions, permitted: replayed.permit, escalated: replayed.escalate, denied: replayed.deny,
    attempts: raced?.attempts ?? 0, granted: raced === null ? null : String(raced.granted), limit: raced === null ? null : String(raced.limit),
    connections: raced?.connections ?? 0, currency, policy: policy.digest,
  };
  const problem = problemOf(replayed, raced, money, currency);
  const report = {
    step: 'guardrails', verb: 'simulate', data: measured, tables: [distribution(replayed)],
    facts: [
      { label: 'actions', value: `${replayed.actions} ${replayed.of === 'recorded' ? 'recorded ones, decided again' : 'synthetic ones, since none is recorded yet'}; nothing was executed` },
      ...(raced === null ? [{ label: 'money', value: 'no money path through agentctl: no decision reserved anything' }] : raceFacts(raced, currency)),
    ],
  } as const;
  if (problem !== null) return outcome({ ...report, headline: problem }, EXIT.no);
  await recordEvidence(session, 'guardrails', { type: 'guardrails.simulated', data: measured });
  const shares = `${replayed.permit} permitted, ${replayed.escalate} left to a human, ${replayed.deny} denied`;
  return outcome({ ...report, headline: raced === null ? `no money path through agentctl; ${shares}` : `granted exactly the limit under a race; ${shares}`, next: 'agentctl apply' });
};

function problemOf(replayed: Replay, raced: Race | null, money: boolean, currency: string): string | null {
  if (!money && replayed.reserving > 0) return `${replayed.reserving} actions reserve money, though the manifest declares none`;
  if (raced === null) return null;
  if (raced.leaks[0] !== undefined) return `a payment was let through: ${raced.leaks[0]}`;
  return raced.granted === raced.limit ? null : `granted ${text(raced.granted, currency)} ${currency} under a limit of ${text(raced.limit, currency)}`;
}

function raceFacts(raced: Race, currency: string): readonly { label: string; value: string }[] {
  return [
    { label: 'race', value: `${raced.attempts} synthetic payments over ${raced.connections} connections to a scratch ledger` },
    { label: 'granted', value: `${text(raced.granted, currency)} of ${text(raced.limit, currency)} ${currency}` },
    { label: 'real budget', value: 'untouched' },
  ];
}

function text(minor: bigint, currency: Money['currency']): string {
  return formatMoney({ minor, currency });
}

function distribution({ rules, actions }: Replay): Table {
  return { title: 'decisions', columns: ['rule', 'actions', 'share'], rows: rules.map(([rule, count]) => [rule, String(count), `${((100 * count) / Math.max(1, actions)).toFixed(0)} %`]) };
}
