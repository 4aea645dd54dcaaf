/** Step 8: a log that can be trusted, because nobody can change it unseen, and it is kept as long as the law asks. */
import { counted } from '../domain/counted.js';
import { defineStep, no, notApplicable, unknown, yes, type Answer, type StepIo } from '../domain/step.js';
import { integer, list, object, oneOf, optional, type TypeOf } from '../domain/schema.js';
import { readable, type Instant } from '../domain/time.js';
import { runsUntil } from '../enforcement/activity.js';
import { anchorName, anchorOf, anchorSection, whereOf } from '../ledger/anchors.js';
import { RETENTION, rulesOf, type RetentionPreset } from '../ledger/retention.js';
import { AUDIT_VERBS } from './verbs/audit.js';

const rule = {
  preset: oneOf(Object.keys(RETENTION) as RetentionPreset[], { description: 'Rule that sets how long entries are kept.' }),
  years: integer({ description: 'Years kept; at least what the preset asks.', minimum: 1, maximum: 30 }),
};

export const auditSection = object(
  {
    retention: object({
      ...rule,
      classes: optional(
        object(
          { actions: optional(object(rule)), evaluations: optional(object(rule)), governance: optional(object(rule)) },
          { description: 'Other rules for what agents did, for how they were measured, or for how they are governed.' },
        ),
      ),
    }),
    anchor: oneOf(['none', 'required'], { description: 'Whether something outside the store has to agree with the log. none: a rollback of the whole file shows only where an anchor is named all the same. required: without one the log is not proven.' }),
    anchors: optional(list(anchorSection, { description: 'Places outside the store that every `audit checkpoint` is published to, and that `verify` compares with.', minItems: 1, maxItems: 10 })),
  },
  { description: 'How long the ledger is kept, and whether its head is anchored outside.' },
);
export type AuditSection = TypeOf<typeof auditSection>;

type Compared = { kind: string; where: string; size: number };

type Facts = {
  entries: number;
  /** Actions that telemetry told of; nobody was asked about them. */
  observed: number;
  /** The newest records, which were looked at one by one. */
  looked: number;
  unnamed: number;
  /** Intents without an outcome that nobody can still be writing. */
  lost: readonly string[];
  /** Intents whose action may still be running. */
  running: readonly string[];
  /** When it will be known what became of all of those. */
  known: Instant | null;
  checked: { at: string; entries: number; anchors: readonly Compared[] } | null;
  required: boolean;
  /** Names of the declared anchors, by what entries call them. */
  names: { [where: string]: string };
  rules: readonly { readonly record: string; readonly preset: string; readonly years: number; readonly least: number }[];
  exported: number;
  /** Payloads that the newest check decrypted; null when none did. */
  readable: number | null;
  erased: number;
  /** Erasures among the newest that no operator of today stands behind. */
  unsigned: readonly number[];
};

/** Records looked at one by one; `audit verify` reads all. */
const RECENT = 100;

