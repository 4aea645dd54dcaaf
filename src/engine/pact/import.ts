/** `pact import`: a pact of another trust layer as an agreement of agent.yaml, printed for a human to complete. Needs neither store nor agent.yaml. */
import { EXIT, Fault } from '../../domain/fault.js';
import { parseJson } from '../../domain/json.js';
import { yamlText } from '../../domain/yaml-text.js';
import { fromArmalo } from '../../evaluation/armalo.js';
import { absolute } from '../trust-roots.js';
import { textOption, type OutsideVerb } from '../verb.js';
import { refuseForeign } from './foreign.js';

export const run: OutsideVerb = async ({ world }, input) => {
  refuseForeign('--from', input.options['from']);
  const file = input.args[0] ?? '';
  const path = absolute(world, file);
  if ((await world.files.info(path))?.kind !== 'file') throw new Fault('INPUT_INVALID', `there is no pact at ${file}`, { at: file, hint: 'agentctl pact import --from armalo <file>' });
  const { agreement, lost, guessed } = fromArmalo(parseJson(await world.files.readText(path), file), file, { dataset: textOption(input, 'dataset') ?? 'held-out', confidence: '0.95' });
  const header = [
    'Read from a pact of Armalo, for a human to complete and move into pacts of agent.yaml.',
    ...lost.map((line) => `No counterpart here: ${line}`), ...guessed.map((line) => `Not said there, look at it: ${line}`),
  ];
  const text = `${header.map((line) => `# ${line.replace(/[\r\n\u0085\u2028\u2029]+/g, ' ')}\n`).join('')}${yamlText({ agreements: [agreement] })}`;
  return { kind: 'text', exit: EXIT.yes, data: { text, value: { agreement, lost: [...lost], guessed: [...guessed] } } };
};
