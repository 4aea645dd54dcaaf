/** Which entries are asked for: by type, time, tool, decision, version, build, actor and text. */
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import type { Json } from '../../domain/json.js';
import type { Instant } from '../../domain/time.js';
import type { Session } from '../session.js';
import { instantFrom } from '../time-option.js';
import { textOption, type VerbInput } from '../verb.js';
import { payloadOf } from './payload.js';

export type Wanted = (entry: Entry) => boolean | Promise<boolean>;

const DECISIONS = ['permit', 'deny', 'escalate'];

/** All that was given must hold; the text is looked for last, since it may lie in the payload. @throws {Fault} USAGE */
export function filterOf(session: Session, input: VerbInput): Wanted {
  const conditions = [...envelopeConditions(input, session.manifest.owner.operators), ...textCondition(session, input)];
  return async (entry) => {
    for (const condition of conditions) if (!(await condition(entry))) return false;
    return true;
  };
}

function envelopeConditions(input: VerbInput, operators: readonly { readonly id: string; readonly did: string }[]): readonly ((entry: Entry) => boolean)[] {
  const conditions: ((entry: Entry) => boolean)[] = [];
  const when = <T>(value: T | undefined, condition: (entry: Entry, value: T) => boolean) => {
    if (value !== undefined) conditions.push((entry) => condition(entry, value));
  };
  when(textOption(input, 'type'), ({ type }, start) => type.startsWith(start));
  when(timeOption(input, 'since'), ({ ts }, since) => ts >= since);
  when(timeOption(input, 'until'), ({ ts }, until) => ts < until);
  when(textOption(input, 'tool'), ({ data }, tool) => data['tool'] === tool);
  when(decisionOption(input), ({ data }, decision) => data['decision'] === decision);
  when(textOption(input, 'agentVersion'), ({ agent }, version) => agent.version === version);
  when(buildOption(input), ({ agent }, build) => agent.build?.startsWith(build) === true);
  when(textOption(input, 'actor'), ({ actor }, who) => actor === who || actor === operators.find(({ id }) => id === who)?.did);
  return conditions;
}

/** @throws {Fault} USAGE */
export function timeOption(input: VerbInput, name: 'since' | 'until'): Instant | undefined {
  const text = textOption(input, name);
  if (text === undefined) return undefined;
  return instantFrom(text, `--${name}`);
}

function decisionOption(input: VerbInput): string | undefined {
  const decision = textOption(input, 'decision');
  if (decision === undefined || DECISIONS.includes(decision)) return decision;
  throw new Fault('USAGE', `--decision "${decision}" is none`, { hint: `use one of ${DECISIONS.join(', ')}` });
}

function buildOption(input: VerbInput): string | undefined {
  const hex = textOption(input, 'build')?.replace(/^sha256:/, '');
  if (hex === undefined) return undefined;
  if (!/^[0-9a-f]{4,64}$/.test(hex)) throw new Fault('USAGE', `--build "${hex}" is not the beginning of a digest`, { hint: 'at least four hex digits, as agentctl status shows them' });
  return `sha256:${hex}`;
}

function textCondition(session: Session, input: VerbInput): readonly Wanted[] {
  const text = textOption(input, 'text');
  if (text === undefined) return [];
  const wanted = folded(text);
  const within = (value: Json): boolean => {
    if (typeof value !== 'object' || value === null) return folded(String(value)).includes(wanted);
    return Object.values(value).some(within);
  };
  return [async (entry) => {
    if (within(entry.data)) return true;
    const payload = await payloadOf(session, entry);
    return payload !== undefined && payload !== 'erased' && within(payload);
  }];
}

/** Upper and lower case alike, and one spelling for letters that Unicode can write in several ways. Upper, since only that opens a sharp s. */
function folded(text: string): string {
  return text.normalize('NFKC').toUpperCase();
}
