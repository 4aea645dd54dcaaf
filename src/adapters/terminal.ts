/** The conversation with people on stderr, and the one decision on colour for each stream. */
import type { Writable } from 'node:stream';
import type { Ora } from 'ora';
import type { Progress, Talk } from '../domain/ports.js';
import { visible } from '../domain/visible.js';

/** chalk's levels: none, 16 colours, 256, 16 million. */
export type ColourLevel = 0 | 1 | 2 | 3;
/** --color, --no-color, or neither. */
export type ColourFlag = boolean | undefined;

export interface StreamInfo {
  readonly isTTY: boolean;
  /** Bits per pixel that the terminal says it has: 1, 4, 8 or 24. */
  readonly depth: number;
}

/**
 * The colour level of one stream. The first that speaks wins: the flag, NO_COLOR, FORCE_COLOR or CLICOLOR_FORCE, TERM=dumb, CLICOLOR=0,
 * and last whether the stream is a terminal. Empty variables do not speak (https://no-color.org, https://bixense.com/clicolors).
 */
export function colourLevel(stream: StreamInfo, environment: Readonly<Record<string, string | undefined>>, flag: ColourFlag): ColourLevel {
  const able: ColourLevel = stream.depth >= 24 ? 3 : stream.depth >= 8 ? 2 : stream.depth >= 4 ? 1 : 0;
  const forced: ColourLevel = able === 0 ? 1 : able;
  if (flag !== undefined) return flag ? forced : 0;
  if (environment['NO_COLOR']) return 0;
  const force = environment['FORCE_COLOR'];
  if (force === '0' || force === 'false') return 0;
  if (force === '1' || force === '2' || force === '3') return Number(force) as ColourLevel;
  if (force) return forced;
  const cliForce = environment['CLICOLOR_FORCE'];
  if (cliForce && cliForce !== '0') return forced;
  if (environment['TERM'] === 'dumb' || environment['CLICOLOR'] === '0') return 0;
  return stream.isTTY ? able : 0;
}

type Stream = Writable & { readonly isTTY?: boolean; readonly columns?: number; getColorDepth?(environment?: object): number };

export function streamInfo(stream: Stream): StreamInfo {
  return { isTTY: stream.isTTY === true, depth: stream.getColorDepth?.() ?? 1 };
}

export interface TerminalOptions {
  /** stderr, as a rule. */
  readonly stream: Stream;
  /** Whether questions can be asked: stdin and stderr are terminals and nobody said --no-input. */
  readonly interactive: boolean;
  readonly colour: ColourLevel;
  /** Says nothing at all. Faults are not part of the conversation and are still printed. */
  readonly quiet: boolean;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
}

export function terminal(options: TerminalOptions): Talk {
  const { stream, interactive, quiet } = options;
  const screen: Screen = { active: undefined };
  // The reader of a pipe may leave early (`agentctl … 2>&1 | head`), and a disk may be full: what is not heard changes no result.
  stream.on('error', () => undefined);
  return {
    interactive,
    say(line) {
      if (quiet) return;
      screen.active?.clear();
      stream.write(`${line.split('\n').map(visible).join('\n')}\n`);
      screen.active?.render();
    },
    progress(title) {
      if (quiet) return { update: () => undefined, end: () => undefined };
      return stream.isTTY === true ? animated(visible(title), options, screen) : plain(visible(title), options);
    },
  };
}

/** What stands on the last line of the terminal now; `say` writes above it. */
interface Screen {
  active: Ora | undefined;
}

const FIRST_LINE = 2000;
const NEXT_LINE = 5000;
const BAR = 20;

/** A pipe or a CI log: a line now and then, and one at the end. */
function plain(title: string, { stream, monotonic }: TerminalOptions): Progress {
  const remaining = pace(monotonic);
  let due = monotonic() + FIRST_LINE;
  let reached = 'done';
  return {
    update(done, total, note) {
      reached = placeOf(done, total);
      const left = remaining(done, total);
      const now = monotonic();
      if (now < due) return;
      due = now + NEXT_LINE;
      stream.write(`${[`${title}: ${done} of ${total}`, left, note && visible(note)].filter(Boolean).join(', ')}\n`);
    },
    end(note) {
      stream.write(`${title}: ${note === undefined ? reached : visible(note)}\n`);
    },
  };
}

/** A terminal: ora's spinner with a bar. ora is loaded on first use; until it is there the calls only keep the text. */
function animated(title: string, { stream, colour, monotonic }: TerminalOptions, screen: Screen): Progress {
  const remaining = pace(monotonic);
  let text = title;
  let spinner: Ora | undefined;
  let ended = false;
  let reached = 'done';
  void import('ora').then(({ default: ora }) => {
    if (ended) return;
    // ora must not swallow stdin: Ctrl-C has to arrive as a signal.
    spinner = ora({ text, stream: stream as NodeJS.WriteStream, color: colour > 0 ? 'cyan' : false, discardStdin: false, isEnabled: true }).start();
    screen.active = spinner;
  });
  return {
    update(done, total, note) {
      reached = placeOf(done, total);
      const facts = [`${done}/${total}`, remaining(done, total), note && visible(note)].filter(Boolean).join(' · ');
      text = shorten(`${title} ${bar(done, total)} ${facts}`, (stream.columns ?? 80) - 3);
      if (spinner) spinner.text = text;
    },
    end(note) {
      ended = true;
      spinner?.stop();
      if (screen.active === spinner) screen.active = undefined;
      const tick = colour > 0 ? '\u001b[32m✔\u001b[39m' : '✔';
      const mark = note === undefined && reached !== 'done' ? '…' : tick;
      stream.write(`${mark} ${title}: ${note === undefined ? reached : visible(note)}\n`);
    },
  };
}

/** What was cut off is not done, and does not say so. */
function placeOf(done: number, total: number): string {
  return done >= total ? 'done' : `ended at ${done} of ${total}`;
}

function bar(done: number, total: number): string {
  const full = total > 0 ? Math.min(BAR, Math.floor((done / total) * BAR)) : 0;
  return '█'.repeat(full) + '░'.repeat(BAR - full);
}

/** An estimate is worth showing only after a while, and only for a while longer. What was there at the first call took no time here: a run may have been resumed. */
function pace(monotonic: () => number): (done: number, total: number) => string {
  const start = monotonic();
  let first: { readonly done: number; readonly at: number } | undefined;
  return (done, total) => {
    const now = monotonic();
    first ??= { done, at: now };
    const made = done - first.done;
    if (made <= 0 || done >= total || now - start < FIRST_LINE) return '';
    const seconds = Math.ceil((((now - first.at) / made) * (total - done)) / 1000);
    return seconds >= 90 ? `about ${Math.ceil(seconds / 60)} min left` : `about ${seconds} s left`;
  };
}

function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 1))}…`;
}
