/** judge and jury at work: asks each judge as the target that it is, and lets none decide that does not agree with people. */
import { canonical } from '../../domain/canonical.js';
import { digestBytes, sha256Hex, type Digest } from '../../domain/digest.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import type { Files, RunningTarget, TargetAnswer, Targets } from '../../domain/ports.js';
import { questionOf } from '../conversation.js';
import type { Case } from '../dataset.js';
import { calibrationOf, type Decision, type JudgeCalibration } from '../scorers/calibration-of-judge.js';
import { scaleOf } from '../scorers/judge.js';
import { JUDGE_TEMPLATE, judgePrompt, readJudgement, type JudgeQuestion } from '../scorers/judge-prompt.js';
import { comparison, COMPARED, decide, passedBy, type Vote } from '../scorers/votes.js';
import { outputOf, referenceOf, textOf } from '../scorers/reading.js';
import { fail, notEvaluable, unscored } from '../scorers/scored.js';
import type { Scored, Scorer } from '../scorers/scorer.js';
import type { JudgeModel, ScorerSpec } from '../scorers/spec.js';
import { kappaOf } from '../statistics/agreement.js';
import { readDeclaredLabels } from './labelled.js';
import { remembered, type Replies } from './replies.js';
import { ruleOf } from '../scorers/voting-rule.js';

export type JudgedAnswer = 'agent' | 'labelled';

/** One answer of one judge, for the record. A type, so that it is JSON. */
export type Judgement = {
  readonly scorer: string;
  readonly case: string;
  /** What was judged: the agent's answer, or one that people had labelled, to learn how far the judge may be believed. */
  readonly about: JudgedAnswer;
  readonly judge: string;
  readonly provider: string | null;
  /** As the service says that answered; else as the judge says it is; as it was asked for where neither says. */
  readonly model: string | null;
  readonly template: string;
  readonly prompt: Digest;
  readonly params: JsonObject;
  /** Which side of a comparison the candidate was; null where nothing is compared. */
  readonly order: string | null;
  readonly label: string | null;
  /** Why there is no label. */
  readonly problem: string | null;
  /** What it said, cut to 2000 characters. */
  readonly raw: string;
};

export interface JudgePorts {
  readonly targets: Pick<Targets, 'start'>;
  readonly files: Pick<Files, 'read'>;
  /** Folder of agent.yaml. */
  readonly folder: string;
  readonly replies: Replies;
  /** Told every judgement, also those that were left out. */
  judged?(judgement: Judgement): void;
}

/** A longer answer would cost more to judge than it is worth, and bury the criterion. */
const LONGEST_JUDGED = 100_000;
/** Labelled answers that are judged at once. */
const AT_ONCE = 4;

export interface JudgeScorer extends Scorer {
  /** Judges the labelled answers, once. @throws {Fault} DATASET_INVALID, DIGEST_MISMATCH */
  calibration(): Promise<JudgeCalibration>;
}

/** @param spec of kind judge or jury, free of complaints */
export function judgeScorer(spec: ScorerSpec, ports: JudgePorts): JudgeScorer {
  const panel = (spec.judges ?? (spec.judge ? [spec.judge] : [])).map((model) => new PanelJudge(spec, model, ports));
  const rule = ruleOf(spec);
  const judge = async (one: Case, answer: Pick<TargetAnswer, 'output' | 'askedBack'>, about: JudgedAnswer): Promise<Scored> => {
    const output = outputOf(spec, answer);
    if (output === undefined) return fail('the output has nothing there');
    if (textOf(output).length > LONGEST_JUDGED) return fail(`the output has more than ${LONGEST_JUDGED} characters: nobody judges that`);
    const reference = referenceOf(spec, one);
    if (spec.pairwise === true && reference === undefined) return notEvaluable('the case has no reference to compare with');
    const votes = await Promise.all(panel.map((member) => member.vote({ one, question: questionOf(one, answer), output, about, ...(spec.pairwise === true && reference !== undefined && { rival: reference }) })));
    return decide(votes, rule);
  };
  let calibrated: Promise<JudgeCalibration> | undefined;
  const calibration = () => (calibrated ??= calibrate(spec, ports, (one, answer) => judge(one, answer, 'labelled')));
  return {
    calibration,
    async score(one, answer) {
      const { certifying, because } = await calibration();
      return certifying ? judge(one, answer, 'agent') : unscored(`the judge may not decide: ${because}`);
    },
    about: async () => ({ calibration: { ...(await calibration()) }, template: JUDGE_TEMPLATE }),
    async close() {
      await Promise.all(panel.map((member) => member.close()));
    },
  };
}

