/** What is kept and judged of a case of several turns. */
import { expect, test } from '@jest/globals';
import type { Json } from '../../src/domain/json.js';
import type { TargetReply } from '../../src/domain/ports.js';
import { questionOf, turnsOf } from '../../src/evaluation/conversation.js';
import { transcriptLine, type Transcript } from '../../src/evaluation/transcript.js';
import { caseOf } from './scorers/ports.js';

const said = (asked: Json, told: Json) => ({ said: true, asked, told });
const unsaid = (told: Json) => ({ said: false, asked: null, told });

test.each<[string, readonly Json[], readonly Json[] | undefined, readonly object[], Json]>([
  ['every turn asked for', ['two', 'noon'], ['many?', { when: true }], [said('many?', 'two'), said({ when: true }, 'noon')], [{ user: 'a question' }, { agent: 'many?' }, { user: 'two' }, { agent: { when: true } }, { user: 'noon' }]],
  ['one never asked for', ['two', 'noon'], ['many?'], [said('many?', 'two'), unsaid('noon')], [{ user: 'a question' }, { agent: 'many?' }, { user: 'two' }]],
  ['none asked for', ['two'], undefined, [unsaid('two')], 'a question'],
])('3.1 %s', (_name, turns, askedBack, expected, question) => {
  const one = caseOf({}, { turns });
  expect(turnsOf(one, askedBack === undefined ? {} : { askedBack })).toEqual(expected);
  expect(questionOf(one, askedBack === undefined ? {} : { askedBack })).toEqual(question);
});

const kept = (turns: readonly Json[] | undefined, reply: TargetReply) => JSON.parse(transcriptLine({ one: caseOf({}, turns === undefined ? {} : { turns }), repeat: 0, request: { id: 'r', input: 'a question' }, alone: false }, reply)) as Transcript;
const failed: TargetReply = { outcome: 'failure', cause: 'input-required', message: 'asks back', askedBack: ['many?'], milliseconds: 1 };

test('3.3 a transcript shows every turn, also of a failure; a case without turns shows none', () => {
  expect(kept(['two', 'noon'], failed).turns).toEqual([said('many?', 'two'), unsaid('noon')]);
  expect(kept(undefined, failed)).not.toHaveProperty('turns');
});

test('3.3 long turns are cut', () => {
  const { turns = [] } = kept(Array(100).fill('x'.repeat(2000)), { ...failed, askedBack: ['y'.repeat(2000)] });
  expect(turns).toHaveLength(100);
  expect(turns[0]).toEqual(said(`${'y'.repeat(512)}…`, `${'x'.repeat(512)}…`));
});
