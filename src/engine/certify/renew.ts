/** `agentctl certify --as`: run, sign-off and issue in one go, each only as far as it is needed. */
import { SIGN_OFF } from '../../attestation/certificate.js';
import { EXIT } from '../../domain/fault.js';
import { readable } from '../../domain/time.js';
import { missingSignOffs } from '../../steps/09-certify.js';
import { actingOperator } from '../human-act.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';
import { certificateInForce, certificationOf, currentCandidate, freshRun, launchedSteps, signOffsOf } from './cycle.js';
import { run as issue } from './issue.js';
import { run as measure } from './run.js';
import { run as sign } from './sign-off.js';

export const run: Verb = async (session, input) => {
  const { signOff } = certificationOf(session);
  const who = actingOperator(session.manifest, { act: SIGN_OFF, step: 'certify', as: textOption(input, 'as'), roles: signOff.roles });
  await launchedSteps(session);
  const candidate = await currentCandidate(session);
  const current = await certificateInForce(session, candidate);
  if (current) {
    const until = String(current.data['validUntil']);
    return outcome({ step: 'certify', verb: 'renew', headline: `certified until ${readable(until)}: nothing to do yet`, notes: ['to renew earlier: agentctl certify run, then this command again'], data: { certificate: current.data['certificate'] ?? null, validUntil: until } });
  }
  let fresh = await freshRun(session, candidate);
  if (!fresh.ok) {
    session.world.talk.say(fresh.because);
    const measured = await measure(session, { args: [], options: {} });
    if (measured.exit !== EXIT.yes) return measured;
    fresh = await freshRun(await session.refresh(), candidate);
  }
  const before = fresh.ok ? await signOffsOf(session, candidate, fresh.run) : [];
  if (!before.some((one) => one.operator.did === who.did)) {
    const signed = await sign(await session.refresh(), input);
    if (signed.exit !== EXIT.yes) return signed;
    const after = await session.refresh();
    const acts = fresh.ok ? (await signOffsOf(after, candidate, fresh.run)).map((one) => one.act) : [];
    if (missingSignOffs(signOff, acts) !== null) return { ...signed, exit: EXIT.human };
  }
  return issue(await session.refresh(), { args: [], options: {} });
};
