/** The command tree as far as `status` needs it: loads no step. Whatever it does not understand is for the whole tree. */
import { CommanderError } from 'commander';
import type { World } from '../domain/ports.js';
import { listen, type Asked } from './ask.js';
import { addStatus, frame } from './frame.js';

const QUICK = 'status';
const silent = { out: () => undefined, err: () => undefined };

/** @returns undefined when the whole tree has to read it: another command, a question for help, or a mistake to be told */
export async function parseQuick(argv: readonly string[], { surroundings }: Pick<World, 'surroundings'>): Promise<Asked | undefined> {
  if (argv[0] !== QUICK) return undefined;
  const { ask, asked } = listen(surroundings);
  const program = frame(surroundings.version, silent);
  addStatus(program, ask);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (cause) {
    if (cause instanceof CommanderError) return undefined;
    throw cause;
  }
  return asked();
}
