/** SARIF 2.1.0 (OASIS): rules are probes, results are the findings that are not yes, located in agent.yaml. */
import { EXIT_MEANING, type Exit } from '../domain/fault.js';
import type { FaultView, Report } from '../domain/report.js';
import type { JsonObject } from '../domain/json.js';
import { agentIdOf, casesOf, type Case } from './cases.js';
import { document } from './json.js';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const MANIFEST = 'agent.yaml';

export function sarifReport(report: Report): string {
  const cases = casesOf(report);
  const ids = [...new Set(cases.map((one) => one.id))];
  const rules = ids.flatMap((id) => cases.find((one) => one.id === id) ?? []).map(rule);
  const results = cases.filter((one) => one.outcome === 'failed' || one.outcome === 'unknown').map((one) => result(one, ids.indexOf(one.id), agentIdOf(report)));
  return run(rules, results, { executionSuccessful: true, exitCode: report.exit, exitCodeDescription: EXIT_MEANING[report.exit] });
}

export function sarifFault({ code, message, hint, at, details }: FaultView, exit: Exit): string {
  const notifications = (details.length > 0 ? details : [{ at: at ?? '', message, ...(hint !== null && { hint }) }]).map((one) => ({
    level: 'error',
    descriptor: { id: code },
    message: { text: one.hint === undefined ? one.message : `${one.message} (${one.hint})` },
    ...(one.at !== '' && { locations: [location(one.at)] }),
  }));
  return run([], [], { executionSuccessful: false, exitCode: exit, exitCodeDescription: EXIT_MEANING[exit], toolExecutionNotifications: notifications });
}

function run(rules: readonly JsonObject[], results: readonly JsonObject[], invocation: JsonObject): string {
  return document({
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'agentctl', informationUri: 'https://agentctl.dev/', rules } }, columnKind: 'utf16CodeUnits', invocations: [invocation], results }],
  });
}

function rule(one: Case): JsonObject {
  return {
    id: one.id,
    shortDescription: { text: one.name },
    help: { text: one.topic === undefined ? one.remedy : `${one.remedy}\n\nMore: agentctl explain ${one.topic}` },
    defaultConfiguration: { level: one.minor ? 'note' : 'error' },
    properties: { suite: one.suite },
  };
}

/** An unknown must is a warning here and never passes: the exit status says so too. */
function result(one: Case, ruleIndex: number, agent: string): JsonObject {
  return {
    ruleId: one.id,
    ruleIndex,
    level: one.minor ? 'note' : one.outcome === 'failed' ? 'error' : 'warning',
    message: { text: `${one.name} ${one.outcome === 'unknown' ? 'Unknown' : 'No'}: ${one.because}${one.at === undefined ? '' : ` (${one.at})`}. To do: ${one.remedy}` },
    locations: [location(one.at ?? MANIFEST)],
    partialFingerprints: { 'agentctlProbe/v1': [agent, one.id, ...(one.about === undefined ? [] : [one.about])].join('/') },
    ...(one.waived !== undefined && { suppressions: [{ kind: 'external', status: 'accepted', justification: one.waived }] }),
  };
}

/** `file:line:column` as a region; anything else, such as the id of an entry, is told in words and placed at the manifest. */
function location(at: string): JsonObject {
  const [, file = MANIFEST, line = '1', column = '1'] = /^(?:([^:]+):)?(\d+):(\d+)$/.exec(at) ?? (/^[\w./-]+\.\w+$/.test(at) ? [at, at] : []);
  const uri = file.replace(/^\.?\//, '').split('/').map(encodeURIComponent).join('/');
  return { physicalLocation: { artifactLocation: { uri }, region: { startLine: Math.max(Number(line), 1), startColumn: Math.max(Number(column), 1) } } };
}
