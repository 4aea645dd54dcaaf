/** Step 2: what the agent promises, so exactly that a machine can tell whether it was kept. */
import { defineStep, no, unknown, yes, type StepIo } from '../domain/step.js';
import type { Digest } from '../domain/digest.js';
import type { Entry } from '../domain/entry.js';
import type { JsonObject } from '../domain/json.js';
import { pacts as pactsSection, type Pacts } from '../evaluation/condition.js';
import { lintPacts, type LintFinding } from '../evaluation/lint.js';

type Facts = {
  lint: readonly { rule: string; at: string; message: string; suggestion: string }[];
  uncovered: readonly string[];
  conditions: number;
  withoutFailureMode: readonly string[];
  signed: { by: string; ceremony: string; conditions: number; loosened: readonly string[] } | null;
  everSigned: boolean;
  /** Conditions with a draft from a run behind them, those whose threshold was moved since, and those with none. */
  drafts: { runs: readonly string[]; moved: readonly string[]; without: readonly string[] };
  /** The newest run with which a dispute about the pact could be decided. */
  disputable: { run: string; rows: number } | null;
};

export const pact = defineStep<Pacts, Facts>({
  number: 2,
  id: 'pact',
  title: 'Behavioural pact',
  question: 'Is there a standard to judge the agent by, for everything it may do?',
  owner: ['product', 'engineering'],
  ifSkipped: 'nothing to evaluate against',
  requires: ['identity'],
  inputs: ['pacts', 'capabilities', 'datasets'],
  deliverable: { name: 'signed pact document, 3+ verified conditions', file: 'pact.dsse.json', mediaType: 'application/vnd.dsse+json' },
  section: { key: 'pacts', schema: pactsSection },
  verbs: [
    { name: 'lint', summary: 'refuse vague, unmeasurable, vacuous or underpowered conditions, each at its place', mutates: false, needsHuman: false, produces: [], manifestOnly: true },
    {
      name: 'draft', summary: 'propose conditions and thresholds from data and the newest run on it, as YAML for a human to accept', mutates: false, mutatesWith: 'record', needsHuman: false, produces: [],
      arguments: [{ name: 'data', description: 'id of a declared data set, or a JSON Lines file of cases; the held-out one unless named', required: false }],
      options: [
        { flags: '--run <run>', description: 'run whose rows give the bounds; the newest on these cases unless named' },
        { flags: '--capability <id>', description: 'what it is about; needed where there are several' },
        { flags: '--pointer <pointer>', description: 'JSON Pointer to the label, where no agreement says it' },
        { flags: '--out <file>', description: 'file for the YAML; otherwise standard output' },
        { flags: '--record', description: 'put the draft on record, so that row 2.6 can be answered' },
      ],
    },
    {
      name: 'diff', summary: 'what one pact loosened, tightened or reworded against another, and the version step', mutates: false, needsHuman: false, produces: [], outside: true,
      arguments: [
        { name: 'before', description: 'signed, signed~1 for the one before, or a file: agent.yaml, a pact document, a signed one; signed unless named', required: false },
        { name: 'after', description: 'the same; agent.yaml unless named', required: false },
      ],
      options: [{ flags: '--no-loosening', description: 'exit 1 when anything is loosened' }],
    },
    {
      name: 'sign', summary: 'sign the pact document; says what was loosened since the last one', mutates: true, needsHuman: true, produces: ['pact.signed'],
      options: [{ flags: '--as <operator>', description: 'operator who signs' }],
    },
    {
      name: 'dispute', summary: 'a bundle with which a third party decides whether the agent kept its word; --check decides', mutates: false, needsHuman: false, produces: [], outside: 'check',
      options: [
        { flags: '--out <folder>', description: 'new folder for the bundle' },
        { flags: '--run <run>', description: 'run that is in dispute; the newest that was judged unless named' },
        { flags: '--condition <id...>', description: 'conditions in question; those that were not met, or else all, unless named' },
        { flags: '--case <id...>', description: 'cases in question; all that count against a condition in question unless named' },
        { flags: '--with-inputs', description: 'put inputs and references of these cases into the bundle' },
        { flags: '--check <folder>', description: 'decide from this bundle, without store or agent.yaml' },
        { flags: '--trust <vkey...>', description: 'log key, or a file that holds it, that you know from elsewhere; with --check' },
      ],
    },
    {
      name: 'export', summary: 'the pact as another trust layer takes it; tells what has no field there', mutates: false, needsHuman: false, produces: [], manifestOnly: true,
      options: [{ flags: '--for <name>', description: 'armalo', required: true }, { flags: '--out <file>', description: 'file to write; otherwise standard output' }],
    },
    {
      name: 'import', summary: 'a pact of another trust layer as an agreement in YAML; tells what has no counterpart', mutates: false, needsHuman: false, produces: [], outside: true,
      arguments: [{ name: 'file', description: 'its JSON' }],
      options: [{ flags: '--from <name>', description: 'armalo', required: true }, { flags: '--dataset <id>', description: 'data set to measure on; held-out unless named' }],
    },
    { name: 'show', summary: 'conditions, thresholds, why, and what changed since the last signature', mutates: false, needsHuman: false, produces: [], shows: true },
  ],
  async gather(spec, io) {
    const entry = await io.evidence.latest('pact.signed');
    const act = await io.attested(entry);
    const covered = new Set(spec.agreements.map((agreement) => agreement.capability));
    return {
      // A pact with findings cannot be signed: one that was signed as it stands needs no second look.
      lint: isSignedAsItStands(entry, io) ? [] : lintPacts(spec, io.manifest.capabilities).map(flat),
      uncovered: io.manifest.capabilities.filter((item) => !covered.has(item.id)).map((item) => item.id),
      conditions: spec.agreements.reduce((sum, agreement) => sum + agreement.conditions.length, 0),
      withoutFailureMode: spec.agreements.filter((agreement) => !agreement.conditions.some((condition) => condition.kind === 'failure-mode')).map((agreement) => agreement.capability),
      signed: act && entry ? { by: act.name, ceremony: act.ceremony, conditions: Number(entry.data['conditions']), loosened: (entry.data['loosened'] as readonly string[] | undefined) ?? [] } : null,
      everSigned: entry !== undefined,
      drafts: draftsBehind(spec, await io.evidence.list('pact.drafted', NEWEST)),
      disputable: await disputable(io, entry),
    };
  },
  probes: [
    {
      id: 'pact.coverage', row: '2.1', question: 'Does every declared capability have a pact?', severity: 'must', proof: 'measured', remedy: 'add the missing agreement under pacts.agreements',
      answer: ({ uncovered }) => (uncovered.length > 0 ? no(`no agreement for ${uncovered.join(', ')}`, 'agent.yaml: pacts.agreements') : yes('every capability is covered')),
    },
    {
      id: 'pact.precise', row: '2.2', question: 'Is every condition specific, measurable and verifiable by machine?', severity: 'must', proof: 'measured', remedy: 'agentctl pact lint',
      answer: ({ lint }) => (lint[0] ? no(`${lint[0].message}${lint.length > 1 ? `, and ${lint.length - 1} more` : ''}`, `agent.yaml: ${lint[0].at}`) : yes('metric, operator, threshold, data set and window are all there')),
    },
    {
      id: 'pact.failure-modes', row: '2.3', question: 'Are failure modes covered beside the happy path?', severity: 'must', proof: 'measured', remedy: 'add a condition with kind: failure-mode',
      answer: ({ withoutFailureMode }) => (withoutFailureMode.length > 0 ? no(`no failure-mode condition for ${withoutFailureMode.join(', ')}`) : yes('each capability has one')),
    },
    {
      id: 'pact.three', row: '2.4', question: 'Are there at least three conditions?', severity: 'must', proof: 'measured', remedy: 'add conditions under pacts.agreements',
      answer: ({ conditions }) => (conditions < 3 ? no(`${conditions} of 3`) : yes(`${conditions} conditions`)),
    },
    {
      id: 'pact.signed', row: '2.4', question: 'Has a human with the role signed the pact?', severity: 'must', proof: 'attested', remedy: 'agentctl pact sign --as <operator>',
      answer: ({ signed, everSigned }) => {
        if (!signed) return unknown(everSigned ? 'the signer no longer holds a fitting role' : 'not signed yet');
        const loosened = signed.loosened.length > 0 ? `; loosened: ${signed.loosened.join(', ')}` : '';
        return yes(`${signed.by} (${signed.ceremony}), ${signed.conditions} conditions${loosened}`);
      },
    },
    {
      id: 'pact.dispute', row: '2.5', question: 'Can a dispute be decided from a bundle of pact, cases, results and proofs?', severity: 'should', proof: 'measured', remedy: 'agentctl pact dispute --out <folder>',
      answer: ({ disputable: found, everSigned }) => {
        if (found) return yes(`the signed pact and ${found.rows} rows of ${found.run} are there, each behind a root in the ledger`);
        return unknown(everSigned ? 'no whole run was judged by the signed pact yet' : 'not signed yet', everSigned ? 'agentctl baseline run' : 'agentctl pact sign --as <operator>');
      },
    },
    {
      id: 'pact.drafting', row: '2.6', question: 'Were the thresholds drafted from data?', severity: 'should', proof: 'measured', remedy: 'agentctl pact draft --record',
      answer: ({ conditions, drafts: { runs, moved, without } }) => {
        if (conditions === 0 || without.length === conditions) return unknown('no draft from a run is on record');
        if (without.length > 0) return unknown(`no draft from a run is on record for ${without.join(', ')}`);
        return yes(`every condition was drafted from ${runs.join(', ')}${moved.length === 0 ? '' : `; a human moved the threshold of ${moved.join(', ')}`}`);
      },
    },
  ],
  deliver: (facts, spec) => ({ confidence: spec.confidence, conditions: facts.conditions }),
});

