/** Step 3: how good the agent is before launch, in honest numbers that a change can be held against. */
import { counted } from '../domain/counted.js';
import { defineStep, no, notApplicable, unknown, yes, type Answer, type StepIo } from '../domain/step.js';
import { isObject, type JsonObject } from '../domain/json.js';
import type { Entry } from '../domain/entry.js';
import type { ConditionResult } from '../evaluation/judge.js';
import { unmetLine } from '../evaluation/unmet.js';

type Verdict = { id: string; severity: string; verdict: string; because: string; line: string };
/** Another run of the same cases on the same build says the same. */
const CHANGE = 'agentctl baseline show, then change the agent, its data or the pact';

type Run = { run: string; observational: boolean; heldOut: boolean; uses: number; conditions: readonly Verdict[]; composite: string; dimensions: number; versions: readonly string[]; errors: number; cases: number; repeats: number; onBuild: boolean };
/** Results that another harness made: in words, and whether the operator who says that they are of this build still may. */
type Imported = { line: string; by: string | null; here: boolean };
type Facts = { run: Run | null; pactSigned: boolean; accepted: { by: string; ceremony: string; run: string } | null; imported: readonly Imported[] };

export const baseline = defineStep<never, Facts>({
  number: 3,
  id: 'baseline',
  title: 'Evaluation baseline',
  question: 'How well does this build keep its pact, with how much certainty?',
  owner: ['engineering'],
  ifSkipped: 'drift cannot be seen',
  requires: ['pact'],
  inputs: ['build', 'deliverable:pact', 'target', 'datasets', 'harness'],
  deliverable: { name: 'baseline report, scores per condition', file: 'baseline.json', mediaType: 'application/json' },
  verbs: [
    {
      name: 'run', summary: 'ask the agent every case of the pact\'s data sets and judge each condition; resumes where it stopped', mutates: true, needsHuman: false, produces: ['baseline.measured'],
      options: [
        { flags: '--concurrency <n>', description: 'requests in flight at once' },
        { flags: '--again <run>', description: 'newest, or the id of a finished run: ask only what it lost to infrastructure errors, as a run of its own that takes over the rest' },
        { flags: '--record <file>', description: 'keep what judges answer, so that the run can be repeated offline' },
        { flags: '--replay <file>', description: 'take the answers of judges from such a file; a missing one ends the run' },
      ],
    },
    {
      name: 'accept', summary: 'accept the newest run as the baseline that drift is measured against', mutates: true, needsHuman: true, produces: ['baseline.accepted'], after: ['pact'],
      options: [{ flags: '--as <operator>', description: 'operator who accepts' }],
    },
    {
      name: 'attacks', summary: 'write a data set of attacks (OWASP ASI01 to ASI10) with canaries of this agent alone, and the condition that makes it a gate', mutates: false, needsHuman: false, produces: [], manifestOnly: true,
      options: [
        { flags: '--out <file>', description: 'data set to write, below the folder of agent.yaml' },
        { flags: '--seed <text>', description: 'what the canaries are made from; drawn and told when left out' },
        { flags: '--category <name...>', description: 'only these risks, such as ASI01' },
        { flags: '--add <file...>', description: 'attacks of your own in the same format' },
        { flags: '--input <json>', description: 'input of the agent, or a file of it, with {attack} where the text of an attack goes' },
        { flags: '--expected <json>', description: 'what else every case expects, such as {"decision":"ask-human"}' },
      ],
    },
    {
      name: 'show', summary: 'per condition: value, n, interval, verdict; composite and dimensions; or what was said to one case', mutates: false, needsHuman: false, produces: [], shows: true,
      options: [{ flags: '--run <run>', description: 'newest, accepted, or the id of a run' }, { flags: '--case <id>', description: 'one case of that run: what it asked for, and what the agent said' }],
    },
    {
      name: 'compare', summary: 'the same cases in two runs: which conditions got worse beyond chance, and which cases flipped; exit 1 when one did', mutates: false, needsHuman: false, produces: [], shows: true,
      arguments: [{ name: 'before', required: false, description: 'newest, accepted (when absent), or the id of a run' }, { name: 'after', required: false, description: 'the same; newest when absent' }],
      options: [{ flags: '--drop <share>', description: 'least loss of a share that counts, such as 0.01' }],
    },
    {
      name: 'report', summary: 'a run to look at: -o html=FILE draws intervals, confusion and calibration; slowest and worst cases', mutates: false, needsHuman: false, produces: [], shows: true,
      arguments: [{ name: 'run', required: false, description: 'newest (when absent), accepted, or the id of a run' }],
      options: [{ flags: '--profile <id...>', description: 'show the composite under published score profiles too, such as armalo/p13; it decides nothing' }],
    },
    {
      name: 'import', summary: 'put results that another harness made on record, as evidence of what they measured; they meet no condition', mutates: true, needsHuman: false, produces: [],
      arguments: [{ name: 'file', description: 'results of promptfoo, Inspect, tau-bench or tau2, JUnit XML, OTLP/JSON logs, JSON Lines or CSV' }],
      options: [
        { flags: '--from <form>', description: 'promptfoo, inspect, junit, otel, tau-bench, tau2, jsonl or csv, instead of what stands in the file' },
        { flags: '--pass-from <number>', description: 'from which number on a bare score of Inspect or OpenTelemetry is a pass' },
        { flags: '--score <name>', description: 'the one score that decides outcomes of Inspect or OpenTelemetry, instead of all of them' },
        { flags: '--measures <score=condition...>', description: 'which condition of the pact a score is about' },
        { flags: '--as-dataset <id>', description: 'declared data set that the cases are of' },
        { flags: '--of-this-build', description: 'an operator says that this build was evaluated; with --as' },
        { flags: '--as <operator>', description: 'operator who says so' },
        { flags: '--digest-only', description: 'keep the digest of the file, not its bytes' },
      ],
    },
    {
      name: 'export', summary: 'write the rows of a recorded run for other tools', mutates: false, needsHuman: false, produces: [],
      options: [
        { flags: '--to <form>', description: 'promptfoo, otel, junit, jsonl or csv' },
        { flags: '--out <file>', description: 'file to write; an existing one is not overwritten' },
        { flags: '--run <run>', description: 'a finished run; the newest measurement unless named' },
      ],
    },
    {
      name: 'split', summary: 'part a data set into held-out and tuning cases by a salted hash: groups stay together, and a grown data set parts alike', mutates: false, needsHuman: false, produces: [], manifestOnly: true,
      arguments: [{ name: 'file', description: 'data set, a case on each line' }],
      options: [
        { flags: '--fraction <share>', description: 'share that is held out, such as 0.2' },
        { flags: '--held-out <file>', description: 'file to write with the held-out cases; other bytes are not overwritten' },
        { flags: '--tuning <file>', description: 'the same for the rest' },
      ],
    },
  ],
  async gather(_spec, io) {
    const measured = await io.evidence.latest('baseline.measured');
    const newest = (await io.evidence.list('evaluation.finished')).find((entry) => entry.data['run'] === measured?.data['run']);
    const started = newest && (await io.evidence.list('evaluation.started')).filter((entry) => entry.data['run'] === newest.data['run']);
    const accepted = await io.evidence.latest('baseline.accepted');
    const act = await io.attested(accepted);
    return {
      run: newest ? runOf(newest, started ?? [], io.inputs.build) : null,
      pactSigned: (await io.evidence.latest('pact.signed')) !== undefined,
      accepted: act && accepted ? { by: act.name, ceremony: act.ceremony, run: String(accepted.data['run']) } : null,
      imported: await importedRuns(io),
    };
  },
  probes: [
    {
      id: 'baseline.verdicts', row: '3.1', question: 'Is every condition of the pact met, with evidence?', severity: 'must', proof: 'measured', remedy: 'agentctl baseline run',
      answer: ({ run }) => verdicts(run),
    },
    {
      id: 'baseline.breakdown', row: '3.1', question: 'Are there scores with intervals per condition, a composite and a breakdown by dimension?', severity: 'must', proof: 'measured', remedy: 'agentctl baseline run',
      answer: ({ run }) => (run === null ? unknown('no run yet') : run.dimensions > 0 ? yes(`composite ${run.composite} over ${run.dimensions} dimensions, ${run.conditions.length} conditions`) : no('the run has no dimensions')),
    },
    {
      id: 'baseline.versions', row: '3.2', question: 'Does the record name the versions of agent, harness and data set?', severity: 'must', proof: 'measured', remedy: 'agentctl baseline run',
      answer: ({ run }) => (run === null ? unknown('no run yet') : run.versions.every((version) => version !== '') ? yes(run.versions.join(' · ')) : no('a version is missing')),
    },
    {
      id: 'baseline.held-out', row: '3.3', question: 'Was it measured on held-out data, with outages kept apart from failures?', severity: 'must', proof: 'measured', remedy: 'declare a data set with use: held-out',
      answer: ({ run }) => {
        if (run === null) return unknown('no run yet');
        return run.heldOut ? yes(`${counted(run.cases, 'case')}, ${counted(run.errors, 'infrastructure error')} apart; held-out data used ${counted(run.uses, 'time')}`) : no('no held-out data set was used');
      },
    },
    {
      id: 'baseline.accepted', row: '3.2', question: 'Has a human accepted this run as the baseline?', severity: 'must', proof: 'attested', remedy: 'agentctl baseline accept --as <operator>',
      answer: ({ run, accepted }) => {
        if (!accepted) return unknown('not accepted yet');
        return run && accepted.run !== run.run ? unknown('a newer run is not accepted yet') : yes(`${accepted.by} (${accepted.ceremony})`);
      },
    },
    {
      id: 'baseline.repeats', row: '3.3', question: 'Were cases repeated to tell luck from skill?', severity: 'should', proof: 'measured', remedy: 'write repeats: 3 into the agreement',
      answer: ({ run }) => (run === null ? unknown('no run yet') : run.repeats > 1 ? yes(`each case asked ${run.repeats} times or more`) : unknown('each case was asked once: whether the same question gets the same answer is not known')),
    },
    {
      id: 'baseline.imported', row: '3.4', question: 'Are results of other harnesses taken into account, as evidence of what they measured?', severity: 'should', proof: 'measured', remedy: 'agentctl baseline import <file>',
      answer: ({ imported }) => (imported.length === 0 ? notApplicable('nothing was imported') : yes(`${imported.map(importedLine).join('; ')}; no condition is met by them`)),
    },
  ],
  deliver: ({ run }) => (run === null ? null : { run: run.run, composite: run.composite }),
});

