/** `identity sign-request`: headers that make a request the agent's own, as curl takes them. The signature is on record; whether it was sent, nobody here can see. */
import { EXIT, Fault } from '../../domain/fault.js';
import type { HttpRequest, SignedRequest } from '../../domain/ports.js';
import { signForAgent } from '../send-signed.js';
import { standardInput } from '../standard-input.js';
import { absolute } from '../trust-roots.js';
import { listOption, requiredOption, textOption, type Verb } from '../verb.js';

const EXAMPLE = 'agentctl identity sign-request --method POST --url https://api.example.com/notes --header "content-type: application/json" --body note.json';

export const run: Verb = async (session, input) => {
  const { world } = session;
  const file = textOption(input, 'body');
  if (input.options['config'] === true && file === '-') throw new Fault('USAGE', '--config cannot name a body that came by standard input', { hint: 'put the body into a file: --body note.json' });
  const url = requiredOption(input, 'url', EXAMPLE);
  const place = file === undefined ? undefined : file === '-' ? standardInput(session.flags, 'the body', 'name a file: --body FILE') : absolute(world, file);
  const request: HttpRequest = {
    method: textOption(input, 'method') ?? (place === undefined ? 'GET' : 'POST'), url,
    headers: headersOf(listOption(input, 'header')),
    ...(place === undefined ? {} : { body: await world.files.read(place) }),
  };
  if (!/^[A-Za-z]{1,20}$/.test(request.method)) throw new Fault('USAGE', `--method "${request.method}" is no method`, { hint: EXAMPLE });
  const { signed, keyId, note } = await signForAgent(session, request);
  await note(null);
  const { method, headers } = signed;
  const text = input.options['config'] === true ? curlConfig(signed, place) : headerLines(signed);
  return { kind: 'text', exit: EXIT.yes, data: { text, value: { method, url: signed.url, headers: { ...headers }, keyId } } };
};

function headersOf(given: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of given) {
    const [, name, value = ''] = /^([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new Fault('USAGE', `--header ${JSON.stringify(line)} is not "name: value"`, { hint: EXAMPLE });
    if (name in headers) throw new Fault('USAGE', `--header "${name}" is given twice`, { hint: EXAMPLE });
    headers[name] = value;
  }
  return headers;
}

/** For a shell: single quotes take everything but themselves. */
function headerLines({ headers }: SignedRequest): string {
  return `${Object.entries(headers).map(([name, value]) => `-H '${`${name}: ${value}`.replaceAll("'", "'\\''")}'`).join(' \\\n')}\n`;
}

/** For `curl --config -`: the whole request, so that it is sent as it was signed. */
function curlConfig({ method, url, headers }: SignedRequest, body: string | undefined): string {
  const lines = [
    ['request', method], ['url', url],
    ...Object.entries(headers).map(([name, value]) => ['header', `${name}: ${value}`]),
    ...(body === undefined ? [] : [['data-binary', `@${body}`]]),
  ];
  return lines.map(([name, value = '']) => `${name} = "${value.replace(/[\\"]/g, '\\$&')}"\n`).join('');
}
