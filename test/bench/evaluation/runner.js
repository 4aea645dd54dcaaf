/** What the runner adds: every case through one child, beside a bare loop that sends the same lines to the same child through the same window. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cpus, inTurn, median, walls } from '../measure.js';
import { casesOf } from './cases.js';

const ECHO = fileURLToPath(new URL('./echo.mjs', import.meta.url));
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const [CASES, MOST] = [1_000, 2];
/** So many, that a busy machine leaves some of them alone. */
const ROUNDS = 100;
const WINDOWS = [4, 64];

/** @param parts the program's own, bundled. @returns two figures for each window, per case */
export async function runnerFigures(parts) {
  const cases = casesOf(CASES);
  const figures = [];
  for (const window of WINDOWS) figures.push(...(await figuresAt(window, cases, parts)));
  return figures;
}

async function figuresAt(window, cases, parts) {
  const clock = parts.systemClock();
  const target = await parts.targets({ clock, random: parts.systemRandom() }).start({ kind: 'jsonl', command: [process.execPath, ECHO] }, FOLDER);
  const bare = new BareLoop(cases.map((one) => parts.requestOf(one, 'run-1')), window);
  try {
    const seen = await inTurn({ run: () => evaluated(target, cases, window, { ...parts, clock }), bare: () => bare.run() }, ROUNDS);
    const [value, floor] = [seen.run, seen.bare].map((one) => quiet(walls(one)) * 1000);
    const [used, least] = [seen.run, seen.bare].map((one) => quiet(cpus(one)) * 1000);
    return [
      { id: `evaluation.runner-${window}`, value, unit: 'µs', floor, ratio: value / floor, must: `<= ${MOST} x a bare loop`, ok: value <= MOST * floor },
      { id: `evaluation.runner-${window}.cpu`, value: used, unit: 'µs', floor: least, ratio: used / least, must: 'second opinion, without the child', ok: true },
    ];
  } finally {
    bare.close();
    await target.close();
  }
}

/** The median of the quickest quarter: rounds that other processes left alone. */
function quiet(values) {
  return median([...values].sort((a, b) => a - b).slice(0, Math.ceil(values.length / 4)));
}

async function evaluated(target, cases, concurrency, { runEvaluation, TextTree, clock }) {
  const { answered } = await runEvaluation({
    target, cases, total: cases.length, run: 'run-1', as: { capability: 'echo', dataset: 'echo', output: { pointer: '/text' } }, concurrency, clock, plant: () => new TextTree(),
    signal: new AbortController().signal, progress: { update: () => undefined, end: () => undefined }, onRow: () => undefined, onBatch: async () => undefined,
  });
  if (answered !== cases.length) throw new Error(`${answered} of ${cases.length} cases were answered`);
  return cases.length;
}

/** The least that asking takes: a line out, a line in, read as JSON to know which question it answers, and the next line out. */
class BareLoop {
  constructor(requests, window) {
    this.lines = requests.map((request) => ({ id: request.id, text: `${JSON.stringify(request)}\n` }));
    this.window = window;
    this.child = spawn(process.execPath, [ECHO], { stdio: ['pipe', 'pipe', 'inherit'] });
  }

  run() {
    const { child, lines, window } = this;
    return new Promise((resolve) => {
      const open = new Set();
      let [next, rest] = [0, ''];
      const send = () => {
        const { id, text } = lines[next++];
        open.add(id);
        child.stdin.write(text);
      };
      const read = (chunk) => {
        const answers = (rest + chunk).split('\n');
        rest = answers.pop();
        for (const answer of answers) {
          if (!open.delete(JSON.parse(answer).id)) throw new Error('an answer to nothing');
          if (next < lines.length) send();
        }
        if (open.size > 0) return;
        child.stdout.off('data', read);
        resolve(lines.length);
      };
      child.stdout.setEncoding('utf8').on('data', read);
      while (next < window) send();
    });
  }

  close() {
    this.child.kill();
  }
}
