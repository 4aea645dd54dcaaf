/** Step 10: has the procedure been tried before it is needed, and does everybody know their part. */
import { counted } from '../domain/counted.js';
import { defineStep, no, unknown, yes, type Answer, type StepIo } from '../domain/step.js';
import { durationOf, pathOf } from '../domain/manifest.js';
import { ROLES } from '../domain/names.js';
import { list, object, oneOf, optional, string, type TypeOf } from '../domain/schema.js';
import { millisecondsOf, parseDuration, readable } from '../domain/time.js';
import type { Entry } from '../domain/entry.js';
import { isObject, type JsonObject } from '../domain/json.js';

export const SEVERITY_IDS = ['sev1', 'sev2', 'sev3'] as const;
export type SeverityId = (typeof SEVERITY_IDS)[number];
export const NOTICES = ['internal', 'customer', 'regulator'] as const;
export type NoticeKind = (typeof NOTICES)[number];
export const TRIGGERS = ['alert', 'escalation', 'manual'] as const;

const contact = object({
  role: oneOf(ROLES, { description: 'Part that the contact plays; notices are addressed to it.' }),
  name: string({ description: 'Person or desk.', maxLength: 100, examples: ['Duty officer'] }),
  via: object({
    kind: oneOf(['file', 'webhook'], { description: 'file: notices are appended. webhook: signed POST requests.' }),
    path: optional(pathOf('File, relative to agent.yaml, to which notices are appended; for kind file.')),
    url: optional(string({ description: 'Address of the webhook: https, or http on this machine; for kind webhook.', pattern: '^(https://|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])[:/])[^@\\s]+$' })),
  }),
});

const severity = object({
  means: string({ description: 'When an incident is of this severity, in one sentence.', maxLength: 300 }),
  action: oneOf(['rollback', 'suspend', 'investigate'], { description: 'Immediate action. rollback and suspend stop the agent at once.' }),
  notify: list(
    object({ notice: oneOf(NOTICES, { description: 'Which text.' }), to: oneOf(ROLES, { description: 'Role of the contact who gets it.' }) }),
    { description: 'Who is told, and with which text.' },
  ),
  within: durationOf('Longest time until they are told.', 'PT1H'),
});

export const incidentsSection = object(
  {
    contacts: list(contact, { description: 'Who is told.', minItems: 1, maxItems: 20 }),
    severities: object({ sev1: severity, sev2: severity, sev3: severity }, { description: 'From the worst, sev1, down.' }),
    triggers: list(
      object({ on: oneOf(TRIGGERS, { description: 'What opens an incident.' }), severity: oneOf(SEVERITY_IDS, { description: 'Severity that it is opened with, unless a person says otherwise.' }) }),
      { description: 'What opens an incident.', minItems: 1, uniqueItems: true },
    ),
    templates: object({
      internal: pathOf('Text for colleagues, relative to agent.yaml.'),
      customer: pathOf('Text for customers.'),
      regulator: optional(pathOf('Text for the regulator.')),
    }),
    review: object({ within: durationOf('A review has to be decided this soon after an incident was closed.', 'P7D') }),
    drillEvery: durationOf('How long a drill counts.', 'P90D'),
  },
  { description: 'What is done when something goes wrong, by whom, and who is told.' },
);
export type IncidentsSection = TypeOf<typeof incidentsSection>;
export type Contact = IncidentsSection['contacts'][number];

type Drilled = { at: string; milliseconds: { [name: string]: number }; before: string; notices: number; templates: number; affected: number };
type Facts = {
  now: string;
  problems: readonly string[];
  drilled: Drilled | null;
  open: readonly { incident: string; severity: string; action: string; suspends: boolean }[];
  scoped: number;
  notified: { notices: number; delivered: number; at: string } | null;
  awaiting: readonly { incident: string; due: string }[];
  reviewed: number;
  tabletop: { by: string; ceremony: string; participants: number; at: string } | null;
};

const DRILL = 'agentctl incident drill';
const EDIT = 'correct the section incidents in agent.yaml';
/** People forget: a tabletop counts for a year. */
const TABLETOP_COUNTS = 'P365D';