function isSignedAsItStands(entry: Entry | undefined, { inputs }: StepIo): boolean {
  return entry !== undefined && entry.inputs['pacts'] === inputs.pacts && entry.inputs['capabilities'] === inputs.capabilities;
}

type DraftedCondition = { readonly id: string; readonly metric: string; readonly operator: string; readonly threshold: string };

/** Counts of cases alone measured nothing: only drafts from a run count. */
function draftsBehind({ agreements }: Pacts, entries: readonly Entry[]): Facts['drafts'] {
  const drafts = entries.filter(({ data }) => data['run'] !== null);
  const runs = new Set<string>();
  const [moved, without]: [string[], string[]] = [[], []];
  for (const { capability, conditions } of agreements) for (const { id, metric, operator, threshold } of conditions) {
    const found = drafts.findLast(({ data }) => data['capability'] === capability && fits(data, { id, metric, operator }) !== undefined);
    const draft = found && fits(found.data, { id, metric, operator });
    if (!found || !draft) without.push(id);
    else {
      runs.add(String(found.data['run']));
      if (Number(draft.threshold) !== Number(threshold)) moved.push(id);
    }
  }
  return { runs: [...runs], moved, without };
}

function fits(data: JsonObject, wanted: Omit<DraftedCondition, 'threshold'>): DraftedCondition | undefined {
  const conditions = data['conditions'] as unknown as readonly DraftedCondition[];
  return conditions.find((one) => one.id === wanted.id && one.metric === wanted.metric && one.operator === wanted.operator);
}

