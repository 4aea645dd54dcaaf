/** Step 7: can a bad version be taken back at once, to one that was certified, by somebody who may. */
import { counted } from '../domain/counted.js';
import { defineStep, no, unknown, yes, type Answer } from '../domain/step.js';
import { durationOf } from '../domain/manifest.js';
import { ROLES } from '../domain/names.js';
import { list, object, oneOf, optional, type TypeOf } from '../domain/schema.js';
import { readable } from '../domain/time.js';
import type { Entry } from '../domain/entry.js';

export const rollbackSection = object(
  {
    authority: list(oneOf(ROLES), { description: 'Roles that may restore a version.', minItems: 1, uniqueItems: true }),
    conditions: list(
      object({
        on: oneOf(['alert', 'incident'], { description: 'What calls for it.' }),
        severity: optional(oneOf(['critical', 'major', 'minor'], { description: 'From this severity on.' })),
        action: oneOf(['restore'], { description: 'What is done.' }),
      }),
      { description: 'When a restore is called for.', minItems: 1 },
    ),
    keepFor: durationOf('How long a snapshot is kept at least.'),
    target: oneOf(['previous', 'certified'], { description: 'What `restore` goes to when nothing is named: the version before, or the newest certified snapshot.' }),
  },
  { description: 'Who may take a version back, when, to what, and how long the state is kept.' },
);
export type RollbackSection = TypeOf<typeof rollbackSection>;

type Activation = { kind: string; build: string; at: string; complete: boolean };
type Facts = {
  snapshot: { build: string; files: number; keepUntil: string; current: boolean } | null;
  drill: { from: string; to: string; verified: boolean; total: number; parts: string; at: string; by: string | null; ceremony: string } | null;
  activations: readonly Activation[];
  holders: readonly string[];
  now: string;
};

const DRILL = 'agentctl rollback drill --as <operator>';

