import { describe, expect, test } from '@jest/globals';
import { FORMAT_NAMES } from '../../src/views/formats.js';
import { formatNamed, renderFault, renderReport } from '../../src/views/render.js';
import { fault, hostileFault, hostileReports, reports, status, agent } from '../fixtures/reports.js';
import type { Report } from '../../src/domain/report.js';

const surface = { width: 80, colour: 0 } as const;
const of = (kind: Report['kind'], from = reports) => from.find((report) => report.kind === kind) as Report;
const render = (format: string, report: Report) => renderReport(format, report, surface);
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u{e0000}-\u{e007f}]/u;

describe('all formats', () => {
  test('are these six', () => expect(FORMAT_NAMES).toEqual(['human', 'json', 'markdown', 'junit', 'sarif', 'html']));

  test.each(['tap', '', 'toString', '__proto__', 'JSON'])('"%s" is none', async (name) => {
    await expect(formatNamed(name)).rejects.toMatchObject({ code: 'USAGE', hint: expect.stringContaining('sarif') });
  });

  const all = FORMAT_NAMES.flatMap((format) => reports.map((report) => [format, report.kind, report] as const));
  test.each(all)('%s of %s is one text that ends in a line break, twice the same', async (format, _kind, report) => {
    const text = await render(format, report);
    expect(text).toMatch(/\n$/);
    expect(await render(format, report)).toBe(text);
  });

  test.each(FORMAT_NAMES)('a fault as %s', async (format) => {
    expect(await renderFault(format, fault, 2, surface)).toContain('MANIFEST_INVALID');
    expect(await renderFault(format, hostileFault, 2, surface)).not.toMatch(UNSEEN);
  });
});

describe('json', () => {
  test.each(reports.map((report) => [report.kind, report] as const))('%s: one document with schema, ok, exit and the report as it is', async (kind, report) => {
    expect(JSON.parse(await render('json', report))).toEqual({ schema: `agentctl/${kind}/v1`, ok: report.exit === 0, exit: report.exit, report: report.data });
  });

  test('a fault has the same shape', async () => {
    const { code, message, hint, at, details } = fault;
    expect(JSON.parse(await renderFault('json', fault, 2, surface))).toEqual({ schema: 'agentctl/fault/v1', ok: false, exit: 2, fault: { code, message, hint, at, details } });
  });

  test('unseen characters are escaped in the text and unchanged in the data', async () => {
    for (const report of hostileReports) {
      const text = await render('json', report);
      expect(text).not.toMatch(UNSEEN);
      expect(JSON.parse(text).report).toEqual(report.data);
    }
  });
});

