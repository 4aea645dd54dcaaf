/** Entry types of evaluation runs and baselines: the schema of `data` by type. */
import { boolean, integer, list, nullable, object, oneOf, optional, record, string } from '../../domain/schema.js';
import { ID } from '../../domain/names.js';

const digest = (description: string) => string({ description, pattern: '^sha256:[0-9a-f]{64}$' });
const hex = (description: string) => string({ description, pattern: '^[0-9a-f]{64}$' });
const id = (description: string) => string({ description, pattern: ID });
const count = (description: string) => integer({ description, minimum: 0 });
/** Measured numbers are decimal text, so that the same record always has the same bytes. */
const decimal = (description: string) => string({ description, pattern: '^\\d{1,15}(\\.\\d{1,6})?$' });
const ascii = (description: string, maxLength = 200) => string({ description, pattern: '^[ -~]+$', maxLength });
/** As targets name it. */
const CAUSE = '^[a-z][a-z0-9_-]{0,63}$';
const run = ascii('Id of the run.', 80);
const purpose = oneOf(['baseline', 'certification', 'monitor', 'shift', 'observational'], { description: 'What the run is for.' });

const condition = object({
  id: id('Condition.'),
  capability: id('Capability.'),
  kind: oneOf(['happy-path', 'failure-mode']),
  dimension: id('Side of quality.'),
  severity: oneOf(['critical', 'major', 'minor']),
  metric: id('What was measured.'),
  operator: oneOf(['>=', '<=']),
  threshold: decimal('Threshold.'),
  dataset: id('Data set.'),
  n: count('Cases in the denominator.'),
  value: nullable(decimal('Measured value; null when no case gave one.')),
  lower: nullable(decimal('One-sided lower bound.')),
  upper: nullable(decimal('One-sided upper bound.')),
  verdict: oneOf(['met', 'not-met', 'insufficient', 'observed']),
  because: ascii('What decided it.', 400),
  errors: count('Cases lost to infrastructure errors.'),
});

/** Scores of other harnesses may lie below zero. */
const signed = (description: string) => string({ description, pattern: '^-?\\d{1,15}\\.\\d{6}$' });

const importedOutcomes = object({
  pass: count('Passed.'), fail: count('Failed.'), abstain: count('Left to a human.'), infrastructure: count('Lost to infrastructure errors.'),
  unscored: count('The scorer declined.'), 'not-evaluable': count('The evidence that the check needs is absent.'),
}, { description: 'How many rows came to which outcome.' });

const importedOrigin = object({
  tool: ascii('Which harness.'), version: nullable(ascii('Its version.')), run: nullable(ascii('Its name of the run.')), created: nullable(ascii('When, in its words.')),
  model: nullable(ascii('Model or provider that was evaluated.')), dataset: nullable(ascii('Its name of the data set.')),
}, { description: 'What the file says about itself. Nobody signed it.' });

