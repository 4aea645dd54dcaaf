/** What a verb is: a use case on one agent's session, with what was typed after it. */
import { Fault } from '../domain/fault.js';
import type { Report } from '../domain/report.js';
import type { Session } from './session.js';

/** What was typed after the verb. */
export interface VerbInput {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** A verb does the work and appends evidence; it never judges. */
export type Verb = (session: Session, input: VerbInput) => Promise<Report>;
/** A verb that needs neither agent.yaml nor store (`outside` on its card). */
export type OutsideVerb = (surroundings: Pick<Session, 'world'>, input: VerbInput) => Promise<Report>;

/** Option of a verb that can do its work without writing: on a backup, or where the log key is not. */
export const READ_ONLY = 'readOnly';

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
