/** The target section of agent.yaml: each kind with what it needs, and every mistake with its place and a way out. */
import { readFile, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { surroundings } from '../../src/adapters/surroundings.js';
import { TARGET_KINDS } from '../../src/domain/target.js';
import { TARGET_PROTOCOLS } from '../../src/domain/target-protocol.js';
import { loadManifest } from '../../src/engine/manifest.js';
import { faultOf, withFolder } from '../support/folder.js';
import { testWorld } from '../support/world.js';

const DID = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK';

/** The template with another target; `submit_result` is the tool that its build declares. */
async function load(target: string) {
  const template = (await readFile(join(surroundings().home, 'templates/agent.standard.yaml'), 'utf8')).replaceAll('did:key:REPLACED-BY-INIT', DID);
  const text = template.replace(/^target:\n(?: {2}.*\n)+/m, () => `target:\n${target.split('\n').map((line) => `  ${line}\n`).join('')}`);
  return withFolder(async (folder, configDir) => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'agent.yaml'), text);
    return loadManifest(testWorld({ cwd: folder, configDir }), `${folder}/agent.yaml`);
  });
}

const GOOD: Readonly<Record<(typeof TARGET_KINDS)[number], readonly string[]>> = {
  jsonl: ['kind: jsonl\ncommand: [node, agent.js]'],
  exec: ['kind: exec\ncommand: [node, agent.js, "{input/text}"]\ndescribe: [node, agent.js, --build]\nanswer: { format: text }\nrate: { perSecond: 5 }'],
  http: ['kind: http\nurl: http://127.0.0.1:8080/answer?v=1\nbody: { q: "{input}", n: 1.5 }\nanswer: { output: "", usage: /u~1v/tokens }\nkey: { variable: PROVIDER_KEY_FILE, header: x-api-key }\nheaders: { x-tenant: a }\nretries: 0'],
  'openai-chat': ['kind: openai-chat\nurl: https://api.example.com/v1\nmodel: tiny\nsystem: prompts/system.md\ntemperature: "0.2"\nseed: 7\ntools: [submit_result]\nmessages: [{ role: user, content: "{input}" }]'],
  a2a: ['kind: a2a\nurl: https://agent.example.com\nanswer: { format: json }'],
  mcp: ['kind: mcp\ncommand: [node, server.js]\ntool: answer\narguments: { q: "{input}" }', 'kind: mcp\nurl: "http://[::1]:80/mcp"\ntool: answer\nkey: { file: /run/secrets/key, scheme: Token }'],
  module: ['kind: module\nfile: agent.mjs\nconcurrency: 8'],
};
test.each(TARGET_KINDS.flatMap((kind) => GOOD[kind].map((text) => [kind, text] as const)))('3.1 a good target of kind %s', async (kind, text) => {
  expect((await load(text)).manifest.target.kind).toBe(kind);
});

test.each<[string, string, RegExp]>([
  ['an unknown kind', 'kind: jsnol\ncommand: [a]', /target.kind must be one of .*\(did you mean "jsonl"\?\)/],
  ['a misspelt member', 'kind: exec\ncomand: [a]', /unknown key "comand" in target \(did you mean "command"\?\)/],
  ['jsonl without a command', 'kind: jsonl', /target lacks "command", which kind jsonl needs \(command: \[node, agent.js\]\)/],
  ['a url for jsonl', 'kind: jsonl\ncommand: [a]\nurl: https://a.example/', /target.url is not for kind jsonl \(it is for http, openai-chat, a2a and mcp\)/],
  ['a command for http', 'kind: http\nurl: https://a.example/\ncommand: [a]', /target.command is not for kind http \(it is for jsonl, exec and mcp\)/],
  ['a seed for a2a', 'kind: a2a\nurl: https://a.example/\nseed: 7', /target.seed is not for kind a2a \(it is for openai-chat\)/],
  ['openai-chat without a model', 'kind: openai-chat\nurl: https://a.example/', /target lacks "model"/],
  ['mcp without a way in', 'kind: mcp\ntool: a', /needs a command or a url/],
  ['mcp with two ways in', 'kind: mcp\ntool: a\ncommand: [a]\nurl: https://a.example/', /target.url does not go with target.command/],
  ['an address in clear beyond this machine', 'kind: http\nurl: http://a.example/', /target.url "http:\/\/a.example\/" does not have the form/],
  ['this machine in name only', 'kind: http\nurl: http://localhost.a.example/', /target.url .* does not have the form/],
  ['a user in the address', 'kind: http\nurl: "https://u:p@a.example/"', /target.url .* does not have the form/],
  ['a secret among the headers', 'kind: http\nurl: https://a.example/\nheaders: { Authorization: Bearer x }', /header "Authorization" would carry a secret in agent.yaml .*target.key/],
  ['a key among the headers', 'kind: http\nurl: https://a.example/\nheaders: { x-api-key: abc }', /header "x-api-key" would carry a secret/],
  ['a header of the signature', 'kind: http\nurl: https://a.example/\nheaders: { Signature: abc }', /header "Signature" is set by agentctl/],
  ['a key of no place', 'kind: http\nurl: https://a.example/\nkey: { header: x-key }', /target.key names no place/],
  ['a key of two places', 'kind: http\nurl: https://a.example/\nkey: { file: /a, variable: A_FILE }', /target.key names two places/],
  ['a key written down', 'kind: http\nurl: https://a.example/\nkey: { variable: sk-abc }', /target.key.variable "sk-abc" does not have the form/],
  ['a key beside agent.yaml', 'kind: http\nurl: https://a.example/\nkey: { file: key.txt }', /target.key.file "key.txt" does not have the form/],
  ['a tool that is not declared', 'kind: openai-chat\nurl: https://a.example/\nmodel: m\ntools: [submit_reslut]', /undeclared tool "submit_reslut" \(did you mean "submit_result"\?\)/],
  ['a temperature as a number', 'kind: openai-chat\nurl: https://a.example/\nmodel: m\ntemperature: 0.2', /target.temperature must be text, not 0.2 \(put quotes around it\)/],
  ['a prompt out of the folder', 'kind: openai-chat\nurl: https://a.example/\nmodel: m\nsystem: ../x.md', /target.system/],
  ['a rate without a limit', 'kind: jsonl\ncommand: [a]\nrate: {}', /target.rate sets no limit/],
])('3.3 %s', async (_name, text, message) => {
  const fault = await faultOf(load(text));
  expect(fault).toMatchObject({ code: 'MANIFEST_INVALID', exit: 2 });
  expect(fault.details.map((one) => `${one.message} (${one.hint ?? ''})`).join('\n')).toMatch(message);
  expect(fault.details.every((one) => /^agent\.yaml:\d+:\d+$/.test(one.at))).toBe(true);
});

test.each(TARGET_KINDS)('3.1 the lines that explain %s offers are valid as they stand', async (kind) => {
  const lines = TARGET_PROTOCOLS[kind].section.slice(1).map((line) => line.trim());
  expect((await load(lines.join('\n'))).manifest.target).toMatchObject({ kind });
});