export const baselineTypes = {
  'evaluation.started': object(
    {
      run,
      purpose,
      dataset: id('Data set.'),
      datasetDigest: digest('Its bytes.'),
      use: oneOf(['held-out', 'tuning', 'shift', 'pilot', 'attack'], { description: 'What the data set may be used for.' }),
      cases: count('How many cases it has.'),
      repeats: optional(integer({ description: 'How often each case is asked; once when absent.', minimum: 2, maximum: 20 })),
      pact: nullable(digest('The signed pact document that it is judged by; null when nothing is promised yet.')),
      harness: ascii('Version of the harness.'),
      again: optional(ascii('Earlier run whose infrastructure errors are asked again; its other rows are taken over as they are.', 80)),
      heldOutUse: count('How often held-out data has been used, this time included; 0 for other data.'),
    },
    { description: 'An evaluation run began.' },
  ),
  'evaluation.batch': object(
    {
      run,
      index: count('Place of the batch in the run. Without `part`, as harness 1 wrote it: 1000 times the place of the data set, plus the place of the batch.'),
      part: optional(count('Place of the data set in the run; its batches follow each other.')),
      rows: integer({ description: 'How many rows.', minimum: 1, maximum: 1000 }),
      root: hex('RFC 6962 Merkle root over the canonical text of the rows.'),
      results: digest('The rows, as JSON Lines.'),
      transcripts: optional(digest('What the agent said, a JSON line for each row.')),
      judgements: optional(digest('What judges said since the batch before, a JSON line for each answer of a judge.')),
      asked: optional(count('How many of the rows were asked in this run; the others are those of the run that is asked again. All of them when absent.')),
    },
    { description: 'A batch of results was recorded.' },
  ),
  'evaluation.stopped': object(
    { run, purpose, rows: count('Rows on record by then.'), of: count('Rows of the whole run.') },
    { description: 'An evaluation run was cut off: what is on record is a part of it, and says so.' },
  ),
  'evaluation.finished': object(
    {
      run,
      purpose,
      observational: boolean({ description: 'Whether metrics were taken without verdicts.' }),
      cases: count('Cases asked.'),
      answered: count('Right or wrong: answered, or failed by the agent itself.'),
      failures: optional(record(count('How many.'), { description: 'Of those, how many the agent failed by itself instead of answering, by cause, such as agent_crash; absent where they were not told apart yet.', propertyNames: { pattern: CAUSE } })),
      abstained: count('Left to a human.'),
      errors: count('Lost to infrastructure errors.'),
      conditions: list(condition, { description: 'Value, bounds and verdict of each condition.', maxItems: 60 }),
      composite: nullable(decimal('One number to look at; it decides nothing.')),
      dimensions: record(decimal('Score of a dimension.'), { propertyNames: { pattern: ID } }),
      versions: object({
        agent: nullable(ascii('Version of the agent.')),
        harness: ascii('Version of the harness.'),
        dataset: ascii('Digest of the data set, or of the list of data sets.'),
        scorer: ascii('Version of the scorer.'),
        profile: optional(ascii('Score profile of composite and dimensions; agentctl-score/1 when absent.')),
        judge: optional(ascii('Template of the question to judges, and each judge with the models that answered for it; absent where none was asked.', 1000)),
        model: optional(ascii('Declared model of the agent, and the models that the service says answered; absent where it does not say.', 1000)),
      }),
      rowsRoot: hex('Merkle root over the roots of the batches.'),
      deliverable: digest('The whole result as a document.'),
    },
    { description: 'An evaluation run came to its end.' },
  ),
  'baseline.measured': object(
    { run, deliverable: digest('The result as a document.'), observational: boolean({ description: 'Whether it has no verdicts.' }) },
    { description: 'A finished run counts as the measurement of step 3.' },
  ),
  'baseline.accepted': object(
    {
      run,
      deliverable: digest('The baseline that was accepted.'),
      act: digest('Envelope of the human act, over the digest of the deliverable.'),
      operator: id('Operator who accepted.'),
      ceremony: oneOf(['interactive', 'scripted'], { description: 'Whether a human or a stand-in signed.' }),
      result: optional(digest('The same as an in-toto test result, as the bytes of baseline.dsse.json.')),
    },
    { description: 'An operator accepted a finished run as the baseline.' },
  ),
  'baseline.imported': object(
    {
      subject: digest('Bytes of the file.'),
      bytes: count('How many.'),
      kept: boolean({ description: 'Whether the bytes themselves are kept.' }),
      format: oneOf(['promptfoo', 'inspect', 'junit', 'otel', 'tau-bench', 'tau2', 'jsonl', 'csv'], { description: 'Its form.' }),
      origin: importedOrigin,
      complete: oneOf(['yes', 'no', 'unknown'], { description: 'Whether all was run that was meant to be, as far as the file shows.' }),
      doubts: list(ascii('Where it contradicts itself, or looks better than it is.', 300), { maxItems: 20 }),
      rows: count('Answers.'),
      cases: count('Cases.'),
      repeats: count('Most askings of one case.'),
      outcomes: importedOutcomes,
      rowsRoot: hex('RFC 6962 Merkle root over the canonical text of the rows as they were read.'),
      scores: list(object({
        name: ascii('Name of the score.'), n: count('Rows with a number.'), mean: nullable(signed('Mean; null without a number.')),
        condition: nullable(id('Condition that it measures, as the importer declared; it decides none.')),
      }), { maxItems: 100 }),
      passFrom: nullable(string({ description: 'Declared cut-off of bare numbers.', pattern: '^-?\\d{1,15}(\\.\\d{1,6})?$' })),
      decides: nullable(ascii('The one score that decides outcomes; null for all of them.')),
      dataset: nullable(object({ id: id('Declared data set that the cases are of.'), sha256: digest('Its bytes.'), matched: count('Cases whose id is in it.') })),
      build: oneOf(['attested', 'unknown'], { description: 'Whether the results are of this build: a file can hardly prove it.' }),
      act: optional(digest('Envelope of the human act over the digest of the file.')),
      operator: optional(id('Operator who says that they are.')),
      ceremony: optional(oneOf(['interactive', 'scripted'], { description: 'Whether a human or a stand-in signed.' })),
    },
    { description: 'Results that another harness made were put on record: evidence of what they measured, and no verdict.' },
  ),
} as const;
