/** Plots as plain SVG without scripts: each with a title, a description, and its numbers as a table for those who do not see it. */
import type { Bar, CalibrationBin, IntervalRow, Plot, ScorePoint } from '../domain/plot.js';
import { millisecondsOf, readable } from '../domain/time.js';
import { clip, figure, number, round, scale, WIDTH } from './figure.js';
import { html, type Html } from './markup.js';
import { matrixPlot } from './matrix.js';

const ROW = 34;

const VERDICT_CLASS = { met: 'met', 'not met': 'unmet', 'insufficient evidence': 'open' } as const;

/** Any plot, drawn. */
export function draw(plot: Plot): Html {
  switch (plot.is) {
    case 'intervals': return intervalPlot(plot);
    case 'calibration': return calibrationPlot(plot);
    case 'scores': return scorePlot(plot);
    case 'bars': return barList(plot);
    case 'matrix': return matrixPlot(plot);
  }
}

/** Point, interval and threshold of each condition, a row each, every row on its own scale from 0 to `max`. */
export function intervalPlot({ title, rows }: { readonly title: string; readonly rows: readonly IntervalRow[] }): Html {
  const [left, right] = [230, WIDTH - 190];
  const height = rows.length * ROW + 70;
  const drawn = rows.map((row, index) => {
    const x = scale(0, row.max ?? 1, left, right);
    const y = index * ROW + 22;
    return html`<text x="${left - 12}" y="${y + 4}" text-anchor="end">${clip(row.label, 27)}</text>
<line class="axis" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/>
<line class="interval" x1="${x(row.low)}" x2="${x(row.high)}" y1="${y}" y2="${y}"/>
<line class="threshold" x1="${x(row.threshold)}" x2="${x(row.threshold)}" y1="${y - 11}" y2="${y + 11}"/>
<circle class="point ${VERDICT_CLASS[row.verdict]}" cx="${x(row.value)}" cy="${y}" r="6"/>
<text x="${right + 12}" y="${y + 4}">${number(row.value)}${row.unit} <tspan class="soft">${row.operator === '>=' ? '≥' : '≤'} ${number(row.threshold)}${row.unit}</tspan></text>`;
  });
  // From the left edge, where it is seen before a narrow page is moved, and in lines that no font makes too long.
  const legend = html`<text class="soft" x="4" y="${height - 44}">${'●'} value, ${'▬'} interval, ${'┆'} threshold</text>
<text class="soft" x="4" y="${height - 24}">each row from 0 to its own maximum</text>
<text class="soft" x="4" y="${height - 4}"><tspan class="met">${'●'}</tspan> met <tspan class="unmet" dx="12">${'●'}</tspan> not met <tspan class="open" dx="12">${'●'}</tspan> too few cases to tell</text>`;
  const desc = rows.map((row) => `${row.label}: ${number(row.value)}${row.unit ?? ''}, ${row.verdict}`).join('; ');
  const cells = rows.map((row) => [row.label, number(row.value), `${number(row.low)} to ${number(row.high)}`, `${row.operator} ${number(row.threshold)}`, row.verdict]);
  return figure(title, desc, height, html`${drawn}${legend}`, ['condition', 'value', 'interval', 'threshold', 'verdict'], cells);
}

/** Confidence against accuracy: on the diagonal the agent is as often right as it says. The area of a point is its number of cases. */
export function calibrationPlot({ title, bins }: { readonly title: string; readonly bins: readonly CalibrationBin[] }): Html {
  const [left, right, top, bottom] = [60, 420, 34, 354];
  const x = scale(0, 1, left, right);
  const y = scale(0, 1, bottom, top);
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const shown = bins.filter((bin) => bin.count > 0).toSorted((a, b) => a.predicted - b.predicted);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((tick) => html`<line class="axis" x1="${left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}"/><text class="soft" x="${left - 8}" y="${y(tick) + 4}" text-anchor="end">${tick}</text><text class="soft" x="${x(tick)}" y="${bottom + 18}" text-anchor="middle">${tick}</text>`);
  const points = shown.map((bin) => html`${bin.low !== undefined && bin.high !== undefined && html`<line class="interval" x1="${x(bin.predicted)}" x2="${x(bin.predicted)}" y1="${y(bin.low)}" y2="${y(bin.high)}"/>`}<circle class="point" cx="${x(bin.predicted)}" cy="${y(bin.observed)}" r="${round(3 + 9 * Math.sqrt(bin.count / most))}"/>`);
  const body = html`${ticks}<line class="ideal" x1="${left}" y1="${bottom}" x2="${right}" y2="${top}"/><polyline class="trend" points="${shown.map((bin) => `${x(bin.predicted)},${y(bin.observed)}`).join(' ')}"/>${points}
<text x="${(left + right) / 2}" y="${bottom + 38}" text-anchor="middle">confidence</text><text x="${left}" y="16">share that was right</text>`;
  const cells = shown.map((bin) => [number(bin.predicted), number(bin.observed), String(bin.count)]);
  return figure(title, 'Confidence against the share of right answers; the dotted diagonal is perfect calibration.', bottom + 50, body, ['confidence', 'right', 'cases'], cells);
}

