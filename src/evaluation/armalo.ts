/** Pacts in Armalo's schema, both ways. Whatever has no counterpart on the other side is listed, never dropped in silence. */
import { Fault } from '../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../domain/json.js';
import { METRICS, SEVERITIES, type Agreement, type Condition, type Metric, type Pacts } from './condition.js';
import { leastToDecide } from './lint-condition.js';
import { wording } from './wording.js';

export interface Exported {
  /** Body of `POST /v1/pacts`, but for the id that Armalo gave the agent. */
  readonly pact: JsonObject;
  readonly lost: readonly string[];
}

/** Members of a condition for which Armalo's has no field. */
const UNKNOWN_THERE = ['kind', 'dimension', 'label', 'scorer', 'among', 'outputs', 'dataset', 'window', 'minimumCases', 'because', 'consequence'] as const satisfies readonly (keyof Condition)[];
const TYPES: { readonly [metric in Metric]?: string } = { 'latency-p95': 'latency' };
const UNITS: { readonly [metric in Metric]?: string } = { 'latency-p50': 'ms', 'latency-p95': 'ms', 'latency-p99': 'ms', 'tokens-mean': 'tokens', 'cost-mean': 'currency' };

/** @param about name of the agent, and digest of the pact document that holds everything */
export function toArmalo({ confidence }: Pick<Pacts, 'confidence'>, agreement: Agreement, about: { readonly name: string; readonly document: string }): Exported {
  const { capability, output, scorers, repeats, conditions } = agreement;
  return {
    pact: {
      name: `${about.name}: ${capability}`, pactType: 'unilateral', isPublic: false,
      description: `capability ${capability}; decided by the pact document ${about.document}`,
      conditions: conditions.map(conditionTo),
    },
    lost: [
      'agentId: add the id that Armalo gave the agent',
      `pact: confidence ${confidence}`, `pact: output ${JSON.stringify(output)}`,
      ...(scorers ? [`pact: scorers ${scorers.map(({ id }) => id).join(', ')}`] : []), ...(repeats === undefined ? [] : [`pact: repeats ${repeats}`]),
      ...conditions.flatMap((one) => UNKNOWN_THERE.filter((member) => one[member] !== undefined).map((member) => `${one.id}: ${member} ${JSON.stringify(one[member])}`)),
    ],
  };
}

function conditionTo({ id, statement, metric, operator, threshold, severity, verification }: Condition): JsonObject {
  return {
    type: TYPES[metric] ?? metric, operator: operator === '>=' ? 'gte' : 'lte', value: Number(threshold), unit: UNITS[metric] ?? 'ratio',
    severity, verificationMethod: verification === 'judge' ? 'jury' : verification, description: `${id}: ${statement}`,
  };
}

export interface Imported {
  /** As agent.yaml holds it, but for what only its owner knows. */
  readonly agreement: JsonObject;
  /** What Armalo says and an agreement has no member for. */
  readonly lost: readonly string[];
  /** What an agreement wants and Armalo does not say: filled with a guess that has to be looked at. */
  readonly guessed: readonly string[];
}

/** Members of a condition that are read; `threshold` is what older ones call the value. */
const READ: ReadonlySet<string> = new Set(['type', 'operator', 'value', 'threshold', 'unit', 'severity', 'verificationMethod', 'description']);

/** @param at name of the file for errors @throws {Fault} INPUT_INVALID when it is no pact */
export function fromArmalo(value: Json, at: string, { dataset, confidence }: { readonly dataset: string; readonly confidence: string }): Imported {
  const pact = isObject(value) && isObject(value['pact']) ? value['pact'] : value;
  if (!isObject(pact) || !Array.isArray(pact['conditions']) || pact['conditions'].length === 0) throw new Fault('INPUT_INVALID', 'not a pact of Armalo: it has no list of conditions', { at });
  const { conditions, name, description, ...rest } = pact;
  const lost = Object.entries({ ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }), ...rest }).map(([member, one]) => `pact: ${member} ${JSON.stringify(one)}`);
  const guessed = ['pact: output.pointer "/decision"'];
  const read: Condition[] = [];
  for (const [index, raw] of (conditions as readonly Json[]).entries()) {
    if (!isObject(raw)) throw new Fault('INPUT_INVALID', `condition ${index + 1} is no object`, { at });
    const one = conditionFrom(raw, index, { dataset, confidence, taken: new Set(read.map(({ id }) => id)) });
    lost.push(...one.lost);
    if (!one.condition) continue;
    read.push(one.condition);
    guessed.push(...one.guessed);
  }
  const capability = /^capability ([a-z0-9][a-z0-9_-]{0,62});/.exec(String(description ?? ''))?.[1] ?? slug(String(name ?? 'imported'));
  return { agreement: { capability, output: { pointer: '/decision' }, conditions: read as unknown as Json }, lost, guessed };
}