/** How far back runs and drafts are looked for. */
const NEWEST = 200;

/** The newest whole run that the signed pact judged, as long as pact and signature are still there to be shown. */
async function disputable({ evidence, blob }: StepIo, signed: Entry | undefined): Promise<Facts['disputable']> {
  if (!signed) return null;
  const texts = await Promise.all(['document', 'envelope', 'act'].map((member) => blob(signed.data[member] as Digest)));
  if (texts.includes(undefined)) return null;
  const started = (await evidence.list('evaluation.started', NEWEST)).filter(({ data }) => data['pact'] === signed.data['document'] && WHOLE.has(data['purpose']));
  const judged = new Set(started.map(({ data }) => data['run']));
  const finished = (await evidence.list('evaluation.finished', NEWEST)).findLast(({ data }) => judged.has(data['run']));
  if (!finished) return null;
  // A row is one asking of a case.
  const rows = started.filter(({ data }) => data['run'] === finished.data['run']).reduce((sum, { data }) => sum + Number(data['cases']) * Number(data['repeats'] ?? 1), 0);
  return { run: String(finished.data['run']), rows };
}

/** Runs over the whole pact on the data that it names. */
const WHOLE: ReadonlySet<unknown> = new Set(['baseline', 'certification']);

function flat({ rule, at, message, suggestion }: LintFinding): Facts['lint'][number] {
  return { rule, at, message, suggestion };
}
