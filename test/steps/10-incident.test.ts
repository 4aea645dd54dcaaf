import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { schemas } from '../../src/adapters/schemas.js';
import { yaml } from '../../src/adapters/yaml.js';
import type { JsonObject } from '../../src/domain/json.js';
import { incident, incidentPlan, incidentsSection, lintIncidents, type IncidentsSection } from '../../src/steps/10-incident.js';
import { digestOf, findingOf, NOW, type Seen } from '../support/step-io.js';

const tell = (notice: 'internal' | 'customer', to: 'operations' | 'legal') => ({ notice, to });
const SECTION: IncidentsSection = {
  contacts: [{ role: 'operations', name: 'Desk', via: { kind: 'file', path: 'out.txt' } }, { role: 'legal', name: 'Lena', via: { kind: 'webhook', url: 'https://hooks.example.com/secret' } }],
  severities: {
    sev1: { means: 'harm', action: 'suspend', notify: [tell('internal', 'operations'), tell('customer', 'legal')], within: 'PT15M' },
    sev2: { means: 'wrong', action: 'rollback', notify: [tell('internal', 'operations')], within: 'PT4H' },
    sev3: { means: 'odd', action: 'investigate', notify: [tell('internal', 'operations')], within: 'P1D' },
  },
  triggers: [{ on: 'alert', severity: 'sev2' }, { on: 'escalation', severity: 'sev3' }, { on: 'manual', severity: 'sev1' }],
  templates: { internal: 'notices/internal.md', customer: 'notices/customer.md' },
  review: { within: 'P7D' },
  drillEvery: 'P90D',
};
const severities = (change: Partial<Record<'sev1' | 'sev2' | 'sev3', JsonObject>>): JsonObject =>
  ({ severities: Object.fromEntries(Object.entries(SECTION.severities).map(([id, one]) => [id, { ...one, ...change[id as 'sev1'] }])) }) as JsonObject;

const drilled = (data: JsonObject = {}) => ({ type: 'incident.drilled', data: { incident: 'drill-1', milliseconds: { detect: 3, suspend: 9, notify: 4, scope: 2, lift: 5 }, before: 'permit', notices: 4, templates: 2, affected: 60, ...data } });
const opened = (id: string, action = 'suspend') => ({ type: 'incident.opened', data: { incident: id, severity: 'sev1', action, drill: false } });
const closed = (id: string, reviewDue: string) => ({ type: 'incident.closed', data: { incident: id, reviewDue, act: digestOf('a') } });
const reviewRun = (letter: string) => ({ type: 'review.run', data: { deliverable: digestOf(letter) } });
const decided = (letter: string) => ({ type: 'review.decided', data: { deliverable: digestOf(letter), act: digestOf('a') } });
const tabletop = (ts = NOW) => ({ type: 'incident.tabletop', ts, data: { participants: 3, act: digestOf('a') } });
const HUMAN: NonNullable<Seen['human']> = { act: 'x', operator: 'omar', name: 'Omar', roles: ['operations'], sentence: 's', ceremony: 'scripted', subject: digestOf('s'), at: NOW };
const SEEN = (...entries: NonNullable<Seen['entries']>): Seen => ({ entries, human: HUMAN });
const DUE = '2026-11-29T12:00:00.000Z';

