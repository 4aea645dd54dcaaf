/** The next command for a step, and for the whole: always something one can type. */
import type { Finding, State, StepId, Step, VerbCard } from '../domain/step.js';
import type { StepView } from '../domain/report.js';
import { sequenceOf } from '../steps/index.js';
import type { Manifest } from './manifest.js';

export const SETTLED: readonly State[] = ['passed', 'waived', 'not-applicable'];

/** What a step has to know of the others. */
export interface Others {
  readonly blockers: readonly StepId[];
  /** Whether a step stands as far as it has to before another goes on. */
  settled(id: StepId): boolean;
  /** The next command of another step. */
  next(id: StepId): string;
}

export function nextOf(step: Step, view: StepView, { blockers, settled, next }: Others): string | null {
  if (view.state === 'untrustworthy') return 'agentctl audit verify';
  if (SETTLED.includes(view.state)) return null;
  const failing = view.findings.find((finding) => finding.severity === 'must' && finding.is === 'no' && !finding.waived);
  if (failing) return typed(failing.remedy);
  if (blockers[0] !== undefined && view.evidence.every((one) => !one.stale)) return next(blockers[0]);
  const verb = missingVerb(step, view);
  const before = verb?.after?.find((id) => !settled(id));
  if (before !== undefined) return next(before);
  const hinders = verb?.needsHuman === true ? hindrance(step, view) : undefined;
  if (hinders) return typed(hinders.remedy);
  if (verb !== undefined) return commandLine(step, verb);
  const open = view.findings.find((finding) => finding.severity === 'must' && finding.is === 'unknown')?.remedy;
  return open === undefined ? null : typed(open);
}

/** The must that a human act of the step would not mend: something else has to change before anybody is asked to sign. */
export function hindrance(step: Step, view: StepView): Finding | undefined {
  const commands = step.verbs.filter((verb) => verb.produces.length > 0).map((verb) => `agentctl ${step.id} ${verb.name}`);
  const mended = ({ remedy }: Finding) => commands.some((command) => remedy.startsWith(command)) || remedy.startsWith(`agentctl ${step.id} --`);
  return view.findings.find((one) => one.severity === 'must' && one.proof === 'measured' && (one.is === 'no' || one.is === 'unknown') && !one.waived && !mended(one));
}

/** A verb as it is typed, with the flags that the human has to fill in as the card words them. */
export function commandLine({ id }: Step, verb: VerbCard): string {
  const flags = (verb.options ?? []).filter((option) => option.required === true && !option.flags.startsWith('--as')).map((option) => option.flags);
  return [`agentctl ${id} ${verb.name}`, ...(verb.needsHuman ? ['--as <operator>', ...flags] : [])].join(' ');
}

/** The first command of a remedy; an edit stays as it is. */
function typed(remedy: string): string {
  return remedy.startsWith('agentctl ') ? (remedy.split(', then ', 1)[0] ?? remedy) : remedy;
}

/** The first verb whose evidence is missing or stale. */
function missingVerb(step: Step, view: StepView): VerbCard | undefined {
  return step.verbs.find((one) =>
    one.produces.some((type) => {
      const found = view.evidence.find((evidence) => evidence.type === type);
      return found === undefined || found.stale !== undefined;
    }),
  );
}

/** The first command of the path. */
export function nextCommand(steps: readonly StepView[], path: Manifest['path']): string | null {
  const open = sequenceOf(path).flatMap(({ id }) => steps.find((step) => step.id === id && step.required && step.next !== null) ?? []);
  return (open.find((step) => step.state !== 'blocked') ?? open[0])?.next ?? null;
}
