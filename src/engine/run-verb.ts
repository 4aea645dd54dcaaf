/** Runs one verb of one step: opens the session, lets the verb work, signs a checkpoint when it wrote. */
import type { Report } from '../domain/report.js';
import type { VerbCard, StepId } from '../domain/step.js';
import type { World } from '../domain/ports.js';
import { signCheckpoint } from './checkpoint.js';
import { keepStatus } from './keep-status.js';
import { refuseMissingLedger } from './missing-ledger.js';
import { checkPublishedCheckpoint } from './published-checkpoint.js';
import { openSession, type Flags, type Session } from './session.js';
import { READ_ONLY, type Verb, type VerbInput } from './verb.js';
import { verbOf } from './verbs.js';

export async function runVerb(world: World, flags: Flags, id: StepId, card: VerbCard, input: VerbInput): Promise<Report> {
  const verb = await verbOf(id, card.name);
  // The card says that the verb is an OutsideVerb: it looks at nothing but the world, and at flags that name a store.
  if (card.outside === true || (card.outside !== undefined && input.options[card.outside] !== undefined)) return verb({ world, flags } as Session, input);
  const mutates = (card.mutates && input.options[READ_ONLY] !== true) || (card.mutatesWith !== undefined && input.options[card.mutatesWith] === true);
  const report = await runInside(world, flags, verb, { card, input, mutates });
  if (mutates) await keepStatus(world, flags);
  return report;
}

async function runInside(world: World, flags: Flags, verb: Verb, { card, input, mutates }: { card: VerbCard; input: VerbInput; mutates: boolean }): Promise<Report> {
  const session = await openSession(world, flags, { mutates, quick: card.shows === true });
  try {
    if (card.manifestOnly !== true) await refuseMissingLedger(session);
    // Found out afterwards, a missing key would leave work done and unsigned.
    if (mutates) {
      await session.keys.open({ role: 'log', name: session.chain });
      await checkPublishedCheckpoint(session);
    }
    const report = await verb(session, input);
    if (mutates) await signCheckpoint(session);
    return report;
  } finally {
    await session.store.close();
  }
}
