/** Collects the answers of `init`: from a file, from the terminal, or by default; what nobody answers is named, all at once. */
import { conforms } from '../../domain/conforms.js';
import { Fault, type Mistake } from '../../domain/fault.js';
import { isObject, type Json } from '../../domain/json.js';
import type { World } from '../../domain/ports.js';
import { mistakesOf } from '../schema-mistakes.js';
import { ANSWERS_SCHEMA, KEYS, QUESTIONS, type AnswerKey, type Answers } from './questions.js';

/**
 * Reads an answers file.
 * @param name the path as the user typed it
 * @throws {Fault} INPUT_INVALID with every mistake in `details`
 */
export async function readAnswers(world: Pick<World, 'files' | 'yaml' | 'schemas'>, path: string, name: string): Promise<Partial<Answers>> {
  const document = await world.yaml.parse(await world.files.readText(path), name);
  if (document.mistakes.length > 0) throw invalid(name, document.mistakes);
  const value = document.value ?? {};
  if (!isObject(value)) throw invalid(name, [{ at: `${name}:1:1`, message: 'an answers file is a mapping of answers', hint: QUESTIONS.name.example }]);
  const at = (pointer: string, what: 'key' | 'value' = 'value') => `${name}:${document.place(pointer, what)}`;
  const clash = clashOf(value as Partial<Answers>);
  const mistakes = [
    ...mistakesOf(await world.schemas.check(ANSWERS_SCHEMA, value), ANSWERS_SCHEMA, value, at, 'the answers'),
    ...(clash === undefined ? [] : [{ at: at('/stakes'), ...clash }]),
  ];
  if (mistakes.length > 0) throw invalid(name, mistakes);
  return value as Partial<Answers>;
}

function invalid(name: string, details: readonly Mistake[]): Fault {
  const count = details.length === 1 ? 'one mistake' : `${details.length} mistakes`;
  return new Fault('INPUT_INVALID', `${name} has ${count}`, { at: details[0]?.at ?? name, hint: `keys of an answers file: ${KEYS.join(', ')}`, details });
}

/** Row X2: money and low stakes exclude each other. */
export function clashOf({ stakes, money }: Partial<Answers>): { message: string; hint: string } | undefined {
  return stakes === 'low' && money === true ? { message: 'stakes "low" is refused for an agent that can move money', hint: 'answer stakes: standard or high' } : undefined;
}

export interface Collected {
  readonly answers: Answers;
  /** Keys that nobody answered and a default stands for. */
  readonly assumed: readonly AnswerKey[];
}

/**
 * Asks in a terminal, never elsewhere.
 * @param given answers that are settled
 * @param defaults what was found or is usual: offered in a terminal, taken under --yes
 * @throws {Fault} ANSWER_MISSING naming all missing keys, INTERRUPTED
 */
export async function collectAnswers(world: Pick<World, 'prompt' | 'talk'>, given: Partial<Answers>, defaults: Partial<Answers>, yes: boolean): Promise<Collected> {
  const answers: Partial<Record<AnswerKey, Json>> = { ...given };
  const assumed: AnswerKey[] = [];
  for (const key of KEYS) {
    if (answers[key] !== undefined) continue;
    if (yes && defaults[key] !== undefined) {
      answers[key] = defaults[key];
      assumed.push(key);
    } else if (!yes && world.talk.interactive) {
      answers[key] = await ask(world, key, defaults, answers as Partial<Answers>);
    }
  }
  const missing = KEYS.filter((key) => answers[key] === undefined);
  if (missing.length > 0) throw missingAnswers(missing, yes);
  // Every key of Answers is there, and each was checked against its schema.
  const complete = answers as unknown as Answers;
  const clash = clashOf(complete);
  if (clash) throw new Fault('INPUT_INVALID', clash.message, { at: 'stakes', hint: clash.hint });
  return { answers: complete, assumed };
}

async function ask({ prompt, talk }: Pick<World, 'prompt' | 'talk'>, key: AnswerKey, defaults: Partial<Answers>, answers: Partial<Answers>): Promise<Json> {
  const { kind, message, why, choices, schema, form } = QUESTIONS[key];
  const preset = key === 'operatorName' ? defaults.operatorName ?? answers.operator : defaults[key];
  const fitting = key === 'stakes' && answers.money === true ? choices?.filter((choice) => choice.value !== 'low') : choices;
  const wrong = (value: Json) => (conforms(schema, value) === null ? undefined : `please: ${form}`);
  for (;;) {
    const given = await prompt.ask({
      name: key, kind, message, why,
      ...(preset === undefined ? {} : { default: preset }),
      ...(fitting === undefined ? {} : { choices: fitting }),
      ...(kind === 'input' ? { check: (answer: string) => wrong(answer.trim()) ?? true } : {}),
    });
    const value: Json = typeof given === 'string' ? given.trim() : given;
    const problem = wrong(value);
    if (problem === undefined) return value;
    talk.say(problem);
  }
}

function missingAnswers(missing: readonly AnswerKey[], yes: boolean): Fault {
  const details = missing.map((key) => ({ at: key, message: `${QUESTIONS[key].message} ${QUESTIONS[key].why}`, hint: QUESTIONS[key].example }));
  const count = missing.length === 1 ? 'one answer is' : `${missing.length} answers are`;
  const more = yes ? '' : ', or add --yes for what can be detected';
  return new Fault('ANSWER_MISSING', `${count} missing: ${missing.join(', ')}`, { at: missing[0] ?? 'answers', hint: `write them into a file, one "key: value" a line, and pass --answers FILE${more}`, details });
}
