/** Entry type of what telemetry told: an agent did something and nobody was asked. Messages, arguments and results are in the payload. */
import { INSTANT } from '../../domain/time.js';
import { integer, nullable, object, oneOf, optional, string } from '../../domain/schema.js';

/** Longest tracestate that W3C asks anybody to hand on. */
export const LONGEST_STATE = 512;
/** Longest name that an entry carries. */
export const LONGEST_NAME = 200;

const name = (description: string) => nullable(string({ description, maxLength: LONGEST_NAME }));
const instant = (description: string) => string({ description, pattern: INSTANT.source });
const tokens = (description: string) => nullable(integer({ description, minimum: 0 }));

export const observedTypes = {
  'action.observed': object(
    {
      trace: string({ description: 'Id of the trace.', pattern: '^[0-9a-f]{32}$' }),
      span: string({ description: 'Id of the span in it.', pattern: '^[0-9a-f]{16}$' }),
      parent: nullable(string({ description: 'Span that this one is part of.', pattern: '^[0-9a-f]{16}$' })),
      tracestate: optional(string({ description: 'W3C tracestate that came with it, which may say by which threshold somebody upstream kept it; only member ot of one that is too long.', pattern: '^[!-~]([ -~]*[!-~])?$', maxLength: LONGEST_STATE })),
      operation: string({ description: 'What was done, such as chat or execute_tool; unknown where the span does not say.', maxLength: LONGEST_NAME }),
      tool: name('Tool that was called.'),
      provider: name('Who serves the model.'),
      requestModel: name('Model that was asked for.'),
      responseModel: name('Model that says it answered.'),
      response: name('Id of the answer.'),
      inputTokens: tokens('Tokens of the input.'),
      outputTokens: tokens('Tokens of the output.'),
      status: oneOf(['ok', 'error', 'unset'], { description: 'What the span says of its end.' }),
      error: name('Kind of the error.'),
      service: name('Service that sent the telemetry.'),
      decision: oneOf(['none'], { description: 'Nobody decided: agentctl was not asked.' }),
      startedAt: instant('By the clock of the sender.'),
      endedAt: instant('By the clock of the sender.'),
      milliseconds: integer({ description: 'From start to end.', minimum: 0 }),
    },
    { description: 'A span of GenAI telemetry said that the agent did this.' },
  ),
} as const;