/** Scores over time. Two points make no trend: a line is drawn from three on. */
export function scorePlot({ title, points, threshold, min = 0, max = 1 }: { readonly title: string; readonly points: readonly ScorePoint[]; readonly threshold?: number; readonly min?: number; readonly max?: number }): Html {
  const [left, right, top, bottom] = [60, WIDTH - 30, 16, 216];
  const sorted = points.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const times = sorted.map((point) => millisecondsOf(point.at));
  const [first = 0, last = 1] = [times[0], times.at(-1)];
  const x = scale(first, last === first ? first + 1 : last, left + 8, right - 8);
  const y = scale(min, max, bottom, top);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => min + share * (max - min)).map((tick) => html`<line class="axis" x1="${left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}"/><text class="soft" x="${left - 8}" y="${y(tick) + 4}" text-anchor="end">${number(tick)}</text>`);
  const coordinates = sorted.map((point, index) => [x(times[index] ?? 0), y(point.value)] as const);
  const line = coordinates.length >= 3 && html`<polyline class="trend" points="${coordinates.map((pair) => pair.join(',')).join(' ')}"/>`;
  const spans = sorted.map((point, index) => point.low !== undefined && point.high !== undefined && html`<line class="interval" x1="${x(times[index] ?? 0)}" x2="${x(times[index] ?? 0)}" y1="${y(point.low)}" y2="${y(point.high)}"/>`);
  const dots = coordinates.map(([cx, cy]) => html`<circle class="point" cx="${cx}" cy="${cy}" r="5"/>`);
  const limit = threshold !== undefined && html`<line class="threshold" x1="${left}" x2="${right}" y1="${y(threshold)}" y2="${y(threshold)}"/>`;
  const dates = sorted.length > 0 && html`<text class="soft" x="${left}" y="${bottom + 20}">${sorted[0]?.at.slice(0, 10)}</text>${sorted.length > 1 && html`<text class="soft" x="${right}" y="${bottom + 20}" text-anchor="end">${sorted.at(-1)?.at.slice(0, 10)}</text>`}`;
  const desc = `${sorted.length} points${sorted.length < 3 ? ', too few for a trend line' : ''}${threshold === undefined ? '' : `; threshold ${number(threshold)}`}.`;
  return figure(title, desc, bottom + 30, html`${ticks}${limit}${spans}${line}${dots}${dates}`, ['time', 'score', ''], sorted.map((point) => [readable(point.at), number(point.value), point.note ?? '']));
}

/** Counts as bars, the longest filling the width. */
export function barList({ title, bars, unit = '' }: { readonly title: string; readonly bars: readonly Bar[]; readonly unit?: string }): Html {
  const [left, right] = [230, WIDTH - 150];
  const x = scale(0, Math.max(1e-9, ...bars.map((bar) => bar.value)), left, right);
  const drawn = bars.map((bar, index) => {
    const y = index * 26 + 6;
    return html`<text x="${left - 12}" y="${y + 14}" text-anchor="end">${clip(bar.label, 27)}</text><rect class="bar" x="${left}" y="${y}" width="${round(Math.max(x(bar.value) - left, 0))}" height="18" rx="2"/><text x="${round(x(bar.value) + 8)}" y="${y + 14}">${number(bar.value)}${unit}</text>`;
  });
  const desc = bars.map((bar) => `${bar.label} ${number(bar.value)}${unit}`).join('; ');
  return figure(title, desc, bars.length * 26 + 12, html`${drawn}`, ['', 'value', ''], bars.map((bar) => [bar.label, `${number(bar.value)}${unit}`, bar.note ?? '']));
}
