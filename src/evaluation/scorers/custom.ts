/** module and command: a scorer of one's own, run as a process or thread of its own. flow/ asks it. */
import type { ScorerCard, ScorerDefinition } from './scorer.js';

const examples: ScorerCard['examples'] = {
  spec: {},
  passes: { expected: { length: 3 }, answer: { output: 'abc' } },
  fails: { expected: { length: 3 }, answer: { output: 'abcd' } },
};

export const module: ScorerDefinition = {
  card: {
    decides: 'what the project\'s own module says: its default export is asked with { case, answer } and gives { pass, score?, because? }',
    needs: ['output', 'reference', 'tool-calls', 'confidence', 'usage', 'command'],
    blind: 'agentctl knows its digest and its answer, and nothing of how it comes to it; what it imports is not part of the digest',
    verification: 'heuristic',
    examples,
  },
  members: { needed: ['file', 'sha256'], allowed: ['timeout'] },
};

export const command: ScorerDefinition = {
  card: {
    decides: 'what the project\'s own command says: a line { id, input: { case, answer } } each, answered with { id, output: { pass, score?, because? } }',
    needs: ['output', 'reference', 'tool-calls', 'confidence', 'usage', 'command'],
    blind: 'agentctl knows its answer, and nothing of how it comes to it; a changed program does not show',
    verification: 'heuristic',
    examples,
  },
  members: { needed: ['command'], allowed: ['timeout'] },
};
