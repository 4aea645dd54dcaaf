/** One mail to one answer: the probability of spam, then what the policy says to do with it. */
import { SIGNALS, signalsOf } from './signals.js';

/**
 * @param {{model: object, calibration: {intercept: number, weights: Record<string, number>}, policy: {askBelow: {deliver: number, quarantine: number}}}} parts
 * @param {{message?: string, subject: string, body: string}} mail
 */
export function triage({ model, calibration, policy }, mail) {
  const spam = probabilityOfSpam(calibration, signalsOf(model, mail));
  const guess = spam >= 0.5 ? 'quarantine' : 'deliver';
  const confidence = Math.max(spam, 1 - spam);
  const doubt = confidence < policy.askBelow[guess];
  return {
    output: { decision: doubt ? 'ask-human' : guess },
    confidence: confidence.toFixed(6),
    doubt,
    reason: reasonFor(policy, guess, confidence, doubt),
    // In doubt, the call is the best guess: what the human is asked to approve.
    toolCalls: mail.message === undefined ? [] : [{ tool: policy.tools[guess], arguments: { message: mail.message } }],
  };
}

export function probabilityOfSpam({ intercept, weights }, signals) {
  const logit = SIGNALS.reduce((sum, name, i) => sum + weights[name] * signals[i], intercept);
  return 1 / (1 + Math.exp(-logit));
}

/** No word of the mail: a reason is logged, and a mail is private. */
function reasonFor(policy, guess, confidence, doubt) {
  const percent = Math.floor(100 * confidence);
  return policy.reasons[doubt ? 'ask' : guess].replaceAll('{guess}', guess).replaceAll('{percent}', String(percent)).replaceAll('{least}', String(100 * policy.askBelow[guess]));
}