describe('probes', () => {
  const CASES: readonly (readonly [row: string, probe: string, change: JsonObject, seen: Seen, is: string, because: RegExp])[] = [
    ['10.1', 'incident.triggers', {}, SEEN(), 'yes', /alert \(sev2\).*2 contacts/],
    ['10.1', 'incident.triggers', { triggers: [{ on: 'manual', severity: 'sev1' }] }, SEEN(), 'no', /"alert"/],
    ['10.1', 'incident.triggers', severities({ sev1: { notify: [] } }), SEEN(), 'no', /sev1 tells nobody/],
    ['10.1', 'incident.triggers', severities({ sev1: { notify: [{ notice: 'internal', to: 'finance' }] } }), SEEN(), 'no', /no contact has that role/],
    ['10.1', 'incident.triggers', { contacts: [{ role: 'operations', name: 'Desk', via: { kind: 'webhook' } }, SECTION.contacts[1] as JsonObject] }, SEEN(), 'no', /webhook without "url"/],
    ['10.1', 'incident.automatic', {}, SEEN(), 'unknown', /in this release/],
    ['10.1', 'incident.delivery', {}, SEEN(), 'unknown', /no notice/],
    ['10.1', 'incident.delivery', {}, SEEN({ type: 'incident.notified', data: { notices: 2, delivered: 1 } }), 'no', /1 of 2/],
    ['10.1', 'incident.delivery', {}, SEEN({ type: 'incident.notified', data: { notices: 2, delivered: 2 } }), 'yes', /2 of 2/],
    ['10.2', 'incident.severities', {}, SEEN(), 'yes', /sev1 within PT15M/],
    ['10.2', 'incident.severities', severities({ sev1: { within: 'P2D' } }), SEEN(), 'no', /worse severity/],
    ['10.3', 'incident.action', {}, SEEN(), 'unknown', /no drill/],
    ['10.3', 'incident.action', {}, SEEN(drilled()), 'yes', /9 ms/],
    ['10.3', 'incident.action', severities({ sev1: { action: 'investigate' } }), SEEN(drilled()), 'no', /leaves the agent running/],
    ['10.3', 'incident.settled', {}, SEEN(opened('inc-1')), 'no', /inc-1.*suspended/],
    ['10.3', 'incident.settled', {}, SEEN(opened('inc-1'), closed('inc-1', DUE)), 'yes', /none/],
    ['10.4', 'incident.scope', {}, SEEN(), 'unknown', /no drill/],
    ['10.4', 'incident.scope', {}, SEEN(drilled()), 'yes', /60 actions/],
    ['10.5', 'incident.templates', {}, SEEN(), 'unknown', /no drill/],
    ['10.5', 'incident.templates', {}, SEEN(drilled()), 'yes', /2 templates/],
    ['10.5', 'incident.templates', { templates: { ...SECTION.templates, regulator: 'notices/regulator.md' } }, SEEN(drilled()), 'no', /2 of 3/],
    ['10.6', 'incident.review', {}, SEEN(), 'yes', /no incident was closed/],
    ['10.6', 'incident.review', {}, SEEN(opened('inc-1'), closed('inc-1', DUE)), 'yes', /due by 2026-11-29/],
    ['10.6', 'incident.review', {}, { ...SEEN(opened('inc-1'), closed('inc-1', DUE)), now: '2026-11-29T12:00:00.001Z' }, 'no', /was due/],
    ['10.6', 'incident.review', {}, { ...SEEN(opened('inc-1'), closed('inc-1', DUE), reviewRun('d'), decided('d')), now: '2026-12-29T12:00:00.001Z' }, 'yes', /followed by a review/],
    ['10.6', 'incident.review', {}, { ...SEEN(opened('inc-1'), reviewRun('d'), closed('inc-1', DUE), decided('d')), now: '2026-12-29T12:00:00.001Z' }, 'no', /was due/],
    ['10.6', 'incident.review', {}, { entries: [opened('inc-1'), closed('inc-1', DUE), reviewRun('d'), decided('d')], now: '2026-12-29T12:00:00.001Z' }, 'no', /was due/],
    ['10.7', 'incident.drilled', {}, SEEN(), 'unknown', /no drill/],
    ['10.7', 'incident.drilled', {}, SEEN(drilled()), 'yes', /detect 3 ms, suspend 9 ms, scope 2 ms, notify 4 ms, lift 5 ms/],
    ['10.7', 'incident.tabletop', {}, SEEN(), 'unknown', /none was held/],
    ['10.7', 'incident.tabletop', {}, { entries: [tabletop()] }, 'unknown', /none was held/],
    ['10.7', 'incident.tabletop', {}, SEEN(tabletop()), 'yes', /3 people.*Omar \(scripted\)/],
    ['10.7', 'incident.tabletop', {}, { ...SEEN(tabletop()), now: '2027-11-23T12:00:00.000Z' }, 'unknown', /last one was on 2026-11-22/],
  ];
  test.each(CASES)('%s %s with %j', async (row, probe, change, seen, is, because) => {
    const found = await findingOf(incident, { ...SECTION, ...change } as JsonObject, seen, probe);
    expect([found.row, found.is]).toEqual([row, is]);
    expect(found.because).toMatch(because);
  });

  test('every row of step 10 has a probe', () => {
    expect([...new Set(incident.probes.map((probe) => probe.row))].sort()).toEqual(['10.1', '10.2', '10.3', '10.4', '10.5', '10.6', '10.7']);
  });
});

describe('the section', () => {
  test.each([
    ['as it is', {}, true],
    ['a severity that is missing', { severities: { sev1: SECTION.severities.sev1 } }, false],
    ['a template outside of the folder', { templates: { internal: '../x', customer: 'c' } }, false],
    ['a webhook over plain http', { contacts: [{ role: 'legal', name: 'L', via: { kind: 'webhook', url: 'http://hooks.example.com/x' } }] }, false],
    ['a trigger that nothing raises', { triggers: [{ on: 'weather', severity: 'sev1' }] }, false],
  ])('%s', async (_name, change, fits) => {
    expect((await schemas().check(incidentsSection, { ...SECTION, ...change } as unknown as JsonObject)).length === 0).toBe(fits);
  });

  test('two triggers on the same thing, and a notice without a text, are told', () => {
    const doubled = { ...SECTION, triggers: [...SECTION.triggers, { on: 'manual' as const, severity: 'sev2' as const }] };
    expect(lintIncidents(doubled)).toEqual(['two triggers speak of "manual"']);
    const regulator = { ...SECTION, severities: { ...SECTION.severities, sev1: { ...SECTION.severities.sev1, notify: [{ notice: 'regulator' as const, to: 'legal' as const }] } } };
    expect(lintIncidents(regulator)).toEqual(['sev1 sends the regulator notice, which has no template']);
  });

  test.each(['templates/agent.standard.yaml', 'templates/agent.high.yaml', 'examples/mail-triage/agent.yaml', 'test/fixtures/tiny-agent/sections/incidents.yaml'])('%s is right', async (file) => {
    const { value } = await yaml().parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'), file);
    const section = (value as { incidents: IncidentsSection }).incidents;
    expect(await schemas().check(incidentsSection, section as unknown as JsonObject)).toEqual([]);
    expect(lintIncidents(section)).toEqual([]);
  });

  test('the deliverable names no address of a webhook', () => {
    expect(JSON.stringify(incidentPlan(SECTION))).not.toContain('secret');
  });
});
