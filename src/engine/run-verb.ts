/** Runs one verb of one step: opens the session, lets the verb work, signs a checkpoint when it wrote. */
import { Fault } from '../domain/fault.js';
import type { Report } from '../domain/report.js';
import type { VerbCard, StepId } from '../domain/step.js';
import type { World } from '../domain/ports.js';
import { signCheckpoint } from './checkpoint.js';
import { openSession, type Flags, type Session } from './session.js';
import { loadVerb } from './verbs.js';

/** What was typed after the verb. */
export interface VerbInput {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** A verb does the work and appends evidence; it never judges. */
export type Verb = (session: Session, input: VerbInput) => Promise<Report>;
/** A verb that needs neither agent.yaml nor store (`outside` on its card). */
export type OutsideVerb = (surroundings: Pick<Session, 'world'>, input: VerbInput) => Promise<Report>;

export async function runVerb(world: World, flags: Flags, id: StepId, card: VerbCard, input: VerbInput): Promise<Report> {
  const verb = await loadVerb(id, card.name);
  // The card says that the verb is an OutsideVerb: it looks at nothing but the world.
  if (card.outside === true) return verb({ world } as Session, input);
  const session = await openSession(world, flags, { mutates: card.mutates });
  try {
    const report = await verb(session, input);
    if (card.mutates) await signCheckpoint(session);
    return report;
  } finally {
    await session.store.close();
  }
}

/** A text option, or undefined when it was not given. */
export function textOption(input: VerbInput, name: string): string | undefined {
  const value = input.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** @throws {Fault} USAGE naming the option */
export function requiredOption(input: VerbInput, name: string, hint: string): string {
  const value = textOption(input, name);
  if (value !== undefined) return value;
  throw new Fault('USAGE', `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is missing`, { hint });
}

export function listOption(input: VerbInput, name: string): readonly string[] {
  const value = input.options[name];
  return Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];
}
