/** How the agent is started and asked: one flat section of agent.yaml, and which of its members belong to which kind. */
import { durationOf, idOf, pathOf } from './fields.js';
import { anyJson, integer, list, object, oneOf, optional, record, string, type TypeOf } from './schema.js';

export const TARGET_KINDS = ['jsonl', 'exec', 'http', 'openai-chat', 'a2a', 'mcp', 'module'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** What each kind is, in a few words. */
export const KIND_WORDS: Readonly<Record<TargetKind, string>> = {
  jsonl: 'one long-lived child that speaks JSON Lines',
  exec: 'a program for each case',
  http: 'a JSON service',
  'openai-chat': 'a chat completions endpoint',
  a2a: 'an agent behind an A2A card',
  mcp: 'a tool of an MCP server',
  module: 'an ES module in a thread',
};

const pointerOf = (description: string) => string({ description, minLength: 0, pattern: '^(/[^/]*)*$', examples: ['/result/label'] });

/** Where an answer's parts stand in what came back. */
const answer = object({
  format: optional(oneOf(['json', 'text'], { description: 'json: the answer is a JSON text. text: all of it is the output.' })),
  output: optional(pointerOf('JSON Pointer to the output.')),
  confidence: optional(pointerOf('JSON Pointer to the stated confidence, 0 to 1.')),
  doubt: optional(pointerOf('JSON Pointer to true where the agent doubts its answer.')),
  reason: optional(pointerOf('JSON Pointer to the reason in words.')),
  toolCalls: optional(pointerOf('JSON Pointer to the list of tool calls.')),
  usage: optional(pointerOf('JSON Pointer to the tokens and cost that were used.')),
  model: optional(pointerOf('JSON Pointer to the name of the model that answered.')),
  error: optional(pointerOf('JSON Pointer to a text that is there when the agent could not answer.')),
}, { description: 'Where the parts of an answer stand, as JSON Pointers: { output: /result }; and format: text where all of it is the output.' });

/** An API key is never written down in agent.yaml: a file holds it, mode 0600. */
const key = object({
  file: optional(string({ description: 'Absolute path of the file that holds the key, mode 0600.', pattern: '^(/|[A-Za-z]:[\\\\/])', examples: ['/run/secrets/provider-key'] })),
  variable: optional(string({ description: 'Environment variable that holds the path of that file.', pattern: '^[A-Z][A-Z0-9_]*_FILE$', examples: ['PROVIDER_KEY_FILE'] })),
  header: optional(string({ description: 'Header that carries the key; Authorization unless named.', pattern: '^[A-Za-z][A-Za-z0-9-]*$', examples: ['x-api-key'] })),
  scheme: optional(string({ description: 'Word before the key: Bearer for Authorization, otherwise none.', pattern: '^[A-Za-z][A-Za-z0-9-]*$', examples: ['Bearer'] })),
}, { description: 'File that holds the key of the service, and the header that carries it: { file: /run/secrets/provider-key }.' });

export const target = object(
  {
    kind: oneOf(TARGET_KINDS, { description: TARGET_KINDS.map((kind) => `${kind}: ${KIND_WORDS[kind]}.`).join(' ') }),
    command: optional(list(string(), { description: 'Command that starts the agent, run in the folder of its build; for exec, {input} and {id} stand for the case, which otherwise comes on standard input.', minItems: 1 })),
    describe: optional(list(string(), { description: 'Command that prints {"build":{"files":{…}}}, what an exec agent is built from.', minItems: 1 })),
    file: optional(pathOf('ES module whose default export answers: (input, { id, context }) => { output, … }.')),
    url: optional(string({
      description: 'Address of the service: https, or http on this machine. For openai-chat what comes before /chat/completions, for a2a the place of the card.',
      pattern: '^(https://[^/?#@\\s]+|http://(localhost|127(\\.\\d{1,3}){3}|\\[::1\\])(:\\d{1,5})?)(/[^#\\s]*)?$', examples: ['https://agent.example.com/v1/answer'],
    })),
    headers: optional(record(string({ pattern: '^[\\x20-\\x7e]*$' }), { description: 'Headers sent with every request; secrets belong under key.' })),
    key: optional(key),
    body: optional(anyJson({ description: 'What is sent, with {input}, {input/some/member} and {id} filled in from the case; {input} alone keeps its JSON.' })),
    answer: optional(answer),
    model: optional(string({ description: 'Model that is asked for.', examples: ['gpt-4.1-mini'] })),
    system: optional(pathOf('File with the system prompt, part of the build.')),
    messages: optional(list(object({ role: oneOf(['system', 'developer', 'user', 'assistant']), content: string({ description: 'Text with {input}, {input/some/member} and {id} filled in.' }) }), { description: 'Messages of the chat; one user message with the input unless given.', minItems: 1 })),
    tools: optional(list(idOf('Tool name.'), { description: 'Tools of build.tools that the model is offered.', uniqueItems: true })),
    temperature: optional(string({ description: 'Sampling temperature as a decimal in quotes.', pattern: '^(0|1)(\\.\\d{1,3})?$|^2(\\.0{1,3})?$', examples: ['0.2'] })),
    seed: optional(integer({ description: 'Seed handed to the model, where it takes one.', minimum: 0 })),
    maxTokens: optional(integer({ description: 'Longest answer in tokens.', minimum: 1 })),
    tool: optional(string({ description: 'Tool of the MCP server that answers.' })),
    arguments: optional(record(anyJson(), { description: 'Arguments of the tool, filled in like body; the input itself unless given.' })),
    timeout: optional(durationOf('Longest wait for one answer.', 'PT10S')),
    concurrency: optional(integer({ description: 'Requests in flight at once.', minimum: 1, maximum: 64 })),
    retries: optional(integer({ description: 'How often a service that cannot be reached or is overloaded is asked again; 3 unless given.', minimum: 0, maximum: 10 })),
    rate: optional(object({
      perSecond: optional(integer({ description: 'Most requests a second.', minimum: 1, maximum: 10_000 })),
      perMinute: optional(integer({ description: 'Most requests a minute.', minimum: 1, maximum: 600_000 })),
    }, { description: 'Most requests in a second or a minute.' })),
  },
  { description: 'How the agent is started and asked.' },
);

export type Target = TypeOf<typeof target>;
export type TargetMember = keyof Target;

/** What a kind cannot do without, and what it may have beside kind, timeout, concurrency and rate. */
export const MEMBERS: { readonly [K in TargetKind]: { readonly needs: readonly TargetMember[]; readonly may: readonly TargetMember[] } } = {
  jsonl: { needs: ['command'], may: [] },
  exec: { needs: ['command'], may: ['describe', 'answer'] },
  http: { needs: ['url'], may: ['headers', 'key', 'body', 'answer', 'retries'] },
  'openai-chat': { needs: ['url', 'model'], may: ['headers', 'key', 'answer', 'system', 'messages', 'tools', 'temperature', 'seed', 'maxTokens', 'retries'] },
  a2a: { needs: ['url'], may: ['headers', 'key', 'body', 'answer', 'retries'] },
  // A command or a url: that takes a rule of its own.
  mcp: { needs: ['tool'], may: ['command', 'url', 'headers', 'key', 'arguments', 'answer', 'retries'] },
  module: { needs: ['file'], may: [] },
};

/** Kinds that can be given further turns of a case in one conversation. */
const CONVERSATIONAL: ReadonlySet<TargetKind> = new Set(['a2a']);

export function takesTurns(kind: TargetKind): boolean {
  return CONVERSATIONAL.has(kind);
}

/** Members of every kind. */
export const COMMON: readonly TargetMember[] = ['kind', 'timeout', 'concurrency', 'rate'];
