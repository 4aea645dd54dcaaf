/** Every scorer passes its own good example and fails its bad one: whatever always says yes is caught here. */
import { createHash } from 'node:crypto';
import { writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SCORERS, verificationOf } from '../../../src/evaluation/scorers/index.js';
import { complaintsAboutScorer } from '../../../src/evaluation/scorers/lint.js';
import { SCORER_KINDS, type ScorerKind, type ScorerSpec } from '../../../src/evaluation/scorers/spec.js';
import type { ScorerExample } from '../../../src/evaluation/scorers/scorer.js';
import { scorerOf } from '../../../src/evaluation/flow/scorers.js';
import { answerOf, caseOf, FIXTURES, ports } from './ports.js';

const folder = mkdtempSync(join(tmpdir(), 'agentctl-scorers-'));
const labelled = Array.from({ length: 24 }, (_zero, index) => JSON.stringify({ id: `h${index}`, output: { text: index % 2 === 0 ? 'please' : 'fool' }, label: index % 2 === 0 ? 'yes' : 'no' })).join('\n');
writeFileSync(join(folder, 'labelled.jsonl'), `${labelled}\n`);
const digest = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const MODULE = 'export default ({ case: one, answer }) => ({ output: { pass: answer.output.length === one.expected.length } });\n';
writeFileSync(join(folder, 'length.mjs'), MODULE);
const calibration = { file: 'labelled.jsonl', sha256: digest(`${labelled}\n`) };
const target = { kind: 'jsonl', command: [process.execPath, join(FIXTURES, 'judges/judge.mjs'), 'polite'] } as const;
const length = [process.execPath, join(FIXTURES, 'scorers/length.mjs')];

/** What the example of a card cannot know: where the judge or the program is. */
const MORE: Partial<Record<ScorerKind, Partial<ScorerSpec>>> = {
  judge: { judge: { id: 'words', target }, calibration },
  jury: { judges: ['a', 'b', 'c'].map((id) => ({ id, target })), calibration },
  command: { command: length },
  module: { file: 'length.mjs', sha256: digest(MODULE) },
};
async function verdict(kind: ScorerKind, { expected, answer }: ScorerExample): Promise<string> {
  const scorer = scorerOf({ id: 'example', kind, ...SCORERS[kind].card.examples.spec, ...MORE[kind] }, ports(folder));
  try {
    return (await scorer.score(caseOf(expected), answerOf(answer))).is;
  } finally {
    await scorer.close?.();
  }
}

test('3.1 there is a card for every kind, and it says what the scorer cannot see', () => {
  expect(Object.keys(SCORERS).sort()).toEqual([...SCORER_KINDS].sort());
  for (const { card } of Object.values(SCORERS)) {
    expect(card.decides.length).toBeGreaterThan(20);
    expect(card.blind.length).toBeGreaterThan(20);
    expect(card.needs.length).toBeGreaterThan(0);
  }
});

describe.each(SCORER_KINDS)('3.1 %s', (kind) => {
  const { examples } = SCORERS[kind].card;
  test('passes its good example', async () => {
    expect(await verdict(kind, examples.passes)).toBe('pass');
  });
  test('fails its bad example', async () => {
    expect(await verdict(kind, examples.fails)).toBe('fail');
  });
  test('has no complaint about its own example', () => {
    expect(complaintsAboutScorer({ id: 'example', kind, ...examples.spec, ...MORE[kind] })).toEqual([]);
  });
});

test('3.1 sabotage: a judge that always says yes fails the self-check', async () => {
  const always = { id: 'yes', target: { ...target, command: [...target.command.slice(0, 2), 'yes'] } };
  const scorer = scorerOf({ id: 'example', kind: 'judge', ...SCORERS.judge.card.examples.spec, judge: always, calibration }, ports(folder));
  const { passes, fails } = SCORERS.judge.card.examples;
  const seen = await Promise.all([passes, fails].map(async ({ expected, answer }) => (await scorer.score(caseOf(expected), answerOf(answer))).is));
  await scorer.close?.();
  expect(seen).toEqual(['unscored', 'unscored']);
});

test.each([[{ kind: 'refusal', labels: ['no'] }, 'deterministic'], [{ kind: 'refusal', phrases: ['no'] }, 'heuristic'], [{ kind: 'exact' }, 'deterministic'], [{ kind: 'jury' }, 'judge'], [{ kind: 'command' }, 'heuristic']] as const)('3.1 %j is %s', (spec, verification) => {
  expect(verificationOf(spec)).toBe(verification);
});
