/** tool-calls: the calls of the agent against those of the reference. Modes as in LangChain's agentevals, with `ordered` beside them. */
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import type { TargetAnswer, ToolCall } from '../../domain/ports.js';
import { decided, fail, notEvaluable, pass, quoted } from './scored.js';
import { isEqual, isWithin } from './reading.js';
import { atPointer } from '../../domain/pointer.js';
import { canPairAll } from './pairing.js';
import type { Scored, ScorerComplaint, ScorerDefinition } from './scorer.js';
import type { ArgumentRule, CallMode, ScorerSpec, StatusMode } from './spec.js';

/** More calls than this in one answer are a runaway. */
const MOST_CALLS = 256;

export const toolCalls: ScorerDefinition = {
  card: {
    decides: 'whether the agent asked for the tools of the reference, with their arguments, and none of them failed',
    needs: ['tool-calls', 'reference'],
    blind: 'what the tools changed: calls are compared, not the state that they leave behind; and calls that the target does not show',
    verification: 'deterministic',
    examples: {
      spec: { calls: 'strict', reference: '/calls' },
      passes: {
        expected: { calls: [{ tool: 'find-order', arguments: { id: 7 } }] },
        answer: { output: null, toolCalls: [{ tool: 'find-order', arguments: { id: 7 }, status: 'ok' }] },
      },
      fails: {
        expected: { calls: [{ tool: 'find-order', arguments: { id: 7 } }] },
        answer: { output: null, toolCalls: [{ tool: 'find-order', arguments: { id: 7 }, status: 'error' }] },
      },
    },
  },
  members: { needed: ['calls'], allowed: ['reference', 'arguments', 'tools', 'status'] },
  complaints: ({ arguments: rule, tools = {} }) => [...(rule ? ofRule('arguments', rule) : []), ...Object.values(tools).flatMap((one) => ofRule('tools', one))],
  make: (spec) => (one, answer) => {
    const reference = callsIn(atPointer(one.expected, spec.reference ?? '/toolCalls'));
    if (reference === undefined) return notEvaluable('the case has no list of { tool, arguments } as reference');
    const wrong = ofEachCall(answer.toolCalls, spec.status ?? 'no-error');
    if (wrong?.is === 'fail') return wrong;
    if (answer.traced === false) return notEvaluable('the target does not show tool calls');
    if (wrong) return wrong;
    return compare(spec, answer, reference);
  },
};

function ofRule(key: string, { mode, fields }: ArgumentRule): readonly ScorerComplaint[] {
  if (mode === 'fields' && fields === undefined) return [{ key, message: 'mode fields names no field', suggestion: 'add fields: [ … ]' }];
  return mode !== 'fields' && fields !== undefined ? [{ key, message: `mode ${mode} has no fields`, suggestion: 'delete fields, or write mode: fields' }] : [];
}

/** What is wrong with a call whatever the reference says; undefined when nothing is. */
function ofEachCall(calls: readonly ToolCall[], status: StatusMode): Scored | undefined {
  if (calls.length > MOST_CALLS) return fail(`${calls.length} tool calls, more than ${MOST_CALLS}`);
  const malformed = calls.find((call) => call.malformed !== undefined);
  if (malformed) return fail(`the arguments of ${quoted(malformed.tool)} are not a JSON object`);
  if (status === 'ignore') return undefined;
  const failed = calls.find((call) => call.status === 'error');
  if (failed) return fail(`the call of ${quoted(failed.tool)} failed`);
  const untold = status === 'ok' ? calls.find((call) => call.status === undefined) : undefined;
  return untold && notEvaluable(`nobody tells whether the call of ${quoted(untold.tool)} worked`);
}

function compare(spec: ScorerSpec, answer: TargetAnswer, reference: readonly Call[]): Scored {
  const matches = (call: Call, wanted: Call) => call.tool === wanted.tool && argumentsFit(spec.tools?.[wanted.tool] ?? spec.arguments ?? { mode: 'exact' }, call.arguments, wanted.arguments);
  const mode = spec.calls ?? 'strict';
  const fits = FITS[mode](answer.toolCalls, reference, matches);
  const tools = (calls: readonly Call[]) => calls.map((call) => call.tool).join(', ') || 'none';
  return fits ? pass(`${answer.toolCalls.length} calls fit the reference (${mode})`) : decided(false, `called ${tools(answer.toolCalls)}; wanted ${tools(reference)} (${mode})`);
}

type Call = Pick<ToolCall, 'tool' | 'arguments'>;
type Matches = (call: Call, wanted: Call) => boolean;

const FITS: Readonly<Record<CallMode, (calls: readonly Call[], reference: readonly Call[], matches: Matches) => boolean>> = {
  strict: (calls, reference, matches) => calls.length === reference.length && calls.every((call, at) => matches(call, reference[at] as Call)),
  ordered: (calls, reference, matches) => {
    let found = 0;
    for (const call of calls) {
      const wanted = reference[found];
      if (wanted && matches(call, wanted)) found += 1;
    }
    return found === reference.length;
  },
  unordered: (calls, reference, matches) => calls.length === reference.length && canPairAll(calls, reference, matches),
  subset: (calls, reference, matches) => canPairAll(calls, reference, matches),
  superset: (calls, reference, matches) => canPairAll(reference, calls, (wanted, call) => matches(call, wanted)),
};

function argumentsFit({ mode, fields = [] }: ArgumentRule, given: JsonObject, wanted: JsonObject): boolean {
  if (mode === 'ignore') return true;
  if (mode === 'exact') return isEqual(given, wanted);
  if (mode === 'subset') return isWithin(given, wanted);
  if (mode === 'superset') return isWithin(wanted, given);
  return fields.every((field) => Object.hasOwn(given, field) && Object.hasOwn(wanted, field) && isEqual(given[field] as Json, wanted[field] as Json));
}

function callsIn(value: Json | undefined): readonly Call[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const calls = (value as readonly Json[]).flatMap((one) => (isObject(one) && typeof one['tool'] === 'string' && isObject(one['arguments'] ?? {}) ? [{ tool: one['tool'], arguments: (one['arguments'] ?? {}) as JsonObject }] : []));
  return calls.length === value.length ? calls : undefined;
}