export const audit = defineStep<AuditSection, Facts>({
  number: 8,
  id: 'audit',
  title: 'Audit log',
  question: 'Can an investigator trust the record of what the agent did?',
  owner: ['engineering'],
  ifSkipped: 'no investigation possible',
  requires: ['baseline'],
  inputs: ['audit'],
  deliverable: { name: 'append-only log + retention', file: 'checkpoint.txt', mediaType: 'text/plain' },
  section: { key: 'audit', schema: auditSection },
  verbs: AUDIT_VERBS,
  async gather(spec, io) {
    const actions = await io.evidence.list('action.recorded', RECENT);
    const verified = await io.evidence.latest('audit.verified');
    const erasures = await io.evidence.list('payload.erased', RECENT);
    const signed = await Promise.all(erasures.map((entry) => io.attested(entry)));
    const declared = (spec.anchors ?? []).map(anchorOf);
    return {
      entries: await io.evidence.count('action.recorded'),
      observed: await io.evidence.count('action.observed'),
      looked: actions.length,
      unnamed: actions.filter((entry) => entry.agent.build === null || typeof entry.data['decision'] !== 'string').length,
      ...(await withoutOutcome(io)),
      checked: verified ? { at: verified.ts, entries: Number(verified.data['size']), anchors: (verified.data['anchors'] ?? []) as readonly Compared[] } : null,
      required: spec.anchor === 'required',
      names: Object.fromEntries(declared.map((one) => [whereOf(one), anchorName(one)])),
      rules: rulesOf(spec.retention).map(({ record, preset, years }) => ({ record, preset, years, least: RETENTION[preset].years })),
      exported: await io.evidence.count('audit.exported'),
      readable: typeof verified?.data['payloads'] === 'number' ? verified.data['payloads'] : null,
      erased: await io.evidence.count('payload.erased'),
      unsigned: erasures.filter((_, index) => signed[index] === undefined).map(({ seq }) => seq),
    };
  },
  probes: [
    {
      id: 'audit.records', row: '8.1', question: 'Does every action record who, when, what was decided and how it ended?', severity: 'must', proof: 'measured', remedy: 'agentctl audit log --type action',
      answer({ entries, observed, looked, unnamed }) {
        if (unnamed > 0) return no(`${unnamed} of the newest ${looked} action records are incomplete`);
        const told = observed === 0 ? '' : `; ${observed} more only observed through telemetry, which nobody decided`;
        return yes(`${entries} actions${observed === 0 ? '' : ' decided by agentctl'}, each with DID, version, build, inputs, outputs, tool call, validation, confidence${told}`);
      },
    },
    {
      id: 'audit.tamper-evident', row: '8.2', question: 'Was the whole log rehashed and found unbroken?', severity: 'must', proof: 'measured', remedy: 'agentctl audit verify',
      answer: ({ checked }) => (checked !== null ? yes('chain, checkpoints and tables agree; updates and deletes are refused') : unknown('audit verify has not run')),
    },
    {
      id: 'audit.anchor', row: '8.2', question: 'Would a rollback of the whole file by its owner show?', severity: 'should', proof: 'measured', remedy: 'agentctl audit checkpoint --witness-file <file>',
      answer: anchored,
    },
    {
      id: 'audit.anchor-required', row: '8.2', question: 'Does the anchor that the manifest requires agree with the log?', severity: 'must', proof: 'measured', remedy: 'agentctl audit checkpoint',
      answer: (facts) => (facts.required ? anchored(facts) : notApplicable('agent.yaml: audit.anchor asks for none')),
    },
    {
      id: 'audit.retention', row: '8.3', question: 'Is retention set to the rule that applies?', severity: 'must', proof: 'measured', remedy: 'set audit.retention.years in agent.yaml',
      answer: ({ rules }) => {
        const short = rules.find(({ years, least }) => years < least);
        if (short) return no(`${short.years} years, but ${short.preset} asks for ${short.least}${new Set(rules.map(({ preset, years }) => `${preset} ${years}`)).size === 1 ? '' : ` (${short.record})`}`, 'agent.yaml: audit.retention');
        return yes([...new Set(rules.map(({ preset, years }) => `${years} years (${preset}), ${RETENTION[preset as RetentionPreset].rule}`))].join(', '));
      },
    },
    {
      id: 'audit.export', row: '8.4', question: 'Can an investigator query and take the log along?', severity: 'should', proof: 'measured', remedy: 'agentctl audit export --out <folder>',
      answer: ({ exported }) => (exported > 0 ? yes(`searched with agentctl audit log; exported ${counted(exported, 'time')}, checkpoint and log key included`) : unknown('nothing was exported yet')),
    },
    {
      id: 'audit.erasure', row: '8.5', question: 'Can personal data be erased without breaking the chain?', severity: 'should', proof: 'measured', remedy: 'agentctl audit verify',
      answer: ({ readable, erased, unsigned }) => {
        if (readable === null) return unknown('no audit verify has read the payloads back');
        if (readable + erased === 0) return unknown('no payload is on record yet');
        if (unsigned[0] !== undefined) return unknown(`no operator of today stands behind the erasure of entry ${unsigned[0]}`);
        return yes(`${readable} payloads stand apart, each encrypted under a key of its own; ${erased} erased${erased > 0 ? ', each by a signed act' : ' so far'}`);
      },
    },
    {
      id: 'audit.complete', row: '8.6', question: 'Does every intent have an outcome?', severity: 'must', proof: 'measured', remedy: 'agentctl apply',
      answer({ lost, running, known }) {
        if (lost.length > 0) return no(`${count(lost)} without an outcome, first ${lost[0]}: whoever began it is gone`);
        if (known === null) return yes('no intent is open');
        return unknown(`${count(running)} without an outcome yet, first ${running[0]}: it may be running, which is known after ${readable(known)}`);
      },
    },
  ],
  deliver: ({ rules }) => ({ retention: rules }),
});

/** An action that is running looks like one whose process died, until no tool can run that long. */
async function withoutOutcome(io: StepIo): Promise<Pick<Facts, 'lost' | 'running' | 'known'>> {
  const open = [...(await io.projection('actions'))].filter(([, state]) => state['outcome'] === 'open').map(([id]) => id);
  const begun = open.length === 0 ? [] : (await io.evidence.list('action.intent')).filter((entry) => open.includes(String(entry.data['action'])) && runsUntil(entry) >= io.now);
  const running = begun.map((entry) => String(entry.data['action']));
  return { lost: open.filter((id) => !running.includes(id)), running, known: begun.map(runsUntil).sort().at(-1) ?? null };
}

function count(intents: readonly string[]): string {
  return intents.length === 1 ? '1 intent' : `${intents.length} intents`;
}

/** What the newest whole check heard from places outside the store. */
function anchored({ checked, names }: Facts): Answer {
  if (checked !== null && checked.anchors.length > 0) {
    const seen = checked.anchors.map(({ kind, where, size }) => `${names[where] ?? (kind === 'http' ? `witness ${where}` : `${kind} named by a flag`)} up to ${size}`);
    return yes(`compared on ${readable(checked.at)}, at ${checked.entries} entries: ${seen.join(', ')}`);
  }
  const remedy = Object.keys(names).length === 0 ? undefined : checked === null ? 'agentctl audit verify' : 'agentctl audit checkpoint, then agentctl audit verify';
  return unknown('nobody outside the store was asked: a rollback of store and checkpoint together cannot be excluded', remedy);
}
