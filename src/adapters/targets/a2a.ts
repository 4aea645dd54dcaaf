/** An agent behind an A2A card, of version 1.0 or 0.3: one message for each turn of a case, and patience with a task that takes its time. */
import { canonical } from '../../domain/canonical.js';
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import type { HttpRequest, TargetRequest } from '../../domain/ports.js';
import { cardAddress, interfaceOf, type A2aInterface } from './a2a-card.js';
import { cancelTask, contentOfMessage, contentOfTask, getTask, givenIn, messageOfTask, sendMessage, type Given, type Waiting } from './a2a-wire.js';
import { failure, fault, garbage, quote, type Answered } from './answer.js';
import { answerOf, untraced } from './answer-at.js';
import { together, type Asked } from './answer-together.js';
import { hosted } from './http.js';
import { heardWell } from './http-outcome.js';
import { messageIn, resultOf, type RpcResult } from './json-rpc.js';
import { pause } from './pause.js';
import { memberOf, STARTING, type Setup } from './setup.js';
import { fill, textOf } from './template.js';
import type { Service } from './timed.js';
import { Wire } from './wire.js';

/** Pauses between looks at a task that is still worked on. */
const FIRST_LOOK = 200;
const LAST_LOOK = 5000;
/** How long giving up a task may take. */
const FAREWELL = 2000;
const RPC = { who: 'the agent', misasked: new Set([-32_004, -32_005, -32_007, -32_008, -32_009]) };

/** @throws {Fault} TARGET_FAILED, NETWORK when the card cannot be read */
export async function startA2a(setup: Setup): Promise<Service> {
  const card = cardAddress(memberOf(setup.target, 'url'));
  const wire = await Wire.open(setup, card);
  try {
    const said = await readCard(setup, wire, card);
    return new A2aService(setup, wire, { way: interfaceOf(said, card), version: typeof said['version'] === 'string' ? said['version'] : null });
  } catch (cause) {
    wire.close();
    throw cause;
  }
}

async function readCard({ clock }: Setup, wire: Wire, url: string): Promise<JsonObject> {
  const exchange = await wire.send({ method: 'GET', url, headers: { accept: 'application/json', 'a2a-version': '1.0' } }, { signal: AbortSignal.timeout(STARTING) });
  const outcome = heardWell(exchange, { url, clock, redact: (text) => wire.redact(text) });
  if ('fallen' in outcome) throw new Fault('TARGET_FAILED', `the agent card cannot be read${'message' in outcome.fallen ? `: ${outcome.fallen.message}` : ''}`, { at: url, hint: 'see target.url in agent.yaml, then run the command again' });
  const card = messageIn(outcome.heard.text);
  if (card === undefined) throw new Fault('TARGET_FAILED', 'the agent card is no JSON object', { at: url, hint: 'see target.url in agent.yaml' });
  return card;
}

/** What a request is about, if it is about something that is there already. */
type Named = Pick<Waiting, 'task' | 'context'>;

type Exchanged = { readonly given: Given } | { readonly fallen: Answered };

class A2aService implements Service {
  readonly #setup: Setup;
  readonly #wire: Wire;
  readonly #way: A2aInterface;
  readonly #version: string | null;

  constructor(setup: Setup, wire: Wire, { way, version }: { readonly way: A2aInterface; readonly version: string | null }) {
    this.#setup = setup;
    this.#wire = wire;
    this.#way = way;
    this.#version = version;
  }

