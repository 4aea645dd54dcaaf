/** A case of several turns as it was talked through: what the agent asked back, and what it was told. */
import type { Json } from '../domain/json.js';
import type { Conversed } from '../domain/ports.js';
import type { Case } from './dataset.js';

/** A further turn of a case. A type, so that it is JSON. */
export type Turn = {
  /** Whether the agent asked back, so that the turn was said. */
  readonly said: boolean;
  /** What the agent asked back; null where it did not. */
  readonly asked: Json;
  readonly told: Json;
};

/** Every further turn of the case, said or not. */
export function turnsOf({ turns = [] }: Pick<Case, 'turns'>, { askedBack = [] }: Conversed): readonly Turn[] {
  return turns.map((told, index) => ({ said: index < askedBack.length, asked: askedBack[index] ?? null, told }));
}

/** What the agent was asked: the input, or all that was said up to its answer. */
export function questionOf(one: Pick<Case, 'input' | 'turns'>, conversed: Conversed): Json {
  const said = turnsOf(one, conversed).filter((turn) => turn.said);
  return said.length === 0 ? one.input : [{ user: one.input }, ...said.flatMap(({ asked, told }) => [{ agent: asked }, { user: told }])];
}