export const incident = defineStep<IncidentsSection, Facts>({
  number: 10,
  id: 'incident',
  title: 'Incident response',
  question: 'Has the procedure been tried before it is needed?',
  owner: ['operations'],
  ifSkipped: 'damage compounds',
  requires: ['rollback', 'escalation', 'audit'],
  inputs: ['incidents', 'rollback'],
  deliverable: { name: 'tested procedure + communication templates', file: 'incident.json', mediaType: 'application/json' },
  section: { key: 'incidents', schema: incidentsSection },
  verbs: [
    {
      name: 'open', summary: 'open an incident; with the action suspend or rollback the gateway denies everything at once', mutates: true, needsHuman: false, produces: [],
      options: [
        { flags: '--trigger <what>', description: 'alert, escalation or manual', required: true },
        { flags: '--severity <id>', description: 'sev1, sev2 or sev3; that of the trigger unless given' },
        { flags: '--action <action>', description: 'rollback, suspend or investigate; that of the severity unless given' },
      ],
    },
    { name: 'drill', summary: 'rehearse and time it: suspend, be refused by the gateway, scope, render notices, lift', mutates: true, needsHuman: false, produces: ['incident.drilled'] },
    {
      name: 'scope', summary: 'count what the incident touched, backwards from the log', mutates: true, needsHuman: false, produces: [],
      arguments: [{ name: 'incident', description: 'id of the incident' }],
      options: [
        { flags: '--since <instant>', description: 'actions from this time on' },
        { flags: '--build <digest>', description: 'actions of this build; that of the incident unless --since is given' },
      ],
    },
    {
      name: 'notify', summary: 'render the notices from the facts, and send them to the contacts', mutates: true, needsHuman: false, produces: [],
      arguments: [{ name: 'incident', description: 'id of the incident' }],
    },
    {
      name: 'close', summary: 'say that it is over: lifts the suspension, sets the date of the review', mutates: true, needsHuman: true, produces: [],
      arguments: [{ name: 'incident', description: 'id of the incident' }],
      options: [{ flags: '--as <operator>', description: 'operator who signs' }],
    },
    {
      name: 'tabletop', summary: 'attest that people talked an incident through', mutates: true, needsHuman: true, produces: [],
      options: [
        { flags: '--as <operator>', description: 'operator who signs' },
        { flags: '--participant <name...>', description: 'who took part', required: true },
        { flags: '--scenario <text>', description: 'what was assumed to have happened', required: true },
      ],
    },
  ],
  async gather(spec, io) {
    const drilled = await io.evidence.latest('incident.drilled');
    const [opened, lifted, closed] = await Promise.all(['incident.opened', 'incident.lifted', 'incident.closed'].map((type) => io.evidence.list(type)));
    const reviewed = await reviewedUpTo(io);
    const tabletop = await io.evidence.latest('incident.tabletop');
    const act = await io.attested(tabletop);
    const over = new Set([...(lifted ?? []), ...(closed ?? [])].map((entry) => entry.data['incident']));
    const notified = await io.evidence.latest('incident.notified');
    const awaiting = (closed ?? []).filter((entry) => entry.seq > reviewed);
    return {
      now: io.now,
      problems: lintIncidents(spec),
      drilled: drilled ? drilledOf(drilled) : null,
      open: (opened ?? []).filter((entry) => !over.has(entry.data['incident'])).map(openOf),
      scoped: await io.evidence.count('incident.scoped'),
      notified: notified ? { notices: Number(notified.data['notices']), delivered: Number(notified.data['delivered']), at: notified.ts } : null,
      awaiting: awaiting.map((entry) => ({ incident: String(entry.data['incident']), due: String(entry.data['reviewDue']) })),
      reviewed: (closed ?? []).length - awaiting.length,
      tabletop: tabletop && act ? { by: act.name, ceremony: act.ceremony, participants: Number(tabletop.data['participants']), at: tabletop.ts } : null,
    };
  },
  probes: [
    {
      id: 'incident.triggers', row: '10.1', question: 'Is it declared what opens an incident, and who is then told?', severity: 'must', proof: 'measured', remedy: EDIT,
      answer: ({ problems }, { triggers, contacts }) => (problems.length > 0 ? no(problems.join('; '), 'agent.yaml: incidents') : yes(`opened on ${triggers.map(({ on, severity: as }) => `${on} (${as})`).join(', ')}; ${counted(contacts.length, 'contact')}`)),
    },
    {
      id: 'incident.automatic', row: '10.1', question: 'Does an alert open an incident by itself?', severity: 'should', proof: 'measured', remedy: 'agentctl incident open --trigger alert',
      answer: () => unknown('in this release a person or a job opens it: agentctl incident open --trigger alert'),
    },
    {
      id: 'incident.delivery', row: '10.1', question: 'Did the notices of the last incident arrive at every contact?', severity: 'should', proof: 'measured', remedy: 'agentctl incident notify <incident>',
      answer: ({ notified }) => {
        if (notified === null) return unknown('no notice was sent yet; a drill sends none');
        return notified.delivered < notified.notices ? no(`${notified.delivered} of ${notified.notices} arrived`) : yes(`${notified.delivered} of ${notified.notices} arrived on ${readable(notified.at)}`);
      },
    },
    {
      id: 'incident.severities', row: '10.2', question: 'Are there severities that say what they mean, with the worst one handled soonest?', severity: 'must', proof: 'measured', remedy: EDIT,
      answer: (_facts, { severities }) => {
        const { sev1, sev2, sev3 } = severities;
        const hours = [sev1, sev2, sev3].map((one) => parseDuration(one.within));
        const [first = 0, second = 0, third = 0] = hours;
        if (first > second || second > third) return no('a worse severity is told later than a lesser one', 'agent.yaml: incidents.severities');
        return yes(SEVERITY_IDS.map((id) => `${id} within ${severities[id].within}`).join(', '));
      },
    },
    {
      id: 'incident.action', row: '10.3', question: 'Does the immediate action stop the agent: is an action that was allowed denied at once?', severity: 'must', proof: 'measured', remedy: DRILL,
      answer: ({ drilled }, { severities }) => {
        if (severities.sev1.action === 'investigate') return no('the worst severity leaves the agent running', 'agent.yaml: incidents.severities.sev1.action');
        return drilled === null ? unknown('no drill has passed yet') : yes(`an action that had met a ${drilled.before} was denied by the gateway ${drilled.milliseconds['suspend'] ?? 0} ms after the incident was opened`);
      },
    },
    {
      id: 'incident.scope', row: '10.4', question: 'Can the log say how many actions an incident touched?', severity: 'must', proof: 'measured', remedy: DRILL,
      answer: ({ drilled, scoped }) => (drilled === null ? unknown('no drill has passed yet') : yes(`the drill counted ${drilled.affected} actions of the build in ${drilled.milliseconds['scope'] ?? 0} ms; ${scoped} real incidents were scoped`)),
    },
    {
      id: 'incident.templates', row: '10.5', question: 'Are there texts for everybody who must be told, and can the facts fill them?', severity: 'must', proof: 'measured', remedy: DRILL,
      answer: ({ drilled }, { templates }) => {
        if (drilled === null) return unknown('no drill has rendered them yet');
        const declared = Object.keys(templates).length;
        return drilled.templates < declared ? no(`the drill rendered ${drilled.templates} of ${declared} templates`) : yes(`${drilled.templates} templates rendered without an unknown placeholder; ${drilled.notices} notices`);
      },
    },
    {
      id: 'incident.review', row: '10.6', question: 'Is a review scheduled after every incident, and none overdue?', severity: 'must', proof: 'measured', remedy: 'agentctl review run, then agentctl review decide --as <operator>',
      answer: ({ awaiting, reviewed, now }, { review }) => {
        const late = awaiting.find((one) => one.due < now);
        if (late) return no(`the review of ${late.incident} was due on ${readable(late.due)}`);
        const next = awaiting[0];
        if (next) return yes(`the review of ${next.incident} is due by ${readable(next.due)}`);
        return yes(reviewed > 0 ? `${reviewed} closed incidents, each followed by a review` : `due within ${review.within} of closing; no incident was closed yet`);
      },
    },
    {
      id: 'incident.drilled', row: '10.7', question: 'Was the procedure rehearsed and timed?', severity: 'must', proof: 'measured', remedy: DRILL,
      answer: ({ drilled }) => (drilled === null ? unknown('no drill has passed yet') : yes(`on ${readable(drilled.at)}, machine time without a human: ${timesOf(drilled.milliseconds)}`)),
    },
    {
      id: 'incident.tabletop', row: '10.7', question: 'Did people talk an incident through within a year?', severity: 'should', proof: 'attested', remedy: 'agentctl incident tabletop --as <operator> --participant <name> --scenario <text>',
      answer: (facts) => held(facts),
    },
    {
      id: 'incident.settled', row: '10.3', question: 'Is no incident open?', severity: 'should', proof: 'measured', remedy: 'agentctl incident close <incident> --as <operator>',
      answer: ({ open }) => {
        const [first] = open;
        return first === undefined ? yes('none is open') : no(`${open.length} open, first ${first.incident} (${first.severity}, ${first.action})${open.some((one) => one.suspends) ? '; the agent is suspended' : ''}`);
      },
    },
  ],
  deliver: ({ problems }, spec) => (problems.length > 0 ? null : incidentPlan(spec)),
});

