/** Every rule of the pact linter as data: what it refuses, why, and the way out. The linter, `explain` and documentation read it. */

export interface LintRuleCard {
  /** What it refuses, as a short noun phrase. */
  readonly refuses: string;
  readonly why: string;
  /** The edit that satisfies it, in general; a finding says it for its own place. */
  readonly fix: string;
}

export const LINT_RULES = {
  'pact.vague-wording': { refuses: 'words that no machine can decide, such as "high" without a number or "usually" beside one', why: 'whoever reads them later can claim either outcome', fix: 'write the sentence that the finding offers' },
  'pact.statement-threshold': { refuses: 'a statement that does not name its threshold', why: 'people sign the sentence and machines check the number: they must say the same', fix: 'name the number, in percent or as it stands' },
  'pact.statement-side': { refuses: 'a statement that says the opposite side of its operator', why: '"at most" beside ">=" promises two different things', fix: 'correct the words or the operator' },
  'pact.operator': { refuses: 'an operator that promises nothing good of its metric', why: 'at most so much accuracy is no promise', fix: 'use the side that the metric is good on' },
  'pact.threshold-range': { refuses: 'a threshold outside the range of its metric', why: 'it is met always or never, usually because percent were written', fix: 'write a decimal between 0 and 1, or whole milliseconds for latency' },
  'pact.threshold-vacuous': { refuses: 'a threshold that a useless agent meets', why: 'a promise that cannot be broken says nothing', fix: 'name a value that a useless agent would miss' },
  'pact.threshold-unreachable': { refuses: 'a threshold that no number of cases can show', why: 'sampling never proves that nothing at all goes wrong', fix: 'write the tolerance that you accept' },
  'pact.metric-members': { refuses: 'members that the metric lacks or does not know', why: 'a label beside a metric without labels is ignored, and a missing one leaves nothing to measure', fix: 'add or delete the member that the finding names' },
  'pact.unknown-scorer': { refuses: 'a scorer that the agreement does not declare', why: 'nothing would decide the condition', fix: 'declare it under scorers, or name one that is declared' },
  'pact.unused-scorer': { refuses: 'a scorer that no condition names', why: 'what it finds decides nothing, and readers take it for a promise', fix: 'add a condition with pass-rate or score-mean, or delete the scorer' },
  'pact.scorer': { refuses: 'a scorer whose own members do not fit together', why: 'it would decide something else than was meant, or nothing', fix: 'do what the finding says' },
  'pact.reference-missing': { refuses: 'a scorer whose reference is not in every case that its conditions are about', why: 'of such a case nobody can say that it passed, so each run would end in insufficient evidence', fix: 'correct the pointer, or write the reference into each case' },
  'pact.verification': { refuses: 'a verification other than what the metric or its scorer does', why: 'readers trust "deterministic" more than an estimate or a model', fix: 'write the kind that the finding names' },
  'pact.judge-alone': { refuses: 'a critical safety condition that rests on a judge alone', why: 'a model that reads what an attacker wrote can be talked into a pass', fix: 'add a critical safety condition that a machine decides, on the same data set' },
  'pact.unknown-dataset': { refuses: 'a data set that is not declared', why: 'there is nothing to measure on', fix: 'declare it under pacts.datasets, or name one that is declared' },
  'pact.tuning-data': { refuses: 'a condition on data that the agent was tuned on', why: 'the agent was fitted to those very answers, so they prove nothing', fix: 'measure on held-out or shift data' },
  'pact.dataset-missing': { refuses: 'a data set whose file is not there', why: 'nobody could measure the condition', fix: 'prepare the file, or correct its path' },
  'pact.dataset-differs': { refuses: 'a data set with other bytes than declared', why: 'a changed data set is another promise', fix: 'write the new digest if the new file is meant' },
  'pact.dataset-broken': { refuses: 'a data set that cannot be read', why: 'cases that cannot be read cannot be asked', fix: 'mend the line that the finding names' },
  'pact.labels-missing': { refuses: 'a judge whose labelled answers cannot be read from their file', why: 'a judge that nobody compared with people may decide nothing', fix: 'prepare the file, or correct its path' },
  'pact.labels-differ': { refuses: 'a judge whose labelled answers have other bytes than declared', why: 'with other labels it may decide something else', fix: 'write the new digest if the new file is meant' },
  'pact.labels-broken': { refuses: 'a judge with a labelled answer that cannot be read', why: 'the run would end before the first case is asked', fix: 'mend the line that the finding names' },
  'pact.labels-few': { refuses: 'a judge with too few labelled answers ever to decide', why: 'each run would end in insufficient evidence', fix: 'have people label more answers' },
  'pact.no-cases': { refuses: 'a condition that no case of its data set is about', why: 'it could never be decided', fix: 'correct label or among, or add such cases' },
  'pact.minimum-cases': { refuses: 'fewer minimum cases than could ever decide the condition', why: 'with so few, even an agent without a miss stays undecided', fix: 'write the number that the finding names' },
  'pact.underpowered': { refuses: 'a data set with too few cases ever to decide the condition', why: 'each run would end in insufficient evidence', fix: 'add cases up to the number that the finding names, or accept a weaker threshold' },
  'pact.too-few-cases': { refuses: 'a data set with fewer cases than the condition asks for', why: 'each run would end in insufficient evidence', fix: 'add cases, or lower minimumCases to what still decides' },
  'pact.window': { refuses: 'a window of more than a year, or of nothing', why: 'evidence that old is about another model, other data and other users', fix: 'write a year or less, such as P90D' },
  'pact.cost-argument': { refuses: 'a threshold without a cost argument', why: 'a number without a reason is the first to be loosened', fix: 'say what a breach costs whom, and why the threshold stands here' },
  'pact.duplicate-condition': { refuses: 'a second condition that says the same', why: 'it looks like more evidence than there is', fix: 'delete one of the two, or give them different consequences' },
  'pact.contradiction': { refuses: 'two conditions that cannot both hold', why: 'such a pact is broken whatever the agent does', fix: 'change one of the two thresholds' },
  'pact.confidence': { refuses: 'a confidence below 0.8, or of 1', why: 'below, verdicts are guesses; at 1, nothing is ever decided', fix: 'write "0.95"' },
  'pact.uncovered-capability': { refuses: 'a capability without an agreement', why: 'whatever it does there, nobody can say that it underperformed', fix: 'add an agreement for it, or delete the capability' },
  'pact.unknown-capability': { refuses: 'an agreement about a capability that does not exist', why: 'it promises something that the agent does not do', fix: 'name a declared capability' },
  'pact.duplicate-id': { refuses: 'an id that is taken', why: 'results and disputes name conditions and data sets by id', fix: 'give it a name of its own' },
  'pact.few-conditions': { refuses: 'a pact with fewer than three conditions', why: 'one number never describes how an agent behaves', fix: 'add conditions, failure modes among them' },
  'pact.no-happy-path': { refuses: 'an agreement without a happy-path condition', why: 'it does not say what the agent is good for', fix: 'say what it must do well' },
  'pact.no-failure-mode': { refuses: 'an agreement without a failure-mode condition', why: 'the harm is done where the agent is weak', fix: 'say how it must behave where it is known to be weak, such as asking a human' },
  'pact.abstention-unbounded': { refuses: 'accuracy or precision without a limit on abstaining', why: 'both leave abstentions out: an agent that always asks a human would meet them', fix: 'add a condition abstention <= …, or a recall' },
} as const satisfies Readonly<Record<string, LintRuleCard>>;

export type LintRule = keyof typeof LINT_RULES;

export function isLintRule(word: string): word is LintRule {
  return Object.hasOwn(LINT_RULES, word);
}
