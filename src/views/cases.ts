/** Any report as a list of cases with an outcome each: what JUnit and SARIF have in common. */
import type { ApplyReport, CertificateReport, OutcomeReport, Report, StepView } from '../domain/report.js';
import type { Finding } from '../domain/step.js';

export interface Case {
  /** Stable id of the rule: the probe, the link or the command. */
  readonly id: string;
  /** What `agentctl explain` knows it by; absent where it knows nothing of it. */
  readonly topic?: string;
  readonly suite: string;
  readonly name: string;
  readonly remedy: string;
  readonly outcome: 'passed' | 'failed' | 'unknown' | 'skipped';
  /** A `should`, or a step that these stakes do not require. */
  readonly minor: boolean;
  readonly because: string;
  readonly at?: string;
  /** What it is about, where one rule has several cases. */
  readonly about?: string;
  readonly waived?: string;
}

export function casesOf(report: Report): readonly Case[] {
  switch (report.kind) {
    case 'status':
    case 'verify':
      return report.data.steps.flatMap(stepCases);
    case 'step':
      return stepCases(report.data.step);
    case 'certificate':
      return linkCases(report.data);
    case 'apply':
      return planCases(report.data);
    case 'outcome':
      return [...verdictCases(report.data), ...ruleCases(report.data)];
    default:
      return [];
  }
}

/** Whom the cases are about, for fingerprints that survive a rename. */
export function agentIdOf(report: Report): string {
  switch (report.kind) {
    case 'status':
    case 'verify':
    case 'step':
    case 'apply':
      return report.data.agent.id;
    default:
      return '';
  }
}

function stepCases(step: StepView): readonly Case[] {
  return step.findings.map((finding) => ({
    id: finding.id,
    topic: finding.id,
    suite: `${step.number} ${step.id}`,
    name: `${finding.row} ${finding.question}`,
    remedy: finding.remedy,
    outcome: outcomeOf(finding),
    minor: finding.severity === 'should' || !step.required,
    because: `${finding.proof}: ${finding.because}`,
    ...(finding.at !== undefined && { at: finding.at }),
    ...(finding.waived && finding.is !== 'yes' && { waived: `waived by ${finding.waived.by} until ${finding.waived.until}: ${finding.waived.reason}` }),
  }));
}

function outcomeOf({ is }: Finding): Case['outcome'] {
  return is === 'yes' ? 'passed' : is === 'no' ? 'failed' : is === 'unknown' ? 'unknown' : 'skipped';
}

function linkCases({ links }: CertificateReport): readonly Case[] {
  return links.map((link) => ({
    id: `certificate.${link.link.replace(/\W+/g, '-')}`,
    suite: 'certificate',
    name: link.link,
    remedy: 'agentctl verify --help',
    outcome: link.is === 'yes' ? 'passed' : link.is === 'no' ? 'failed' : 'unknown',
    minor: false,
    because: link.because,
  }));
}

function planCases({ items }: ApplyReport): readonly Case[] {
  return items.map((item) => ({
    id: `apply.${item.step}`,
    topic: item.step,
    suite: 'apply',
    name: item.command,
    remedy: item.command,
    outcome: item.outcome === 'done' ? 'passed' : item.outcome === 'failed' ? 'failed' : 'skipped',
    minor: false,
    because: item.detail ?? item.why,
  }));
}

function verdictCases({ step, verb, verdicts = [] }: OutcomeReport): readonly Case[] {
  return verdicts.map(({ id, name, is, because }) => ({
    id: [step, verb, id].filter((one) => one !== null).join('.'),
    suite: [step, verb].filter((one) => one !== null).join(' '),
    name,
    remedy: '',
    outcome: is === 'yes' ? 'passed' : is === 'no' ? 'failed' : 'unknown',
    minor: false,
    because,
  }));
}

function ruleCases({ step, verb, findings = [] }: OutcomeReport): readonly Case[] {
  return findings.map(({ rule, refuses, about, at, message, suggestion }) => ({
    id: rule,
    topic: rule,
    suite: [step, verb].filter((one) => one !== null).join(' '),
    name: `Refused: ${refuses}.`,
    remedy: suggestion,
    outcome: 'failed',
    minor: false,
    because: message,
    at,
    about,
  }));
}
