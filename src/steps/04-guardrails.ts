/** Step 4: what the agent may spend, whether that holds technically, and what can be lost before somebody notices. */
import { defineStep, no, notApplicable, unknown, yes, type Answer } from '../domain/step.js';
import { financialAuthority } from '../domain/manifest.js';
import { formatMoney } from '../domain/money.js';
import type { Entry } from '../domain/entry.js';
import { limitsSection, parseLimits, worstLoss, type LimitsSection } from '../enforcement/limits.js';

type Checked = { denied: number; of: number; executed: number; strangers: number };
type Simulated = { actions: number; attempts: number; granted: string; limit: string; exact: boolean };
type Facts = {
  authority: readonly string[];
  checked: Checked | null;
  simulated: Simulated | null;
  loss: { amount: string; because: string };
};

const CHECK = 'agentctl guardrails check';
const SIMULATE = 'agentctl guardrails simulate';

export const guardrails = defineStep<LimitsSection, Facts>({
  number: 4,
  id: 'guardrails',
  title: 'Financial guardrails',
  question: 'Can the agent cause a loss that nobody agreed to?',
  owner: ['finance', 'engineering'],
  ifSkipped: 'unbounded financial loss',
  requires: ['baseline'],
  inputs: ['limits', 'capabilities', 'tools'],
  deliverable: { name: 'limits + escrow set-up + bond staked', file: 'guardrails.json', mediaType: 'application/json' },
  section: { key: 'limits', schema: limitsSection },
  verbs: [
    { name: 'check', summary: 'measure that undeclared, unreadable and excessive calls are denied, and compute the worst loss', mutates: true, needsHuman: false, produces: ['guardrails.checked'] },
    { name: 'simulate', summary: 'decide the recorded actions again; with money, race payments against the limits in a scratch ledger', mutates: true, needsHuman: false, produces: ['guardrails.simulated'] },
  ],
  async gather(spec, io) {
    const checked = await io.evidence.latest('guardrails.checked');
    const simulated = await io.evidence.latest('guardrails.simulated');
    const { amount, because } = worstLoss(parseLimits(spec));
    return {
      authority: financialAuthority(io.manifest),
      checked: checked ? checkedOf(checked) : null,
      simulated: simulated ? simulatedOf(simulated) : null,
      loss: { amount: `${formatMoney(amount)} ${amount.currency}`, because },
    };
  },
  probes: [
    {
      id: 'guardrails.limits', row: '4.1', question: 'Are limits set for one transaction, a day and what always needs a human?', severity: 'must', proof: 'measured', remedy: 'complete the section limits in agent.yaml',
      answer: (_facts, { perTransaction, perDay, currency, alwaysHuman }) =>
        yes(`${perTransaction} ${currency} a transaction, ${perDay} ${currency} in any 24 hours; always a human: ${alwaysHuman.join(', ') || 'no tool'}`),
    },
    {
      id: 'guardrails.escrow-limit', row: '4.1', question: 'Is there an amount above which only escrow pays?', severity: 'should', proof: 'measured', remedy: 'set limits.escrowAbove in agent.yaml',
      answer: ({ authority }, { escrowAbove, currency }) => {
        if (escrowAbove !== undefined) return yes(`above ${escrowAbove} ${currency}; without an escrow such a payment is denied`);
        return authority.length === 0 ? notApplicable(NO_AUTHORITY) : no('limits.escrowAbove is not set', 'agent.yaml: limits');
      },
    },
    {
      id: 'guardrails.enforced', row: '4.2', question: 'Are undeclared calls, and amounts over a limit, denied by the decision function?', severity: 'must', proof: 'measured', remedy: CHECK,
      answer: ({ checked, authority }) => enforced(checked, authority.length > 0),
    },
    {
      id: 'guardrails.exact', row: '4.2', question: 'Is exactly the limit granted when many payments come at once?', severity: 'must', proof: 'measured', remedy: SIMULATE,
      answer: ({ simulated, authority }) => exact(simulated, authority.length > 0),
    },
    {
      id: 'guardrails.network', row: '4.2', question: 'Is agentctl the only way from the agent process to the outside?', severity: 'should', proof: 'measured', remedy: 'run the agent in a container or under a user without network access',
      answer: () => unknown('not restricted: the agent is another process of the same user, and what it does by itself does not pass agentctl'),
    },
    {
      id: 'guardrails.escrow', row: '4.3', question: 'Is outcome-based payment held in escrow until the evaluation is passed?', severity: 'must', proof: 'measured', remedy: 'a later release sets up the escrow',
      answer: ({ authority }) => later(authority, 'an escrow'),
    },
    {
      id: 'guardrails.bond', row: '4.4', question: 'Is a bond staked, sized by the largest single transaction?', severity: 'must', proof: 'measured', remedy: 'a later release stakes the bond',
      answer: ({ authority }) => later(authority, 'a bond'),
    },
    {
      id: 'guardrails.worst-loss', row: '4.5', question: 'Is the worst loss until detection computed?', severity: 'must', proof: 'measured', remedy: 'set limits.detectionDelay in agent.yaml',
      answer: ({ loss }, { detectionDelay }) => yes(`at most ${loss.amount} through agentctl within ${detectionDelay}: ${loss.because}`),
    },
  ],
  deliver: ({ authority, loss }, spec) => ({ limits: spec, financialAuthority: authority, worstLoss: loss.amount }),
});

const NO_AUTHORITY = 'no financial authority: the manifest declares no amount path and no payment permission';

function checkedOf({ data }: Entry): Checked {
  const sum = (...keys: readonly string[]) => keys.reduce((total, key) => total + Number(data[key]), 0);
  return {
    denied: sum('deniedUndeclared', 'deniedAmounts', 'deniedSuspended'), of: sum('ofUndeclared', 'ofAmounts', 'ofSuspended'),
    executed: Number(data['executed']), strangers: Number(data['executedUndeclared']),
  };
}

function simulatedOf({ data }: Entry): Simulated {
  const currency = String(data['currency']);
  const money = (key: string) => (typeof data[key] === 'string' ? `${formatMoney({ minor: BigInt(data[key]), currency })} ${currency}` : '');
  return { actions: Number(data['actions']), attempts: Number(data['attempts']), granted: money('granted'), limit: money('limit'), exact: data['granted'] !== null && data['granted'] === data['limit'] };
}

function enforced(checked: Checked | null, money: boolean): Answer {
  if (checked === null) return unknown('guardrails check has not run');
  const { denied, of, executed, strangers } = checked;
  if (strangers > 0) return no(`${strangers} of ${executed} executed calls used an undeclared tool`);
  if (denied < of || of === 0) return no(`${denied} of ${of} calls were denied that had to be`);
  return yes(`${denied} of ${of} calls denied that had to be; ${executed} executed calls, all declared${money ? '' : '; no money path through agentctl'}`);
}

function exact(simulated: Simulated | null, money: boolean): Answer {
  if (simulated === null) return unknown('guardrails simulate has not run');
  if (!money) return notApplicable(`${NO_AUTHORITY}; ${simulated.actions} actions were decided again and none reserved money`);
  if (simulated.attempts === 0) return unknown('the limits were not raced yet');
  return simulated.exact ? yes(`${simulated.granted} granted of ${simulated.limit} in ${simulated.attempts} payments at once`) : no(`${simulated.granted} granted under a limit of ${simulated.limit}`);
}

function later(authority: readonly string[], what: string): Answer {
  return authority.length === 0 ? notApplicable(NO_AUTHORITY) : unknown(`${what} cannot be checked yet, and the agent has financial authority (${authority[0] ?? ''})`);
}