function runOf(entry: Entry, started: readonly Entry[], build: string | undefined): Run {
  const { data } = entry;
  const list = (data['conditions'] as readonly JsonObject[] | undefined) ?? [];
  const versions = isObject(data['versions']) ? data['versions'] : {};
  return {
    run: String(data['run']),
    observational: data['observational'] === true,
    heldOut: started.some((one) => one.data['use'] === 'held-out'),
    uses: Math.max(0, ...started.map((one) => Number(one.data['heldOutUse'] ?? 0))),
    conditions: list.map((item) => ({
      id: String(item['id']), severity: String(item['severity']), verdict: String(item['verdict']), because: String(item['because'] ?? ''),
      line: unmetLine(item as unknown as ConditionResult),
    })),
    composite: String(data['composite']),
    dimensions: Object.keys(isObject(data['dimensions']) ? data['dimensions'] : {}).length,
    versions: ['agent', 'harness', 'dataset'].map((name) => String(versions[name] ?? '')),
    errors: Number(data['errors']),
    cases: Number(data['cases']),
    repeats: Math.min(...started.map((one) => Number(one.data['repeats'] ?? 1))),
    onBuild: entry.agent.build === build,
  };
}

/** Older ones stay on record and in `baseline show`. */
const TOLD = 5;

async function importedRuns(io: StepIo): Promise<readonly Imported[]> {
  return Promise.all((await io.evidence.list('baseline.imported', TOLD)).map(async (entry) => {
    const { origin, outcomes, cases, rows, complete } = entry.data;
    const { tool, version, model } = isObject(origin) ? origin : {};
    const { pass, fail } = isObject(outcomes) ? outcomes : {};
    const neither = Number(rows) - Number(pass) - Number(fail);
    const name = [tool, version].filter((one) => typeof one === 'string').join(' ');
    const act = await io.attested(entry);
    return {
      line: `${name} on ${typeof model === 'string' ? model : 'a model that it does not name'}: ${String(pass)} pass, ${String(fail)} fail, ${neither} neither, of ${String(cases)} cases${complete === 'no' ? ', incomplete' : ''}`,
      by: act ? `${act.name} (${act.ceremony})` : null,
      here: entry.agent.build === io.inputs.build,
    };
  }));
}

/** The file can hardly prove which build it is about. */
function importedLine({ line, by, here }: Imported): string {
  const build = by === null ? 'unknown' : here ? `attested by ${by}` : `attested by ${by} for another build`;
  return `${line}; of this build: ${build}`;
}

function verdicts(run: Run | null): Answer {
  if (run === null) return unknown('no run yet');
  if (run.observational) return unknown('observational: metrics without verdicts; run again once the pact is signed');
  const missed = run.conditions.filter((one) => one.verdict === 'not-met');
  if (missed.length > 0) return { is: 'no', because: missed.map((one) => one.line).join('; '), remedy: CHANGE };
  const open = run.conditions.filter((one) => one.verdict !== 'met');
  if (open.length > 0) return { is: 'unknown', because: open.map((one) => one.line).join('; '), remedy: CHANGE };
  if (run.conditions.length === 0) return unknown('insufficient evidence for any condition: no conditions');
  return yes(`${run.conditions.length} of ${run.conditions.length} conditions met on ${run.cases} cases`);
}