/** The deliverable: the procedure as it was rehearsed. Addresses of webhooks may hold secrets, and this file is committed. */
export function incidentPlan({ contacts, severities, triggers, templates, review, drillEvery }: IncidentsSection): JsonObject {
  return {
    v: 1,
    contacts: contacts.map(({ role, name, via }) => ({ role, name, via: via.path === undefined ? { kind: via.kind } : { kind: via.kind, path: via.path } })),
    severities, triggers, templates: { ...templates }, review, drillEvery,
  };
}

/** What a schema cannot see: triggers that are missing, notices that nobody gets or nobody wrote, channels without an address. */
export function lintIncidents({ contacts, severities, triggers, templates }: IncidentsSection): readonly string[] {
  const problems: string[] = [];
  for (const on of TRIGGERS) {
    const count = triggers.filter((one) => one.on === on).length;
    if (count === 0) problems.push(`no trigger says what an incident on "${on}" is`);
    if (count > 1) problems.push(`two triggers speak of "${on}"`);
  }
  contacts.forEach(({ name, via: { kind, path, url } }) => {
    const [has, wants] = kind === 'file' ? [path, 'path'] : [url, 'url'];
    if (has === undefined) problems.push(`contact ${name} is a ${kind} without "${wants}"`);
  });
  for (const id of SEVERITY_IDS) {
    const { notify } = severities[id];
    if (notify.length === 0) problems.push(`${id} tells nobody`);
    for (const { notice, to } of notify) {
      if (!contacts.some((one) => one.role === to)) problems.push(`${id} tells ${to}, but no contact has that role`);
      if (templates[notice] === undefined) problems.push(`${id} sends the ${notice} notice, which has no template`);
    }
  }
  return problems;
}

