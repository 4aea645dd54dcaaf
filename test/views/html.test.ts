import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { html, page, statusPage } from '../../src/views/html.js';
import { renderReport } from '../../src/views/render.js';
import { barList, calibrationPlot, intervalPlot, scorePlot } from '../../src/views/plot.js';
import { HOSTILE, hostileReports, reports, status } from '../fixtures/reports.js';
import type { Report } from '../../src/domain/report.js';

const render = (report: Report) => renderReport('html', report, { width: 80, colour: 0 });

/** Every tag and attribute name of a document, and what stands between tags; quoted attribute values may hold anything but a quote. */
function scan(text: string) {
  const tags = [...text.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>/g)];
  return { names: new Set(tags.map((tag) => tag[2])), attributes: new Set(tags.flatMap((tag) => [...(tag[3] ?? '').matchAll(/\s([\w:-]+)(?:="[^"]*")?/g)].map((one) => one[1]))) };
}

test('no text of a plot is cut at an edge, in a wide font', () => {
  // A wide font at 13 px takes about 8 for a character.
  const columns = (text: string) => 8 * [...text.replace(/<[^>]+>/g, '').replace(/&\w+;/g, '-')].length;
  const row = { label: 'attacks-move-nothing-else-at-all', value: 0.9784, low: 0.97, high: 0.98, threshold: 0.975, operator: '>=', verdict: 'insufficient evidence' } as const;
  const text = String(intervalPlot({ title: 'Conditions', rows: [row, { ...row, label: 'late', value: 12_345, low: 12_000, high: 13_000, threshold: 120_000, operator: '<=', max: 130_000, unit: ' ms' }] }));
  const found = [...text.matchAll(/<text[^>]*? x="([\d.]+)"[^>]*?>(.*?)<\/text>/gs)].map(([whole, x, inner = '']) => ({ from: Number(x) - (whole.includes('text-anchor="end"') ? columns(inner) : 0), width: columns(inner), inner }));
  expect(found.length).toBeGreaterThan(5);
  for (const { from, width, inner } of found) expect([inner, from >= 0, from + width <= 720]).toEqual([inner, true, true]);
});

describe('the html tag', () => {
  test.each<[string, string]>([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['" onload="x', '&quot; onload=&quot;x'],
    ["' & `", '&#39; &amp; &#96;'],
    ['\u202eevil\u0000', '\\u202eevil\\x00'],
  ])('%s', (text, escaped) => expect(String(html`<p title="${text}">${text}</p>`)).toBe(`<p title="${escaped}">${escaped}</p>`));

  test('markup in markup stays markup; lists are joined; nothing is nothing', () => {
    expect(String(html`<ul>${['a', '<b>'].map((item) => html`<li>${item}</li>`)}${undefined}${null}${false}${0}</ul>`)).toBe('<ul><li>a</li><li>&lt;b&gt;</li>0</ul>');
  });

  test('an object that only looks like markup is escaped', () => {
    const forged = ['<img>'] as const;
    expect(String(html`${forged}`)).toBe('&lt;img&gt;');
  });
});

describe('page', () => {
  const text = page({ title: 'T', body: html`<p>body</p>` });

  test('one stylesheet, allowed by its hash, and nothing else', () => {
    const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(text).toContain(`content="default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;; img-src data:; base-uri &#39;none&#39;; form-action &#39;none&#39;"`);
    expect(text).toContain('prefers-color-scheme:dark');
    expect(text).toContain('@media print');
  });

  test.each(reports.map((report) => [report.kind, report] as const))('%s: self-contained, without scripts, styles of its own or requests', async (_kind, report) => {
    const document = await render(report);
    expect(document).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(document).not.toMatch(/<script|<link|<img|<iframe|\sstyle=|\son\w+=|https?:\/\/(?!www\.w3\.org)/);
  });
});

test('statusPage: twelve steps, each with a glyph, a word and its findings', () => {
  const { title, body } = statusPage(status);
  expect(title).toBe('Status of mail-triage 1.2.0');
  expect(String(body).match(/<summary>/g)).toHaveLength(12);
  expect(String(body)).toContain('<span class="mark bad"><span aria-hidden="true">✘</span> failed</span>');
  expect(String(body)).toContain('agentctl baseline accept --as &lt;operator&gt;');
  expect(String(statusPage(status, 3).body)).toContain('Exit 3: indeterminate');
});

test.each(hostileReports.map((report) => [report.kind, report] as const))('hostile %s brings no tag, no attribute and no unseen character', async (_kind, report) => {
  const honest = reports.find((one) => one.kind === report.kind) as Report;
  const [clean, hostile] = [scan(await render(honest)), scan(await render(report))];
  expect([...hostile.names].filter((name) => !clean.names.has(name))).toEqual([]);
  expect([...hostile.attributes].filter((name) => !clean.attributes.has(name))).toEqual([]);
  expect(await render(report)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u{e0000}-\u{e007f}]/u);
});

describe('plots', () => {
  const plots = {
    interval: intervalPlot({ title: 'Conditions', rows: [{ label: `a${HOSTILE}`, value: 0.83, low: 0.81, high: 1, threshold: 0.85, operator: '>=', verdict: 'not met' }, { label: 'latency', value: 38, low: 0, high: 9999, threshold: 200, operator: '<=', verdict: 'met', max: 250, unit: ' ms' }] }),
    calibration: calibrationPlot({ title: 'Calibration', bins: [{ predicted: 0.9, observed: 0.8, count: 40 }, { predicted: 0.5, observed: 0.5, count: 4, low: 0.1, high: 0.9 }, { predicted: 0.1, observed: Number.NaN, count: 0 }] }),
    score: scorePlot({ title: 'Score', threshold: 0.9, points: [3, 1, 2].map((day) => ({ at: `2026-11-0${day}T00:00:00.000Z`, value: 0.9 + day / 100 })) }),
    bars: barList({ title: 'Triggers', bars: [{ label: 'confidence', value: 12 }, { label: 'doubt', value: 0 }] }),
    empty: barList({ title: 'Nothing', bars: [] }),
    none: scorePlot({ title: 'No points', points: [] }),
  };

  test.each(Object.entries(plots))('%s: accessible, with its numbers as a table, and no coordinate that is none', (_name, plot) => {
    const text = String(plot);
    const [, title, desc] = /role="img" aria-labelledby="(\S+) (\S+)"/.exec(text) ?? [];
    expect(text).toContain(`<title id="${title}">`);
    expect(text).toContain(`<desc id="${desc}">`);
    expect(text).toMatch(/<details><summary>The numbers<\/summary>[\s\S]*<table>/);
    expect(text).not.toMatch(/NaN|Infinity|undefined|\sstyle=/);
  });

  test('values outside the scale stand at its edge', () => {
    const xs = [...String(plots.interval).matchAll(/x2="([\d.]+)"/g)].map((match) => Number(match[1]));
    expect(Math.max(...xs)).toBeLessThanOrEqual(570);
  });

  test('12.2 no trend line under three points', () => {
    const two = scorePlot({ title: 'Two', points: [1, 2].map((day) => ({ at: `2026-11-0${day}T00:00:00.000Z`, value: 0.9 })) });
    expect(String(two)).not.toContain('<polyline');
    expect(String(two)).toContain('too few for a trend line');
    expect(String(plots.score)).toContain('<polyline');
  });

  test('a hostile label stays text', () => expect(String(plots.interval)).not.toContain('<script'));
});
