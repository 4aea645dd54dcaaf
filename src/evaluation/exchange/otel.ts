/** Reads `gen_ai.evaluation.result` events from OpenTelemetry logs as OTLP/JSON has them (semantic conventions for GenAI, status Development). */
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import { countOf, idIn, listIn, numberIn, numberOf, objectIn, textIn, usageOf } from './fields.js';
import { clipped, MOST_ROWS, runOf, type ImportedRun } from './imported-run.js';
import { decided, type Mark, type MarkedRow, type MarkRule } from './marks.js';
import { otelAttributes } from './otel-attributes.js';
import { outcomeNamed } from './own-marks.js';

export const EVALUATION_EVENT = 'gen_ai.evaluation.result';
/** Ours, since the convention names no case, no repeat and no threshold. */
export const OWN = 'agentctl.evaluation.';
/** Name of the event that carries our outcome of the whole case. */
export const OUTCOME_EVENT = 'agentctl.outcome';

/** @throws {Fault} INPUT_INVALID */
export async function readOtel(requests: AsyncIterable<{ readonly value: JsonObject; readonly at: string }> | Iterable<{ readonly value: JsonObject; readonly at: string }>, file: string, rule: MarkRule): Promise<ImportedRun> {
  const reader = new OtelReader();
  for await (const { value, at } of requests) reader.request(value, at);
  const { tool, version, run, models, created } = reader;
  return runOf({ tool, version, run, created, model: models, dataset: null, complete: null }, reader.rows(rule), file);
}

/** The events of one evaluated answer. */
interface Answer {
  readonly part: string | null;
  readonly case: string;
  readonly repeat: number | undefined;
  readonly marks: Map<string, Mark>;
  readonly at: string;
  error: string | null;
  own: { readonly outcome: ReturnType<typeof outcomeNamed>; readonly cause: string | null; readonly milliseconds: number | null; readonly usage: ReturnType<typeof usageOf> } | undefined;
}

class OtelReader {
  tool = 'OpenTelemetry';
  version: string | null = null;
  run: string | null = null;
  readonly #answers: Answer[] = [];
  /** The newest answer by what was evaluated. */
  readonly #open = new Map<string, Answer>();
  readonly #models = new Set<string>();
  #earliest: bigint | undefined;

  get models(): string | null {
    return this.#models.size === 0 ? null : [...this.#models].join(', ');
  }

  get created(): string | null {
    return this.#earliest === undefined ? null : new Date(Number(this.#earliest / 1_000_000n)).toISOString();
  }

  request(request: JsonObject, place: string): void {
    for (const [i, resource] of listIn(request, 'resourceLogs').entries()) {
      for (const [j, scope] of listIn(resource, 'scopeLogs').entries()) {
        for (const [k, record] of listIn(scope, 'logRecords').entries()) {
          const at = `${place}: resourceLogs[${i}].scopeLogs[${j}].logRecords[${k}]`;
          if (!isObject(record)) throw new Fault('INPUT_INVALID', 'a log record must be a JSON object', { at });
          const attributes = otelAttributes(record['attributes'], at);
          if ((textIn(record, 'eventName') ?? textIn(attributes, 'event.name')) !== EVALUATION_EVENT) continue;
          this.#from(objectIn(scope, 'scope'), otelAttributes(objectIn(resource, 'resource')['attributes'], at));
          this.#event(record, attributes, at);
        }
      }
    }
  }