/** Place up to which the newest decided review has looked; -1 without one. A review that was written before the end of an incident did not see it. */
async function reviewedUpTo(io: StepIo): Promise<number> {
  const decided = await io.evidence.latest('review.decided');
  if (decided === undefined || (await io.attested(decided)) === undefined) return -1;
  return (await io.evidence.list('review.run')).findLast((entry) => entry.data['deliverable'] === decided.data['deliverable'])?.seq ?? -1;
}

function drilledOf({ ts, data }: Entry): Drilled {
  const milliseconds = isObject(data['milliseconds']) ? data['milliseconds'] : {};
  return {
    at: ts, before: String(data['before']), notices: Number(data['notices']), templates: Number(data['templates']), affected: Number(data['affected']),
    milliseconds: Object.fromEntries(Object.entries(milliseconds).map(([name, value]) => [name, Number(value)])),
  };
}

function openOf({ data }: Entry): Facts['open'][number] {
  return { incident: String(data['incident']), severity: String(data['severity']), action: String(data['action']), suspends: data['action'] !== 'investigate' };
}

export function timesOf(milliseconds: Readonly<Record<string, number>>): string {
  return ['detect', 'suspend', 'scope', 'notify', 'lift'].map((name) => `${name} ${milliseconds[name] ?? 0} ms`).join(', ');
}

function held({ tabletop, now }: Facts): Answer {
  if (tabletop === null) return unknown('none was held yet');
  const age = millisecondsOf(now) - millisecondsOf(tabletop.at);
  if (age > parseDuration(TABLETOP_COUNTS)) return unknown(`the last one was on ${readable(tabletop.at)}`);
  return yes(`${tabletop.participants === 1 ? '1 person' : `${tabletop.participants} people`} on ${readable(tabletop.at)}, attested by ${tabletop.by} (${tabletop.ceremony})`);
}
