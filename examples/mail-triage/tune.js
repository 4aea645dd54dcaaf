/**
 * Fits calibration.json on the tuning mails alone: `node tune.js --tuning data/tuning.jsonl [--out FILE]`.
 * Six numbers, by ridge-penalised logistic regression (Newton's method), turn the signals into a probability of spam.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SIGNALS, signalsOf } from './lib/signals.js';

const PENALTY = 1;
const ROUNDS = 30;

const { values } = parseArgs({ options: { tuning: { type: 'string' }, out: { type: 'string' } } });
const model = JSON.parse(readFileSync(new URL('model.json', import.meta.url), 'utf8'));
const cases = readFileSync(values.tuning ?? new URL('data/tuning.jsonl', import.meta.url), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
const rows = cases.map((one) => ({ x: [1, ...signalsOf(model, one.input)], y: one.expected.decision === 'quarantine' ? 1 : 0 }));

const [intercept, ...weights] = fit(rows).map((value) => Number(value.toFixed(4)));
const calibration = { fittedOn: 'tuning', mails: rows.length, intercept, weights: Object.fromEntries(SIGNALS.map((name, i) => [name, weights[i]])) };
writeFileSync(values.out ?? new URL('calibration.json', import.meta.url), `${JSON.stringify(calibration, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(calibration)}\n`);

function fit(rows) {
  let w = new Array(SIGNALS.length + 1).fill(0);
  for (let round = 0; round < ROUNDS; round += 1) {
    const step = solve(newtonSystem(rows, w));
    w = w.map((value, i) => value + step[i]);
  }
  return w;
}

/** Rows of the Hessian, each followed by its entry of the gradient. The intercept is not penalised. */
function newtonSystem(rows, w) {
  const system = w.map((value, i) => [...w.map((_, j) => (i === j && i > 0 ? PENALTY : 0)), i > 0 ? -PENALTY * value : 0]);
  for (const { x, y } of rows) {
    const p = 1 / (1 + Math.exp(-x.reduce((sum, value, i) => sum + value * w[i], 0)));
    for (let i = 0; i < w.length; i += 1) {
      for (let j = 0; j < w.length; j += 1) system[i][j] += p * (1 - p) * x[i] * x[j];
      system[i][w.length] += x[i] * (y - p);
    }
  }
  return system;
}

/** Gauss-Jordan elimination; the matrix is positive definite, so no pivoting is needed. */
function solve(system) {
  const n = system.length;
  for (let i = 0; i < n; i += 1) {
    const pivot = system[i][i];
    system[i] = system[i].map((value) => value / pivot);
    for (let k = 0; k < n; k += 1) if (k !== i) {
      const factor = system[k][i];
      system[k] = system[k].map((value, j) => value - factor * system[i][j]);
    }
  }
  return system.map((row) => row[n]);
}
