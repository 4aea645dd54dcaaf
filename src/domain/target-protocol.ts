/** What passes between agentctl and an agent of each kind: how a case is asked, what an answer may say, and an example to paste. Readers of answers and `explain` share it. */
import type { Json } from './json.js';
import type { TargetKind } from './target.js';

/** Members of an answer: what each holds, and one that is right. `output` or `error` is needed, everything else is not. */
export const ANSWER_MEMBERS = {
  output: { holds: 'the answer, any JSON', example: { decision: 'keep' } },
  confidence: { holds: 'how sure the agent is, 0 to 1, as a number or as decimal text', example: '0.98' },
  doubt: { holds: 'true where it doubts its answer, so that a human decides', example: false },
  reason: { holds: 'why, in words', example: 'it is about a meeting' },
  toolCalls: { holds: 'list of { tool, arguments, status? }: what it did or asks for; status is ok or error', example: [{ tool: 'keep_note', arguments: { note: 'n-1' }, status: 'ok' }] },
  usage: { holds: '{ inputTokens?, outputTokens?, cost? }: whole numbers, and the cost as a decimal', example: { inputTokens: 21, outputTokens: 3, cost: '0.0004' } },
  model: { holds: 'the model that answered, as its service names it: kept on record with the answer', example: 'some-model-2026-11' },
  error: { holds: 'why there is no answer, in words; an answer with it is none', example: 'the index is down' },
} as const satisfies Readonly<Record<string, { readonly holds: string; readonly example: Json }>>;
export type AnswerMember = keyof typeof ANSWER_MEMBERS;

export interface TargetProtocol {
  /** Lines of `target` in agent.yaml. */
  readonly section: readonly string[];
  /** How the case {@link EXAMPLE_CASE} is asked, and where. */
  readonly asked: { readonly where: string; readonly what: string };
  /** An answer to it, and where. */
  readonly answered: { readonly where: string; readonly what: string };
  /** What else its author has to know. */
  readonly rules: readonly string[];
  /** A whole agent, where a file is one. */
  readonly agent?: { readonly file: string; readonly lines: readonly string[] };
}

/** The case that every example asks. */
export const EXAMPLE_CASE = { id: 'case-1', input: { text: 'lunch at noon?' } } as const;

const ENVIRONMENT = 'it runs in the folder of its build and gets PATH, nothing else of the environment';
const STARTED = 'a case without an answer (a timeout, a crash, an error, what cannot be read) is asked once more on its own; a second crash is the agent\'s failure, anything else an infrastructure error';
const ASKED_AGAIN = '429, 503 and connections that fail are asked again (retries), then they are infrastructure errors; 500 with the agent\'s own words is its failure';
const BY_POINTERS = 'target.answer says by JSON Pointers where else the parts of an answer stand';