  #from(scope: JsonObject, resource: JsonObject): void {
    this.tool = clipped(textIn(scope, 'name') ?? textIn(resource, 'service.name') ?? this.tool);
    this.version = textIn(scope, 'version') ?? textIn(resource, 'service.version') ?? this.version;
  }

  #event(record: JsonObject, attributes: JsonObject, at: string): void {
    const name = textIn(attributes, 'gen_ai.evaluation.name');
    if (name === null) throw new Fault('INPUT_INVALID', 'the event has no gen_ai.evaluation.name', { at });
    this.run = textIn(attributes, `${OWN}run`) ?? this.run;
    const model = textIn(attributes, 'gen_ai.response.model') ?? textIn(attributes, 'gen_ai.request.model');
    if (model !== null) this.#models.add(clipped(model));
    this.#time(record);
    const answer = this.#answer(record, attributes, name, at);
    const value = numberIn(attributes, 'gen_ai.evaluation.score.value');
    answer.error ??= name === OUTCOME_EVENT ? null : textIn(attributes, 'error.type');
    if (name === OUTCOME_EVENT && textIn(attributes, `${OWN}outcome`) !== null) answer.own = ownOf(attributes, at);
    else answer.marks.set(clipped(name), markOf(textIn(attributes, 'gen_ai.evaluation.score.label'), value));
  }

  #time(record: JsonObject): void {
    const digits = idIn(record, 'timeUnixNano') ?? idIn(record, 'observedTimeUnixNano') ?? '';
    const time = /^[1-9]\d{0,18}$/.test(digits) ? BigInt(digits) : undefined;
    if (time !== undefined && (this.#earliest === undefined || time < this.#earliest)) this.#earliest = time;
  }

  /** Events about one response or span belong together, until one of their names comes a second time: that is the next repeat. */
  #answer(record: JsonObject, attributes: JsonObject, name: string, at: string): Answer {
    const own = textIn(attributes, `${OWN}case`);
    const span = [textIn(record, 'traceId'), textIn(record, 'spanId')].filter((id) => id !== null && !/^0*$/.test(id)).join('/');
    const id = own ?? textIn(attributes, 'gen_ai.response.id') ?? (span === '' ? null : span);
    if (id === null) throw new Fault('INPUT_INVALID', 'the event names neither a response nor a span nor a case that was evaluated', { at });
    const repeat = own === null ? undefined : (countOf(numberIn(attributes, `${OWN}repeat`)) ?? 0);
    const part = own === null ? null : textIn(attributes, `${OWN}part`);
    const key = JSON.stringify([part, id, repeat ?? null]);
    const open = this.#open.get(key);
    if (open && (own !== null || !open.marks.has(clipped(name)))) return open;
    if (this.#answers.length >= MOST_ROWS) throw new Fault('INPUT_INVALID', `it has more than ${MOST_ROWS} results`, { at });
    const answer: Answer = { part, case: clipped(id), repeat, marks: new Map(), at, error: null, own: undefined };
    this.#open.set(key, answer);
    this.#answers.push(answer);
    return answer;
  }

  rows(rule: MarkRule) {
    const marked = this.#answers.map(({ part, case: name, repeat, marks, at, error, own }): MarkedRow => ({
      at, marks, error,
      row: { part, case: name, repeat, milliseconds: own?.milliseconds ?? null, usage: own?.usage ?? null, transcript: at.slice(at.indexOf(': ') + 2) },
    }));
    return decided(marked, rule).map((row, index) => {
      const own = this.#answers[index]?.own;
      return own?.outcome === undefined ? row : { ...row, outcome: own.outcome, cause: own.cause };
    });
  }
}

const LABELS: Readonly<Record<string, Mark['is']>> = { pass: 'pass', passed: 'pass', true: 'pass', yes: 'pass', correct: 'pass', fail: 'fail', failed: 'fail', false: 'fail', no: 'fail', incorrect: 'fail', unscored: 'unscored', 'not-evaluable': 'not-evaluable' };

/** The label speaks where it says yes or no; any other word, such as "relevant", leaves it to the number. */
function markOf(label: string | null, value: number | null): Mark {
  const word = (label ?? '').toLowerCase();
  const is = Object.hasOwn(LABELS, word) ? LABELS[word] : undefined;
  if (is !== undefined) return { is, value };
  return value === null ? { is: label === null ? 'unscored' : 'not-evaluable', value } : { is: 'number', value };
}

function ownOf(attributes: JsonObject, at: string): NonNullable<Answer['own']> {
  const outcome = outcomeNamed(attributes[`${OWN}outcome`] as Json | undefined);
  if (outcome === undefined) throw new Fault('INPUT_INVALID', `${OWN}outcome is no outcome`, { at });
  const label = textIn(attributes, 'gen_ai.evaluation.score.label');
  if (label !== outcome) throw new Fault('INPUT_INVALID', `it is marked as ${outcome} but labelled ${JSON.stringify(label)}`, { at });
  const cost = numberOf(textIn(attributes, `${OWN}cost`) ?? '');
  return { outcome, cause: textIn(attributes, `${OWN}cause`), milliseconds: countOf(numberIn(attributes, `${OWN}milliseconds`)), usage: usageOf(numberIn(attributes, `${OWN}tokens`), cost) };
}
