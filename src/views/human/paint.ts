/** The eight styles in a terminal's colours. The only file that knows chalk. */
import { Chalk, type ChalkInstance } from 'chalk';
import type { Paint } from '../canvas.js';

/** Styles for a colour level that was decided outside: 0 none, 1 sixteen colours, 2 256, 3 all. */
export function paint(level: 0 | 1 | 2 | 3): Paint {
  const chalk = new Chalk({ level });
  // chalk joins all its arguments: as a bare callback of map it would print the index too.
  const style = (one: ChalkInstance) => (text: string) => one(text);
  return {
    good: style(chalk.green),
    bad: style(chalk.red.bold),
    caution: style(chalk.yellow),
    unsure: style(chalk.magenta),
    faint: style(chalk.dim),
    title: style(chalk.bold),
    strong: style(chalk.bold),
    command: style(chalk.cyan),
  };
}
