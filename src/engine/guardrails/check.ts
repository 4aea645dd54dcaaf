/** `guardrails check`: what the limits are worth, measured at the decision function; and the worst loss until somebody notices. */
import { decide } from '../../enforcement/decision.js';
import type { Decide } from '../../enforcement/exercise.js';
import { worstLoss } from '../../enforcement/limits.js';
import { financialAuthority } from '../../domain/manifest.js';
import { EXIT } from '../../domain/fault.js';
import { formatMoney } from '../../domain/money.js';
import type { JsonObject } from '../../domain/json.js';
import { requirePolicy } from '../gateway.js';
import { outcome } from '../outcome.js';
import { artifactOf, recordEvidence, type Session } from '../session.js';
import type { Verb } from '../verb.js';
import { tryDenials, type Denied } from './denials.js';

/** The decision function is handed in, so that a broken one can be shown to fail. */
export const checkWith = (decideWith: Decide): Verb => async (session) => {
  const { manifest, world } = session;
  const policy = requirePolicy(session);
  const authority = financialAuthority(manifest);
  const executed = await executedTools(session);
  const strangers = executed.filter((name) => !policy.tools.has(name));
  const denials = tryDenials(policy, { now: world.clock.now(), random: world.random }, decideWith);
  const loss = worstLoss(policy.limits);
  const { currency, detectionDelay } = policy.limits;
  const measured: JsonObject = {
    financialAuthority: authority,
    executed: executed.length, executedUndeclared: strangers.length,
    deniedUndeclared: denials.undeclared.denied, ofUndeclared: denials.undeclared.of,
    deniedAmounts: denials.amounts.denied, ofAmounts: denials.amounts.of,
    deniedSuspended: denials.suspended.denied, ofSuspended: denials.suspended.of,
    worstLoss: formatMoney(loss.amount), currency, detectionDelay, policy: policy.digest, network: 'not restricted',
  };
  const facts = [
    { label: 'financial authority', value: authority.join('; ') || 'none: no amount path, no payment permission' },
    { label: 'executed calls', value: `${executed.length} by this build, ${strangers.length} of them undeclared` },
    { label: 'undeclared calls', value: told(denials.undeclared) },
    ...(denials.amounts.of === 0 ? [] : [{ label: 'bad amounts', value: told(denials.amounts) }]),
    { label: 'while suspended', value: told(denials.suspended) },
    { label: 'worst loss', value: `${formatMoney(loss.amount)} ${currency} until detection (${detectionDelay}): ${loss.because}` },
    { label: 'network', value: 'not restricted: what the agent process does by itself does not pass agentctl' },
  ];
  if (denials.escaped !== null || strangers.length > 0) {
    const what = strangers[0] === undefined ? `not denied: ${denials.escaped}` : `executed though undeclared: ${strangers.join(', ')}`;
    return outcome({ step: 'guardrails', verb: 'check', headline: `the limits do not hold: ${what}`, facts, data: measured }, EXIT.no);
  }
  const document = artifactOf('guardrails.json', { v: 1, limits: session.manifest['limits'] ?? null, capabilities: manifest.capabilities, measured });
  await recordEvidence(session, 'guardrails', { type: 'guardrails.checked', data: { ...measured, deliverable: document.digest } }, { artifacts: [document] });
  return outcome({
    step: 'guardrails', verb: 'check',
    headline: authority.length === 0 ? 'no money path through agentctl; every undeclared call was denied' : 'every undeclared, unreadable or excessive call was denied',
    facts, next: 'agentctl guardrails simulate', data: measured,
  });
};

export const run: Verb = checkWith(decide);

/** Tools of the calls that this build started; the tools are part of the build, so they can be held against its declaration. */
async function executedTools({ store, chain, build }: Session): Promise<readonly string[]> {
  const intents = await store.readEvidence(chain, 'action.intent');
  return intents.filter((entry) => entry.agent.build === build.digest).map((entry) => String(entry.data['tool']));
}

function told({ denied, of }: Denied): string {
  return `${denied} of ${of} denied`;
}