/** How the judge decides the answers that people have decided; those without a verdict are left out. */
async function calibrate(spec: ScorerSpec, ports: JudgePorts, judge: (one: Case, answer: Pick<TargetAnswer, 'output'>) => Promise<Scored>): Promise<JudgeCalibration> {
  const rule = ruleOf(spec);
  const labelled = await readDeclaredLabels(ports, spec);
  const decisions: Decision[] = [];
  for (let at = 0; at < labelled.length; at += AT_ONCE) {
    const some = labelled.slice(at, at + AT_ONCE);
    const found = await Promise.all(some.map((one) => judge(one.case, { output: one.output })));
    some.forEach((one, index) => {
      const is = found[index]?.is;
      if (is === 'pass' || is === 'fail') decisions.push({ human: passedBy(one.label, rule), judge: is === 'pass' });
    });
  }
  return calibrationOf(decisions, kappaOf);
}

interface Judged {
  readonly one: Case;
  readonly question: Json;
  readonly output: Json;
  readonly about: JudgedAnswer;
  /** What the answer is compared with; alone where absent. */
  readonly rival?: Json;
}

class PanelJudge {
  readonly #spec: ScorerSpec;
  readonly #model: JudgeModel;
  readonly #ports: JudgePorts;
  readonly #target: RunningTarget;
  #asked = 0;

  constructor(spec: ScorerSpec, model: JudgeModel, ports: JudgePorts) {
    this.#spec = spec;
    this.#model = model;
    this.#ports = ports;
    const schema: Json = { label: spec.pairwise === true ? COMPARED : scaleOf(spec) };
    this.#target = remembered(() => ports.targets.start(model.target, ports.folder), {
      kind: 'judge', judgeId: model.id, provider: model.provider ?? null, model: model.model ?? null, params: model.target as JsonObject,
      templateId: JUDGE_TEMPLATE.id, templateVersion: JUDGE_TEMPLATE.version, responseSchemaHash: sha256Hex(canonical(schema)),
    }, ports.replies);
  }

  async vote({ one, question, output, about, rival }: Judged): Promise<Vote> {
    const judge = this.#model.id;
    const candidate = { name: 'the answer', value: output };
    const input = { name: 'the question', value: question };
    if (rival === undefined) return { judge, label: await this.#ask({ one, about, order: null }, { labels: scaleOf(this.#spec), data: [input, candidate] }) };
    const compare = (first: Json, second: Json, order: string) => this.#ask({ one, about, order }, { labels: COMPARED, data: [input, { name: 'the first answer', value: first }, { name: 'the second answer', value: second }] });
    return { judge, label: comparison(await compare(output, rival, 'first'), await compare(rival, output, 'second')) };
  }

  async close(): Promise<void> {
    await this.#target.close();
  }

  async #ask({ one, about, order }: Pick<Judged, 'one' | 'about'> & Pick<Judgement, 'order'>, question: Pick<JudgeQuestion, 'labels' | 'data'>): Promise<string | null> {
    const { id, criterion = '', policy } = this.#spec;
    const prompt = judgePrompt({ criterion, ...(policy === undefined ? {} : { policy }), ...question });
    this.#asked += 1;
    const reply = await this.#target.ask({ id: `judge-${this.#asked}`, input: prompt, context: { order, repeat: 0 } });
    const read = reply.outcome === 'answer' ? readJudgement(reply.output, question.labels) : { problem: reply.message };
    const raw = reply.outcome === 'answer' ? (isObject(reply.output) || typeof reply.output !== 'string' ? JSON.stringify(reply.output) : reply.output) : '';
    this.#ports.judged?.({
      scorer: id, case: one.id, about, judge: this.#model.id, provider: this.#model.provider ?? null, model: (reply.outcome === 'answer' ? reply.model : undefined) ?? ('label' in read ? read.model : null) ?? this.#model.model ?? null,
      template: `${JUDGE_TEMPLATE.id}/${JUDGE_TEMPLATE.version}`, prompt: digestBytes(prompt), params: this.#model.target as JsonObject, order,
      label: 'label' in read ? read.label : null, problem: 'problem' in read ? read.problem : null, raw: raw.slice(0, 2000).toWellFormed(),
    });
    return 'label' in read ? read.label : null;
  }
}