  /** Says the input, then one further turn each time that the agent asks back, as long as there are any. */
  async ask({ turns = [], ...request }: TargetRequest, signal: AbortSignal): Promise<Answered> {
    const answer = (content: Json) => untraced(answerOf(content, this.#setup.target.answer));
    const questions: Asked[] = [];
    let heard = await this.#say(request, undefined, signal);
    for (const turn of turns) {
      const asked = 'given' in heard ? askedBack(heard.given, answer) : undefined;
      if (asked === undefined) break;
      questions.push(asked);
      if (asked.told.outcome !== 'answer') return together(questions, asked.told);
      heard = await this.#say({ ...request, input: turn }, asked.waiting, signal);
    }
    return together(questions, 'fallen' in heard ? heard.fallen : outcomeOf(heard.given, answer));
  }

  /** One turn, until the agent has said its word on it. */
  async #say(request: TargetRequest, waiting: Waiting | undefined, signal: AbortSignal): Promise<Exchanged> {
    const content: Json = fill(this.#setup.target.body ?? '{input}', request);
    let heard = await this.#exchange((id) => sendMessage(this.#way, { id, content: typeof content === 'object' ? content : textOf(content), waiting }), signal, waiting);
    let task = waiting?.task;
    for (let look = FIRST_LOOK; 'given' in heard && 'state' in heard.given && (isOpen(heard.given.state) || isOld(heard.given.task, waiting)); look = Math.min(LAST_LOOK, look * 2)) {
      const looked = heard.given.id;
      task = looked;
      await pause(look, this.#setup.clock, () => signal.aborted);
      heard = await this.#exchange((id) => getTask(this.#way, id, looked), signal, { task: looked, context: contextOf(heard.given.task) ?? waiting?.context });
    }
    if (signal.aborted && task !== undefined) this.#giveUp(task);
    return heard;
  }

  async describe(): Promise<JsonObject> {
    const { url, binding, version } = this.#way;
    return hosted({ a2a: { url, binding, version }, version: this.#version });
  }

  async close(): Promise<void> {
    this.#wire.close();
  }

  /** @param about what the request named, so that nothing else can be its answer */
  async #exchange(asking: (id: string) => HttpRequest, signal: AbortSignal, about: Named | undefined): Promise<Exchanged> {
    const id = this.#newId();
    const request = asking(id);
    const outcome = heardWell(await this.#wire.send(request, { signal }), { url: request.url, clock: this.#setup.clock, redact: (text) => this.#wire.redact(text) });
    if ('fallen' in outcome) return outcome;
    const body = messageIn(outcome.heard.text);
    if (body === undefined) return { fallen: garbage(`the agent gave no JSON object: ${quote(outcome.heard.text)}`) };
    if (this.#way.binding === 'JSONRPC' && !isAnswerTo(id, body)) return { fallen: garbage('the agent answered another request than the one that it was sent') };
    const found: RpcResult = this.#way.binding === 'JSONRPC' ? resultOf(body, RPC) : { result: body };
    if ('fallen' in found) return found;
    const given = givenIn(found.result);
    if (given === undefined) return { fallen: garbage('the agent gave neither a message nor a task') };
    return about !== undefined && isForeign(given, about) ? { fallen: garbage('the agent answered about another task than the one that was named') } : { given };
  }

  /** Nobody waits for the task any more: what it would still cost need not be spent. Whether that is heard changes nothing here. */
  #giveUp(task: string): void {
    void this.#wire.send(cancelTask(this.#way, this.#newId(), task), { signal: AbortSignal.timeout(FAREWELL) });
  }

  /** Every message has an id that nobody else made. */
  #newId(): string {
    return Buffer.from(this.#setup.random.bytes(16)).toString('hex');
  }
}

/** What the agent asks back for, and where its task waits; undefined when it asks for nothing. */
function askedBack(given: Given, read: (content: Json) => Answered): (Asked & { readonly waiting: Waiting }) | undefined {
  if (!('state' in given) || given.state !== 'input-required') return undefined;
  const { id, task } = given;
  const { status } = task;
  const question = messageOfTask(task) ?? '';
  return { question, told: read(question), waiting: { task: id, context: contextOf(task), status: isObject(status) && status['timestamp'] !== undefined ? canonical(status) : undefined } };
}

function contextOf({ contextId }: JsonObject): string | undefined {
  return typeof contextId === 'string' && contextId !== '' ? contextId : undefined;
}

/** An error may have no id: whoever could not read the request does not know it (JSON-RPC 2.0, section 5). */
function isAnswerTo(id: string, { id: told, error }: JsonObject): boolean {
  return told === id || (isObject(error) && (told === undefined || told === null));
}

/** Many cases are asked of one agent at a time, and what it says of another one is no answer here. A message need not say what it is about. */
function isForeign(given: Given, { task, context }: Named): boolean {
  const [id, about] = 'message' in given ? [given.message['taskId'], given.message] : [given.id, given.task];
  const [isOther, told] = [typeof id === 'string' && id !== '' && id !== task, contextOf(about)];
  return isOther || (told !== undefined && context !== undefined && told !== context);
}

/** An agent may take note of a turn without waiting for its own word on it. */
function isOld({ status }: JsonObject, waiting: Waiting | undefined): boolean {
  return waiting?.status !== undefined && isObject(status) && canonical(status) === waiting.status;
}

function isOpen(state: string): boolean {
  return state === 'submitted' || state === 'working';
}

/** The last word of a message or a task that is no longer worked on. @throws {Fault} TARGET_FAILED when the agent wants to be let in */
function outcomeOf(given: Given, answer: (content: Json) => Answered): Answered {
  if ('message' in given) return contentAnswer(contentOfMessage(given.message), answer);
  const { state, task } = given;
  const words = messageOfTask(task);
  const because = words === undefined ? '' : `: ${quote(textOf(words))}`;
  switch (state) {
    case 'completed':
      return contentAnswer(contentOfTask(task), answer);
    case 'failed':
    case 'rejected':
      return failure(`task-${state}`, `the agent's task ${state === 'failed' ? 'failed' : 'was rejected'}${because}`);
    case 'input-required':
      return failure('input-required', `the agent asks back instead of answering${because}`);
    case 'auth-required':
      throw new Fault('TARGET_FAILED', `the agent asks for a login${because}`, { at: 'agent.yaml: target', hint: 'see target.key in agent.yaml' });
    case 'canceled':
      return fault('agent-error', `the agent's task was canceled${because}`);
    default:
      return garbage(`the agent's task has the unknown state ${quote(state)}`);
  }
}

function contentAnswer(content: Json | undefined, answer: (content: Json) => Answered): Answered {
  return content === undefined ? garbage('the agent gave neither text nor data') : answer(content);
}
