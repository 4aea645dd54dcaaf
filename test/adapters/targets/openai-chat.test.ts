/** A chat completions endpoint: what is asked, what is read, and whose failure is whose. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Target } from '../../../src/domain/manifest.js';
import { answers, classOf, closeAll, freshFolder, service, start, told, type Handler } from './fixture.js';

afterEach(closeAll);

const said = (message: object, more: object = {}) => answers({ id: 'c1', model: 'tiny-2026-11', choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }], usage: { prompt_tokens: 21, completion_tokens: 3, total_tokens: 24 }, ...more });
const ask = async (handler: Handler, more: Partial<Target> = {}, folder?: string) => {
  const { url, received } = await service(handler);
  const running = await start({ kind: 'openai-chat', url: `${url}/v1`, model: 'tiny', ...more }, folder === undefined ? {} : { folder });
  return { running, received, reply: await running.ask({ id: 'case-1', input: { text: 'hello' } }) };
};

test('3.1 what is asked: model, system prompt, messages, tools, temperature, seed, key', async () => {
  const folder = freshFolder({ 'system.md': 'Be brief.', key: 'sk-1' });
  const { received } = await ask(said({ content: 'ham' }), { system: 'system.md', messages: [{ role: 'user', content: 'Sort: {input/text}' }], tools: ['move'], temperature: '0.2', seed: 7, maxTokens: 50, key: { file: `${folder}/key` } }, folder);
  expect([received[0]!.path, received[0]!.headers.authorization]).toEqual(['/v1/chat/completions', 'Bearer sk-1']);
  expect(JSON.parse(received[0]!.body)).toEqual({
    model: 'tiny', temperature: 0.2, seed: 7, max_tokens: 50,
    messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Sort: hello' }],
    tools: [{ type: 'function', function: { name: 'move', description: 'Moves a mail.', parameters: { type: 'object' } } }],
  });
  expect(JSON.parse((await ask(said({ content: 'ham' }))).received[0]!.body)).toEqual({ model: 'tiny', messages: [{ role: 'user', content: '{"text":"hello"}' }] });
});

test('3.1 a good answer: text, usage, and the model that answered', async () => {
  const { reply, running } = await ask(said({ content: 'ham' }));
  expect(reply).toMatchObject({ outcome: 'answer', output: 'ham', toolCalls: [], usage: { inputTokens: 21, outputTokens: 3 }, model: 'tiny-2026-11' });
  expect(reply).not.toHaveProperty('traced');
  expect(await running.describe()).toEqual({ files: {}, hosted: true, model: { declared: 'tiny', returned: ['tiny-2026-11'] } });
});

test('3.1 an answer in JSON is read; a text that is none stays what the agent said', async () => {
  const answer = { format: 'json', output: '/label', confidence: '/sure' } as const;
  expect((await ask(said({ content: '{"label":"ham","sure":0.5}' }), { answer })).reply).toMatchObject({ output: 'ham', confidence: '0.5' });
  expect((await ask(said({ content: 'I think ham' }), { answer })).reply).toMatchObject({ outcome: 'answer', output: 'I think ham', confidence: null });
});

test('3.1 3.3 tool calls; invalid arguments are kept as text', async () => {
  const call = (name: string, args: string) => ({ id: `call_${name}`, type: 'function', function: { name, arguments: args } });
  const { reply } = await ask(said({ content: null, tool_calls: [call('move', '{"to":"spam"}'), call('move', '{"to":"spam"')] }));
  expect(reply).toMatchObject({ outcome: 'answer', output: null, toolCalls: [{ tool: 'move', arguments: { to: 'spam' } }, { tool: 'move', arguments: {}, malformed: '{"to":"spam"' }] });
});

test('3.1 a refusal is doubt, with its reason', async () => {
  expect((await ask(said({ content: null, refusal: 'I cannot help with that.' }))).reply).toMatchObject({ outcome: 'answer', output: 'I cannot help with that.', doubt: true, reason: 'I cannot help with that.' });
});

describe('3.3 classes of outcome', () => {
  test.each<[string, Handler, string, string]>([
    ['too long a case', answers({ error: { code: 'context_length_exceeded', message: 'too long' } }, 400), 'failure: context_window_exceeded', 'context_length_exceeded'],
    ['withheld', answers({ choices: [{ message: { content: '' }, finish_reason: 'content_filter' }] }), 'failure: content_filter', 'withheld'],
    ['refused by a filter', answers({ error: { code: 'content_filter' } }, 400), 'failure: content_filter', 'content_filter'],
    ['no choices', answers({ choices: [] }), 'fault: garbage', 'choices[0].message'],
    ['no JSON', answers('<html>'), 'fault: garbage', 'no JSON object'],
    ['content of a strange kind', said({ content: 7 }), 'fault: garbage', 'content is no text'],
    ['tool calls of a strange kind', said({ content: 'x', tool_calls: [{}] }), 'fault: garbage', 'toolCalls'],
    ['an error with 200', answers({ error: { message: 'engine is down' } }), 'fault: agent-error', 'engine is down'],
    ['500 with words', answers({ error: { message: 'oops' } }, 500), 'failure: agent-error', 'oops'],
    ['overloaded', answers('', 529), 'fault: overloaded', '529'],
    ['hangs', () => undefined, 'fault: timeout', 'no answer within'],
  ])('%s', async (_name, handler, expected, says) => {
    const { reply } = await ask(handler, { timeout: 'PT1S', retries: 1 });
    expect([classOf(reply), told(reply)]).toEqual([expected, expect.stringContaining(says)]);
  });
  test.each([[400, { error: { message: 'unknown model' } }], [400, { error: { code: 'constructor', message: 'a name that every object has' } }], [401, { error: { message: 'Incorrect API key provided: sk-1' } }], [404, {}]])('%i stops the run', async (status, body) => {
    const stopped = await ask(answers(body, status)).catch((fault: unknown) => fault);
    expect(stopped).toMatchObject({ code: 'TARGET_FAILED' });
    expect(String(stopped)).not.toContain('sk-1');
  });
});

test('3.3 a system prompt or a tool that is not there stops before the first case', async () => {
  await expect(ask(said({ content: '' }), { system: 'nowhere.md' })).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining('nowhere.md') });
  await expect(ask(said({ content: '' }), { tools: ['fly'] })).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining('"fly"') });
});