export const TARGET_PROTOCOLS: Readonly<Record<TargetKind, TargetProtocol>> = {
  jsonl: {
    section: ['target:', '  kind: jsonl', '  command: [node, agent.mjs]'],
    asked: { where: 'a line on standard input', what: '{"id":"case-1","input":{"text":"lunch at noon?"}}' },
    answered: { where: 'a line on standard output', what: '{"id":"case-1","output":{"decision":"keep"},"confidence":"0.98"}' },
    rules: [
      'every answer repeats the id of its question; several questions are open at once (concurrency), and answers may come in any order, each once',
      'where the pact has a seed, a question has "context":{"repeat":0,"seed":7} beside its input',
      'asked {"id":"describe-1","control":"describe"} it answers {"id":"describe-1","build":{"files":{"agent.mjs":"sha256:…"}}}: what it was loaded from',
      'a line that is not JSON, has no known id or more than 4 MiB spoils the open questions, and the child is replaced; words for people go to standard error',
      ENVIRONMENT, STARTED,
    ],
    agent: {
      file: 'agent.mjs',
      lines: [
        'for await (const line of (await import(\'node:readline\')).createInterface({ input: process.stdin })) {',
        '  const { id, input } = JSON.parse(line);',
        '  console.log(JSON.stringify({ id, output: { decision: input.text.includes(\'lunch\') ? \'keep\' : \'drop\' }, confidence: \'0.98\' })); }',
      ],
    },
  },
  exec: {
    section: ['target:', '  kind: exec', '  command: [node, agent.mjs]'],
    asked: { where: 'standard input, or {input} in an argument of the command; a text as it is, anything else as JSON', what: '{"text":"lunch at noon?"}' },
    answered: { where: 'standard output, one JSON document', what: '{"output":{"decision":"keep"},"confidence":"0.98"}' },
    rules: [
      'the program is started for each case and ends with exit 0; any other exit is a crash',
      'answer: { format: text } takes all that it prints as the output, without the last line break',
      BY_POINTERS, 'more than 4 MiB is a runaway, and what it started ends with it', ENVIRONMENT, STARTED,
    ],
    agent: {
      file: 'agent.mjs',
      lines: [
        'import { readFileSync } from \'node:fs\';',
        'const { text } = JSON.parse(readFileSync(0, \'utf8\'));',
        'console.log(JSON.stringify({ output: { decision: text.includes(\'lunch\') ? \'keep\' : \'drop\' }, confidence: \'0.98\' }));',
      ],
    },
  },
  http: {
    section: ['target:', '  kind: http', '  url: http://127.0.0.1:8080/answer'],
    asked: { where: 'POST of JSON; target.body says otherwise, with {input}, {input/some/member} and {id} filled in', what: '{"id":"case-1","input":{"text":"lunch at noon?"}}' },
    answered: { where: 'body of a 200', what: '{"output":{"decision":"keep"},"confidence":"0.98"}' },
    rules: [BY_POINTERS, 'each request is signed (RFC 9421) with the key of the agent, so it needs an identity', ASKED_AGAIN, 'a secret comes from a file that target.key names, never from headers'],
    agent: {
      file: 'server.mjs',
      lines: [
        '(await import(\'node:http\')).createServer(async (request, response) => {',
        '  const { input } = JSON.parse(Buffer.concat(await request.toArray()).toString());',
        '  response.end(JSON.stringify({ output: { decision: input.text.includes(\'lunch\') ? \'keep\' : \'drop\' }, confidence: \'0.98\' })); }).listen(8080, \'127.0.0.1\');',
      ],
    },
  },
  'openai-chat': {
    section: ['target:', '  kind: openai-chat', '  url: https://api.example.com/v1', '  model: some-model', '  key: { variable: PROVIDER_KEY_FILE }'],
    asked: { where: 'POST to /chat/completions below the url', what: '{"messages":[{"content":"{\\"text\\":\\"lunch at noon?\\"}","role":"user"}],"model":"some-model"}' },
    answered: { where: 'body of a 200', what: '{"model":"some-model-2026-11","choices":[{"message":{"role":"assistant","content":"keep"},"finish_reason":"stop"}],"usage":{"prompt_tokens":21,"completion_tokens":3}}' },
    rules: [
      'the output is the content; answer: { format: json, output: /decision } reads it as JSON, and a text that is none stays what the model said',
      'model, usage and tool_calls of the answer are kept; a refusal counts as doubt',
      'system, messages, tools, temperature, seed and maxTokens are handed on', ASKED_AGAIN,
    ],
  },
  a2a: {
    section: ['target:', '  kind: a2a', '  url: https://agent.example.com'],
    asked: { where: 'SendMessage as the card at /.well-known/agent-card.json says: A2A 1.0 or 0.3, JSON-RPC or HTTP+JSON', what: '{"role":"ROLE_USER","parts":[{"data":{"text":"lunch at noon?"}}]}' },
    answered: { where: 'a message, or the artifacts of a task that completed', what: '{"message":{"messageId":"m-2","role":"ROLE_AGENT","parts":[{"data":{"decision":"keep"}}]}}' },
    rules: [
      'a text goes as a text part, anything else as a data part; target.body says otherwise', BY_POINTERS,
      'a task that is still worked on is looked at until the timeout; failed and rejected are the agent\'s failures',
      'where it asks back (input-required) the case\'s next turn is said in the same task, and with no turn left it has failed; usage, tool calls and time are of all turns, and so is the timeout',
      'tool calls do not show, so what needs them is not evaluable', ASKED_AGAIN,
    ],
  },
  mcp: {
    section: ['target:', '  kind: mcp', '  command: [node, server.mjs]', '  tool: answer'],
    asked: { where: 'tools/call, over the standard input of a command or at a url', what: '{"name":"answer","arguments":{"text":"lunch at noon?"}}' },
    answered: { where: 'the result of the call', what: '{"structuredContent":{"decision":"keep"},"content":[{"type":"text","text":"keep"}]}' },
    rules: [
      'the input is the arguments; target.arguments names others, filled in like {input/text}', 'structured content is the output, else the texts together', BY_POINTERS,
      'isError is the agent\'s failure, and so is a question back, since nobody is there to answer it; a protocol error is none',
      'tool calls of its own do not show, so what needs them is not evaluable', 'protocol versions 2024-11-05 to 2026-07-28, found out from the server',
    ],
  },
  module: {
    section: ['target:', '  kind: module', '  file: agent.mjs'],
    asked: { where: 'a call of the default export with (input, { id, context })', what: '{"text":"lunch at noon?"}' },
    answered: { where: 'what it returns, or a promise of it', what: '{"output":{"decision":"keep"},"confidence":"0.98"}' },
    rules: ['it runs in a thread of its own, which ends when an answer takes too long', 'export function describe() gives { build: { files: { "agent.mjs": "sha256:…" } } }: what it was loaded from', 'what it prints is not read', STARTED],
    agent: {
      file: 'agent.mjs',
      lines: [
        'export default async function answer({ text }) {',
        '  return { output: { decision: text.includes(\'lunch\') ? \'keep\' : \'drop\' }, confidence: \'0.98\' };',
        '}',
      ],
    },
  },
};