describe('markdown', () => {
  test('status: a row for each step, the open questions, the next command', async () => {
    const text = await render('markdown', of('status'));
    expect(text).toContain('# Status of mail-triage 1.2.0');
    expect(text).toContain('| 3 | baseline | ✘ failed | required |');
    expect(text.match(/^\| \d+ \| /gm)).toHaveLength(12);
    expect(text).toContain('```\nagentctl baseline run\n```');
  });

  test('nothing hostile becomes markup', async () => {
    for (const report of hostileReports.filter(({ kind }) => kind !== 'text')) {
      const text = await render('markdown', report);
      const outside = text.replace(/^(`{3,})\n[\s\S]*?\n\1$/gm, '');
      expect(outside).not.toMatch(/<(?!br>|!-- -->)/);
      expect(outside).not.toMatch(/@octocat/);
      expect(outside).not.toMatch(/(?<!\\)\*\*bold/);
      expect(text).not.toMatch(UNSEEN);
      const rows = text.split('\n').filter((line) => line.startsWith('| '));
      for (const row of rows) expect(row.replaceAll('\\|', '').match(/\|/g)?.length).toBeGreaterThan(2);
    }
  });

  test('a raw text cannot close its fence', async () => {
    expect(await render('markdown', { kind: 'text', exit: 0, data: { text: 'a\n```\nb' } })).toBe('````\na\n```\nb\n````\n');
  });
});

describe('junit', () => {
  const count = (text: string, what: RegExp) => text.match(what)?.length ?? 0;

  test('a case for each probe; failure for a must that is no; unknown and should are skipped; one case is the exit status', async () => {
    const text = await render('junit', of('verify'));
    const probes = status.steps.flatMap((step) => step.findings).length;
    expect(count(text, /<testcase /g)).toBe(probes + 1);
    expect(text).toContain('<testcase classname="agentctl.baseline.one"'.replace('one', 'holds'));
    expect(text).toMatch(/<failure type="no" message="measured: spam-caught/);
    expect(text).toMatch(/<skipped message="unknown: no|<skipped message="unknown: attested: nobody has accepted/);
    expect(text).toMatch(/<skipped message="waived by M. Lee/);
    expect(text).toMatch(/<testcase classname="agentctl" name="exit status"><failure type="exit-1"/);
    const [, tests, failures, , skipped] = /<testsuites name="agentctl" tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)">/.exec(text) ?? [];
    expect([Number(tests), Number(failures), Number(skipped)]).toEqual([probes + 1, count(text, /<failure /g), count(text, /<skipped /g)]);
  });

  test('only unknowns left: still one red case', async () => {
    const data = { ...status, steps: status.steps.filter((step) => step.id === 'escalation') };
    expect(count(await render('junit', { kind: 'verify', exit: 3, data }), /<failure type="exit-3"/g)).toBe(1);
  });

  test('every tag is closed and nothing hostile opens one', async () => {
    for (const report of hostileReports) {
      const text = await render('junit', report);
      expect(text).not.toMatch(UNSEEN);
      expect(text).not.toMatch(/<script|]]>/);
      const open: string[] = [];
      for (const [, close, name, self] of text.matchAll(/<(\/?)([a-z]+)(?:\s+[a-z]+="[^"<]*")*(\/?)>/g)) {
        if (close) expect(open.pop()).toBe(name);
        else if (!self) open.push(name ?? '');
      }
      expect(open).toEqual([]);
      expect(text.replace(/<\?xml[^>]*\?>|<\/?[a-z]+(?:\s+[a-z]+="[^"<]*")*\/?>/g, '')).not.toMatch(/[<>]/);
    }
  });
});

describe('sarif', () => {
  test('2.1.0: rules are the probes, results the open findings, each with a place, a level and a fingerprint', async () => {
    const document = JSON.parse(await render('sarif', of('verify')));
    expect(document.version).toBe('2.1.0');
    expect(document.$schema).toMatch(/sarif-schema-2\.1\.0\.json$/);
    const [run] = document.runs;
    const ids = run.tool.driver.rules.map((rule: { id: string }) => rule.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['identity.one', 'baseline.holds']));
    expect(run.invocations[0]).toMatchObject({ executionSuccessful: true, exitCode: 1 });
    const open = status.steps.flatMap((step) => step.findings).filter((finding) => finding.is === 'no' || finding.is === 'unknown');
    expect(run.results).toHaveLength(open.length);
    for (const result of run.results) {
      expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
      expect(['error', 'warning', 'note']).toContain(result.level);
      expect(result.partialFingerprints['agentctlProbe/v1']).toBe(`${agent.id}/${result.ruleId}`);
      expect(result.locations[0].physicalLocation.region.startLine).toBeGreaterThan(0);
    }
    const by = (id: string) => run.results.find((result: { ruleId: string }) => result.ruleId === id);
    expect(by('baseline.holds').locations[0].physicalLocation).toEqual({ artifactLocation: { uri: 'agent.yaml' }, region: { startLine: 88, startColumn: 9 } });
    expect([by('baseline.holds').level, by('baseline.accepted').level, by('baseline.repeats').level]).toEqual(['error', 'warning', 'note']);
    expect(by('baseline.import').suppressions[0]).toMatchObject({ kind: 'external', status: 'accepted' });
  });

  test('a fault is a run that did not succeed, with a notification for each mistake', async () => {
    const [run] = JSON.parse(await renderFault('sarif', fault, 2, surface)).runs;
    expect(run.invocations[0]).toMatchObject({ executionSuccessful: false, exitCode: 2 });
    expect(run.invocations[0].toolExecutionNotifications).toHaveLength(fault.details.length);
    expect(run.invocations[0].toolExecutionNotifications[0].locations[0].physicalLocation.region).toEqual({ startLine: 5, startColumn: 3 });
  });
});
