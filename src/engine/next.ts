/** The next command for a step: always something one can type. */
import type { StepId, Step } from '../domain/step.js';
import type { StepView } from '../domain/report.js';

export function nextOf(step: Step, view: StepView, blockers: readonly StepId[]): string | null {
  if (view.state === 'untrustworthy') return 'agentctl audit verify';
  if (['passed', 'waived', 'not-applicable'].includes(view.state)) return null;
  const failing = view.findings.find((finding) => finding.severity === 'must' && finding.is === 'no' && !finding.waived);
  if (failing) return failing.remedy;
  if (blockers[0] !== undefined && view.evidence.every((one) => !one.stale)) return `agentctl ${blockers[0]}`;
  const verb = missingVerb(step, view);
  if (verb !== undefined) return `agentctl ${step.id} ${verb}`;
  return view.findings.find((finding) => finding.severity === 'must' && finding.is === 'unknown')?.remedy ?? null;
}

/** The first verb whose evidence is missing or stale, as typed after the step. */
export function missingVerb(step: Step, view: StepView): string | undefined {
  const verb = step.verbs.find((one) =>
    one.produces.some((type) => {
      const found = view.evidence.find((evidence) => evidence.type === type);
      return found === undefined || found.stale !== undefined;
    }),
  );
  return verb && (verb.needsHuman ? `${verb.name} --as <operator>` : verb.name);
}