export const rollback = defineStep<RollbackSection, Facts>({
  number: 7,
  id: 'rollback',
  title: 'Rollback',
  question: 'Can a bad version be taken back at once, to one that is known to be good?',
  owner: ['engineering'],
  ifSkipped: 'slow incident response',
  requires: ['baseline'],
  inputs: ['rollback', 'build', 'deliverable:baseline'],
  deliverable: { name: 'certified rollback state + tested procedure', file: 'snapshot.json', mediaType: 'application/json' },
  section: { key: 'rollback', schema: rollbackSection },
  verbs: [
    { name: 'snapshot', summary: 'keep every file of this build by its content, together with the accepted baseline', mutates: true, needsHuman: false, produces: ['snapshot.taken'] },
    {
      name: 'drill', summary: 'rehearse: run a different build, restore the snapshot, and let the running agent say each time what it is', mutates: true, needsHuman: true, produces: ['rollback.drilled'],
      options: [{ flags: '--as <operator>', description: 'operator who rehearses' }],
    },
    {
      name: 'restore', summary: 'switch what the target runs to a snapshot, verified by the running agent', mutates: true, needsHuman: true, produces: [],
      options: [
        { flags: '--as <operator>', description: 'operator with a role of rollback.authority' },
        { flags: '--to <prefix>', description: 'beginning of a build or snapshot digest; otherwise as rollback.target says' },
      ],
    },
    { name: 'list', summary: 'snapshots and how long they are kept; activations, newest last', mutates: false, needsHuman: false, produces: [], shows: true },
  ],
  async gather(spec, io) {
    const snapshot = await io.evidence.latest('snapshot.taken');
    const drill = await io.evidence.latest('rollback.drilled');
    const act = await io.attested(drill, spec.authority);
    const { operators } = io.manifest.owner;
    return {
      snapshot: snapshot
        ? { build: String(snapshot.data['build']), files: Number(snapshot.data['files']), keepUntil: String(snapshot.data['keepUntil']), current: snapshot.inputs['build'] === io.inputs.build }
        : null,
      drill: drill ? drillOf(drill, act && { name: act.name, ceremony: act.ceremony }) : null,
      activations: (await io.evidence.list('activation.recorded', 100)).map(activationOf),
      holders: operators.filter((one) => one.roles.some((role) => spec.authority.includes(role))).map((one) => one.id),
      now: io.now,
    };
  },
  probes: [
    {
      id: 'rollback.snapshot', row: '7.1', question: 'Is this build kept by content, with the evaluation that it passed?', severity: 'must', proof: 'measured', remedy: 'agentctl rollback snapshot',
      answer: ({ snapshot, now }) => {
        if (snapshot === null) return unknown('no snapshot yet');
        if (snapshot.keepUntil < now) return unknown(`the newest snapshot was kept until ${readable(snapshot.keepUntil)}`);
        return snapshot.current ? yes(`${counted(snapshot.files, 'file')} of build ${snapshot.build.slice(7, 19)} with the accepted baseline, until ${readable(snapshot.keepUntil)}`) : unknown('the newest snapshot is of another build');
      },
    },
    {
      id: 'rollback.verified', row: '7.2', question: 'Did the running agent itself report the restored build?', severity: 'must', proof: 'measured', remedy: DRILL,
      answer: ({ drill }) => {
        if (drill === null) return unknown('no restore was rehearsed yet');
        return drill.verified ? yes(`it said ${drill.from.slice(7, 19)} before and ${drill.to.slice(7, 19)} after, file by file`) : no('the running agent reported another build');
      },
    },
    {
      id: 'rollback.authority', row: '7.3', question: 'Is it declared who may restore, on which conditions, and how long the state is kept, and is there somebody?', severity: 'must', proof: 'measured', remedy: 'give an operator one of the roles under rollback.authority',
      answer: ({ holders }, { authority, conditions, keepFor }) =>
        holders.length === 0
          ? no(`no operator holds ${authority.join(' or ')}`, 'agent.yaml: rollback.authority')
          : yes(`${authority.join(', ')} (${holders.join(', ')}); on ${conditions.map(conditionText).join(', ')}; kept for ${keepFor}; every restore checks the role`),
    },
    {
      id: 'rollback.rehearsed', row: '7.4', question: 'Was the procedure rehearsed and timed by an operator who may do it?', severity: 'must', proof: 'attested', remedy: DRILL,
      answer: ({ drill }) => rehearsed(drill),
    },
    {
      id: 'rollback.automatic', row: '7.5', question: 'Do the declared conditions trigger a restore by themselves?', severity: 'should', proof: 'measured', remedy: 'agentctl rollback restore --as <operator>',
      answer: (_facts, { conditions }) => unknown(`${conditions.length} condition${conditions.length === 1 ? ' is' : 's are'} declared; in this release an operator acts on them`),
    },
    {
      id: 'rollback.activations', row: '7.6', question: 'Is each activation of a version recorded with build, environment, who and what it replaced?', severity: 'must', proof: 'measured', remedy: DRILL,
      answer: ({ activations }) => {
        const newest = activations.at(-1);
        if (!newest) return unknown('nothing was activated yet');
        const incomplete = activations.filter((one) => !one.complete);
        return incomplete.length > 0 ? no(`${incomplete.length} of ${activations.length} records are incomplete`) : yes(`${activations.length} recorded, the newest a ${newest.kind} of ${newest.build.slice(7, 19)} on ${readable(newest.at)}`);
      },
    },
  ],
  deliver: ({ snapshot }) => (snapshot === null ? null : { build: snapshot.build, keepUntil: snapshot.keepUntil }),
});

function conditionText({ on, severity }: RollbackSection['conditions'][number]): string {
  return severity === undefined ? `every ${on}` : `${on} from ${severity} on`;
}

function drillOf({ ts, data }: Entry, act: { name: string; ceremony: string } | undefined): Facts['drill'] {
  const times = (data['milliseconds'] ?? {}) as Readonly<Record<string, number>>;
  return {
    from: String(data['from']), to: String(data['to']), verified: data['verified'] === true, at: ts, by: act?.name ?? null, ceremony: act?.ceremony ?? '',
    total: Object.values(times).reduce((sum, one) => sum + one, 0),
    parts: Object.entries(times).map(([name, one]) => `${name} ${one} ms`).join(', '),
  };
}

function rehearsed(drill: Facts['drill']): Answer {
  if (drill === null) return unknown('not rehearsed yet');
  if (drill.by === null) return unknown('who rehearsed it holds no fitting role any more');
  return yes(`by ${drill.by} (${drill.ceremony}) on ${readable(drill.at)}: ${drill.total} ms of machine time without a human (${drill.parts})`);
}

function activationOf({ ts, data }: Entry): Activation {
  const named = ['build', 'environment', 'operator', 'kind'].every((key) => typeof data[key] === 'string') && 'previous' in data;
  return { kind: String(data['kind']), build: String(data['build']), at: ts, complete: named };
}