interface Here {
  readonly dataset: string;
  readonly confidence: string;
  readonly taken: ReadonlySet<string>;
}
type ReadCondition = { readonly condition?: Condition; readonly lost: readonly string[]; readonly guessed: readonly string[] };

function conditionFrom(raw: JsonObject, index: number, { dataset, confidence, taken }: Here): ReadCondition {
  const description = String(raw['description'] ?? '');
  const [, named, words] = /^([a-z0-9][a-z0-9_-]{0,62}): ([\s\S]+)$/.exec(description) ?? [];
  const wanted = named ?? slug(`${String(raw['type'])}-${index + 1}`);
  const id = taken.has(wanted) ? `${wanted.slice(0, 55)}-${index + 1}` : wanted;
  const metric = metricOf(raw);
  const side = SIDES[String(raw['operator'])];
  const threshold = side && metric ? thresholdOf(raw) : undefined;
  if (!metric || !side || threshold === undefined) return { lost: [`${id}: the whole condition, since no metric decides ${JSON.stringify(raw)}`], guessed: [] };
  const notes = [
    ...Object.entries(raw).filter(([member]) => !READ.has(member)).map(([member, one]) => `${id}: ${member} ${JSON.stringify(one)}`),
    ...(side.exact ? [] : [`${id}: operator ${String(raw['operator'])}, read as ${side.operator}`]),
    ...(raw['type'] === 'latency' && named === undefined ? [`${id}: type latency, read as its 95th percentile`] : []),
    ...(isSeverity(raw['severity']) ? [] : [`${id}: severity ${JSON.stringify(raw['severity'] ?? null)}, read as minor`]),
    ...(raw['verificationMethod'] !== undefined && METHODS[String(raw['verificationMethod'])] === undefined ? [`${id}: verificationMethod ${JSON.stringify(raw['verificationMethod'])}, read as deterministic`] : []),
  ];
  const bare: Condition = {
    id, statement: words ?? description, kind: 'happy-path', dimension: DIMENSION[metric] ?? 'accuracy', severity: isSeverity(raw['severity']) ? raw['severity'] : 'minor',
    metric, operator: side.operator, threshold, dataset, window: 'P90D', verification: METHODS[String(raw['verificationMethod'])] ?? 'deterministic', minimumCases: 1,
    because: 'taken over from Armalo; cost of a breach: TBD', consequence: 'alert',
  };
  const condition = { ...bare, statement: bare.statement === '' ? wording(bare) : bare.statement, minimumCases: leastToDecide(bare, Number(confidence)) };
  const filled = ['kind', 'dimension', 'dataset', 'window', 'minimumCases', 'because', 'consequence'] as const;
  return { condition, lost: notes, guessed: filled.map((member) => `${id}: ${member} ${JSON.stringify(condition[member])}`) };
}

const SIDES: { readonly [operator: string]: { readonly operator: Condition['operator']; readonly exact: boolean } } = {
  gte: { operator: '>=', exact: true }, lte: { operator: '<=', exact: true }, gt: { operator: '>=', exact: false }, lt: { operator: '<=', exact: false },
};
const METHODS: { readonly [method: string]: Condition['verification'] } = { deterministic: 'deterministic', metric: 'deterministic', heuristic: 'heuristic', jury: 'judge' };
const DIMENSION: { readonly [metric in Metric]?: Condition['dimension'] } = {
  'latency-p50': 'latency', 'latency-p95': 'latency', 'latency-p99': 'latency', 'cost-mean': 'cost', 'tokens-mean': 'cost', 'error-share': 'reliability',
  abstention: 'scope-honesty', 'confidence-auroc': 'calibration', brier: 'calibration', ece: 'calibration',
};

function metricOf({ type }: JsonObject): Metric | undefined {
  return type === 'latency' ? 'latency-p95' : METRICS.find((one) => one === type);
}

function isSeverity(value: Json | undefined): value is Condition['severity'] {
  return (SEVERITIES as readonly (Json | undefined)[]).includes(value);
}

const FACTORS: { readonly [unit: string]: number } = { ratio: 1, ms: 1, milliseconds: 1, tokens: 1, currency: 1, none: 1, s: 1000, seconds: 1000, '%': 0.01, percent: 0.01 };

/** The value as a threshold is written; undefined where that would change it, or where it is no number. */
function thresholdOf(raw: JsonObject): string | undefined {
  const value = raw['value'] ?? raw['threshold'];
  const number = typeof value === 'number' || (typeof value === 'string' && /^\d{1,9}(\.\d{1,6})?$/.test(value)) ? Number(value) : Number.NaN;
  const factor = FACTORS[String(raw['unit'] ?? 'none')];
  if (factor === undefined || !(number >= 0 && number < 1e9)) return undefined;
  const text = (number * factor).toFixed(6).replace(/\.?0+$/, '');
  return Math.abs(Number(text) - number * factor) < 1e-9 ? text : undefined;
}

function slug(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+/, '').slice(0, 50).replace(/-+$/, '') || 'imported';
}
