/** The agent as a JSON service: one POST for each case, the body from a template, the answer by pointers. */
import { canonical } from '../../domain/canonical.js';
import type { JsonObject } from '../../domain/json.js';
import { answerIn } from './answer-at.js';
import { heardWell } from './http-outcome.js';
import { memberOf, type Setup } from './setup.js';
import { fill } from './template.js';
import type { Service } from './timed.js';
import { Wire } from './wire.js';

const DEFAULT_BODY = { id: '{id}', input: '{input}' };

export async function startHttp(setup: Setup): Promise<Service> {
  const { target, clock } = setup;
  const url = memberOf(target, 'url');
  const wire = await Wire.open(setup, url);
  return {
    async ask(request, signal) {
      const body = canonical(fill(target.body ?? DEFAULT_BODY, request));
      const exchange = await wire.send({ method: 'POST', url, headers: { 'content-type': 'application/json', accept: 'application/json, text/*;q=0.5' }, body }, { signal });
      const outcome = heardWell(exchange, { url, clock, redact: (text) => wire.redact(text) });
      return 'fallen' in outcome ? outcome.fallen : answerIn(outcome.heard.text, target.answer, 'the service');
    },
    describe: async () => hosted(),
    close: async () => wire.close(),
  };
}

/** What is known of an agent that runs elsewhere: no file, whatever else it says. */
export function hosted(more: JsonObject = {}): JsonObject {
  return { files: {}, hosted: true, ...more };
}
