/** Questions to a human at a terminal, on stderr; without a terminal nothing is asked and the missing answer is named. */
import { Fault } from '../domain/fault.js';
import type { Prompt, Question } from '../domain/ports.js';
import { visible } from '../domain/visible.js';

export interface PromptOptions {
  readonly interactive: boolean;
  readonly input: NodeJS.ReadStream;
  /** stderr: stdout carries the result only. */
  readonly output: NodeJS.WriteStream;
  /** 0: no colour for the line on why. */
  readonly colour: number;
}

type Answer = string | boolean | readonly string[];

export function prompt(options: PromptOptions): Prompt {
  return {
    async ask(question) {
      // Before inquirer is even loaded: off a terminal it would write escape codes into the output and look like Ctrl-C.
      if (!options.interactive) throw missing(question);
      const { default: inquirer } = await import('inquirer');
      const why = `  ${visible(question.why)}`;
      options.output.write(`${options.colour > 0 ? `\u001b[2m${why}\u001b[22m` : why}\n`);
      const ask = inquirer.createPromptModule({ input: options.input, output: options.output });
      try {
        const answers: Record<string, Answer> = await ask([{ name: 'answer', message: visible(question.message), ...details(question) }]);
        return answers['answer'] ?? '';
      } catch (cause) {
        if (cause instanceof Error && ['ExitPromptError', 'AbortPromptError'].includes(cause.name)) {
          throw new Fault('INTERRUPTED', `stopped at the question "${question.name}"`, { hint: 'nothing was asked after it; start again when you like', cause });
        }
        throw cause;
      }
    },
  };
}

function missing({ name, message, kind }: Question): Fault {
  const secret = kind === 'secret';
  return new Fault('ANSWER_MISSING', `no terminal to ask: ${visible(message)}`, {
    at: name,
    hint: secret ? 'run it in a terminal, or hand the secret over in a file' : `put "${name}: …" into a file and pass it with --answers FILE, or use --yes for the defaults`,
  });
}

/** The question in inquirer's words. */
function details({ kind, default: preset, choices, check }: Question) {
  const validate = check && { validate: (answer: string) => check(answer) };
  const options = (choices ?? []).map(({ value, label }) => ({ value, name: visible(label) }));
  switch (kind) {
    case 'input':
      return { type: 'input' as const, ...(typeof preset === 'string' && { default: preset }), ...validate };
    case 'secret':
      return { type: 'password' as const, ...validate };
    case 'confirm':
      return { type: 'confirm' as const, ...(typeof preset === 'boolean' && { default: preset }) };
    case 'select':
      return { type: 'select' as const, choices: options, ...(typeof preset === 'string' && { default: preset }) };
    case 'checkbox': {
      const chosen = new Set(Array.isArray(preset) ? preset : []);
      return { type: 'checkbox' as const, choices: options.map((option) => ({ ...option, checked: chosen.has(option.value) })) };
    }
  }
}
