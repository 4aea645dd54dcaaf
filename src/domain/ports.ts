/** The world as an argument: every port that the product uses, each a verb or two. `World` is their sum. */
import type { Digest } from './digest.js';
import type { Entry, EntryDraft, StoredEntry } from './entry.js';
import type { Json, JsonObject } from './json.js';
import type { Mistake } from './fault.js';
import type { Money } from './money.js';
import type { ReviewData } from './review.js';
import type { Instant } from './time.js';
import type { Target, Tool } from './manifest.js';

export interface Clock {
  now(): Instant;
  /** Milliseconds that only grow, for measuring spans. */
  monotonic(): number;
  sleep(milliseconds: number): Promise<void>;
}

export interface Random {
  bytes(count: number): Uint8Array;
}

export interface FileInfo {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  /** In milliseconds: when its content changed, which anybody may set back, and when anything about it did. */
  readonly modified: number;
  readonly changed: number;
  readonly kind: 'file' | 'directory' | 'link' | 'special file';
}

export interface OpenFile {
  /** The bytes there; fewer where the file ends. */
  read(offset: number, length: number): Uint8Array;
  close(): Promise<void>;
}

export interface Files {
  /** @throws Fault IO, naming the path */
  read(path: string): Promise<Uint8Array>;
  readText(path: string): Promise<string>;
  /** SHA-256 of a file of any length. */
  digest(path: string): Promise<Digest>;
  /** Opens a file of any length, to read parts of it by position. */
  open(path: string): Promise<OpenFile>;
  /** Lines of a text of any length, one by one; one of more than `longest` bytes is refused. */
  lines(path: string, longest: number): AsyncIterable<string>;
  exists(path: string): Promise<boolean>;
  info(path: string): Promise<FileInfo | undefined>;
  /** Every file below, sorted, relative with `/`; links are listed as links and never followed. */
  list(folder: string): Promise<readonly FileInfo[]>;
  /** Temp file + fsync + rename: readers see the old bytes or the new ones. What is too long to be held comes in parts. */
  write(path: string, data: string | Uint8Array | AsyncIterable<string>, mode?: number): Promise<void>;
  /** One write at the end + fsync, so that lines of several processes do not mix; makes the file, refuses a link. */
  append(path: string, text: string): Promise<void>;
  makeFolder(path: string, mode?: number): Promise<void>;
  move(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}

export interface RunResult {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface Processes {
  /** Runs a command with a clean environment. */
  run(command: readonly string[], options: { cwd: string; input?: string; timeout: number; env?: Readonly<Record<string, string>> }): Promise<RunResult>;
}

/** One question to the agent and its answer over JSON Lines. */
export interface TargetRequest {
  readonly id: string;
  readonly input: Json;
  /** What is said next, one after the other, as often as the agent asks back. */
  readonly turns?: readonly Json[];
  readonly context?: JsonObject;
}
/** @see TargetRequest.turns */
export interface Conversed {
  /** What the agent said each time it asked back and was given the next turn. */
  readonly askedBack?: readonly Json[];
}
export interface TargetAnswer extends Conversed {
  readonly outcome: 'answer';
  readonly output: Json;
  readonly confidence: string | null;
  readonly doubt: boolean;
  readonly reason: string | null;
  readonly toolCalls: readonly ToolCall[];
  /** False where tool calls would not show: then their absence proves nothing. True when absent. */
  readonly traced?: boolean;
  readonly usage?: Usage;
  /** Model that answered, as the service names it: a hosted one may change behind its name. */
  readonly model?: string;
  readonly milliseconds: number;
}
/**
 * `failure`: the agent itself went wrong, such as HTTP 500 with its own words or an A2A task that failed; it is never asked
 * again. `fault`: its surroundings did, or nobody can tell; it is asked again.
 */
export type TargetReply =
  | TargetAnswer
  | (Conversed & { readonly outcome: 'failure'; readonly cause: string; readonly message: string; readonly milliseconds: number })
  | (Conversed & { readonly outcome: 'fault'; readonly cause: 'timeout' | 'crash' | 'garbage' | 'agent-error' | 'unreachable' | 'overloaded'; readonly message: string; readonly milliseconds: number });
export interface ToolCall {
  readonly tool: string;
  readonly arguments: JsonObject;
  /** The agent's own text where its arguments were not a JSON object; `arguments` is empty then. */
  readonly malformed?: string;
  /** Whether the tool did its work, where the agent reports it. */
  readonly status?: 'ok' | 'error';
}
/** What an answer consumed, as far as the target tells. Cost is a decimal in the currency of the target's price list. */
export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cost?: string;
}

/** A running agent. */
export interface RunningTarget {
  /** @throws Fault TARGET_FAILED where the question itself is at fault, such as a wrong address: another case would fare no better */
  ask(request: TargetRequest): Promise<TargetReply>;
  /** The files that the process says it was built from, for comparison with the build; none, and `hosted`, where nobody here can see them. */
  describe(): Promise<JsonObject>;
  close(): Promise<void>;
}

/** What a target that is not only a process needs from whoever starts it. */
export interface TargetHelp {
  /** Signs with the agent's key: without it no request leaves. */
  sign(request: HttpRequest): Promise<SignedRequest>;
  /** Tools of the build, for a model that is offered some. */
  readonly tools: readonly Tool[];
}
export interface Targets {
  /** Told before a run of any length: from here on memory does not grow with it. */
  expectMany(): Promise<void>;
  /** @throws Fault TARGET_FAILED when the agent cannot be started, or what agent.yaml says of it does not fit it */
  start(target: Target, folder: string, help?: TargetHelp): Promise<RunningTarget>;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Text is sent as UTF-8. */
  readonly body?: string | Uint8Array;
}
declare const signed: unique symbol;
/** A request that carries the agent's HTTP message signature. Only identity/http-signature.ts makes one: an unsigned request has no way to the wire. */
export type SignedRequest = HttpRequest & { readonly [signed]: true };
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
export interface Http {
  /** Sends for the agent. @throws Fault NETWORK */
  send(request: SignedRequest, timeout: number): Promise<HttpResponse>;
  /** Reads a public document as a counterparty, on nobody's behalf: GET only, size and time limits, private addresses refused beyond loopback. */
  fetchPublic(url: string, limits: { bytes: number; timeout: number }): Promise<HttpResponse>;
  /** Hands a signed note to the witness that the operator named, on nobody's behalf: its own signature is all that counts. https, or http on this machine. @throws Fault NETWORK */
  submitNote(url: string, body: string, limits: { bytes: number; timeout: number }): Promise<HttpResponse>;
}

/** A request that a server was asked. */
export interface ServedRequest {
  readonly method: string;
  /** Path of the URL, without its query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Unpacked, if it came compressed. */
  readonly body: Uint8Array;
}
export interface ServedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
export interface ServerOptions {
  /** Address to listen on. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Names by which it may be asked beside those of its address: a page that another name leads here is refused. */
  readonly names: readonly string[];
  readonly limits: {
    /** Longest body, as sent and as unpacked. */
    readonly bytes: number;
    /** Requests in hand at once; whoever comes then is asked to come again. */
    readonly requests: number;
    /** Milliseconds for one request to arrive. */
    readonly timeout: number;
  };
  handle(request: ServedRequest): Promise<ServedResponse>;
  /** Told what `handle` threw; the request is answered with 500. */
  failed(cause: unknown): void;
}
export interface RunningServer {
  /** Origin with the port that was taken. */
  readonly url: string;
  /** Takes no more requests, and ends when those in hand are answered. */
  close(): Promise<void>;
}
export interface Servers {
  /** @throws Fault NETWORK when the address cannot be taken */
  serve(options: ServerOptions): Promise<RunningServer>;
}

/** A key that signs; where it lives is not the caller's business. */
export interface Signer {
  readonly did: string;
  readonly publicKey: Uint8Array;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

export type KeyRole = 'organisation' | 'operator' | 'agent' | 'log' | 'witness';
export interface KeyName {
  readonly role: KeyRole;
  /** Operator id, agent id or organisation slug. */
  readonly name: string;
}
export interface KeyOnDisk {
  readonly name: string;
  readonly did: string;
  readonly former: readonly string[];
  /** The .pub file, where OpenSSH keeps the key. */
  readonly ssh?: string;
}
/** What wraps the keys of services: a key in the configuration folder, or the passphrase of AGENTCTL_PASSPHRASE_FILE. */
export type Wrapping = 'folder' | 'passphrase';
/** `pem`: PKCS#8 (RFC 5958) in PEM; `jwk`: RFC 8037. */
export type KeyFormat = 'pem' | 'jwk';
export interface KeyImport {
  /** Asked when the text is encrypted. */
  passphrase(): Promise<string>;
  /** The key that it has to be; null for any. */
  readonly expected: string | null;
  /** Asked before it is kept: throws when the key is not to be taken. */
  refuse?(did: string): void;
}
/** A key that OpenSSH keeps. */
export interface SshKey {
  /** Its .pub file: the private half lies beside it, or in the user's SSH agent. */
  readonly file: string;
  readonly publicKey: Uint8Array;
}
export interface Keys {
  create(key: KeyName): Promise<Signer>;
  /** @throws Fault KEY_MISSING, PASSPHRASE */
  open(key: KeyName): Promise<Signer>;
  /** The key that belongs to this DID, wherever it lives. @throws Fault KEY_MISSING */
  openByDid(role: KeyRole, did: string): Promise<Signer>;
  /** A key that another one replaced: it signs who follows it, and nothing else. @throws Fault KEY_MISSING, PASSPHRASE */
  openFormer(role: KeyRole, did: string): Promise<Signer>;
  /** Makes the key that is to take the place of this one, or hands out the one that an interruption left; with `ssh` it is that one. Until `replace` nothing else signs. @throws Fault KEY_MISSING, PASSPHRASE */
  successor(key: KeyName, ssh?: SshKey): Promise<Signer>;
  /** Puts the successor in the place of this key, which is kept as a former one; finishes what an interruption left. @throws Fault KEY_MISSING, PASSPHRASE */
  replace(key: KeyName, ssh?: SshKey): Promise<Signer>;
  /** Wraps the service keys of the store in another way, and says which. @throws Fault PASSPHRASE, KEY_MISSING when they do not open as they are */
  rewrap(by: Wrapping): Promise<readonly KeyName[]>;
  /** Lets an SSH key that exists already sign under this name. @throws Fault REFUSED when the name has a key */
  useSsh(key: KeyName, ssh: SshKey): Promise<void>;
  /** The private half as other programs read it. @param passphrase encrypts a PEM; null leaves it readable. @throws Fault REFUSED for a key of SSH */
  exportPrivate(key: KeyName, format: KeyFormat, passphrase: string | null): Promise<string>;
  /** Takes over a private key that another program made; an existing key is never replaced. @throws Fault REFUSED, KEY_UNFIT, INPUT_INVALID, PASSPHRASE */
  importPrivate(key: KeyName, text: string, how: KeyImport): Promise<Signer>;
  has(key: KeyName): Promise<boolean>;
  /** Public halves of the keys of this role on this machine, each with those that it replaced, oldest first; opens none of them. */
  list(role: KeyRole): Promise<readonly KeyOnDisk[]>;
  /** Warnings such as a log key lying beside the ledger. */
  placement(): Promise<readonly string[]>;
}
/** Opens the keys of one store: service keys live in it, wrapped by a key that does not. */
export type KeysAt = (storeFolder: string) => Keys;

export interface Head {
  readonly chain: string;
  readonly size: number;
  readonly hash: string;
  /** RFC 6962 compact range of the leaf hashes: one 64-hex node per set bit of size, largest subtree first. */
  readonly range: readonly string[];
}

/** A condition that must hold inside the transaction, else nothing is written. */
export type Guard =
  | { readonly kind: 'projection-is'; readonly projection: string; readonly key: string; readonly state: JsonObject | null }
  | { readonly kind: 'size-is'; readonly size: number }
  /** The entry is not earlier than what was signed for it. */
  | { readonly kind: 'not-before'; readonly at: Instant };

export interface ReserveRequest {
  readonly id: string;
  readonly agent: EntryDraft['agent'];
  readonly amount: Money;
  readonly action: Digest;
  /** Most that may be held and spent within `window`, in minor units; and the longest single amount. */
  readonly limit: { readonly perTransaction: bigint; readonly perWindow: bigint; readonly window: string };
  readonly expiresAt: Instant;
}
export type ReserveResult =
  | { readonly granted: true; readonly seq: number }
  | { readonly granted: false; readonly reason: string; readonly available: bigint };

export interface StoredBlob {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface Disclosure {
  readonly payload: JsonObject;
  readonly salt: Uint8Array;
}

/** The ledger and what hangs on it. Async, coarse, declarative: no transaction callback crosses it. */
export interface Store {
  /** Appends all drafts in one durable transaction, with the projections that follow from them. @throws Fault REFUSED when a guard fails */
  append(chain: string, drafts: readonly EntryDraft[], options?: { readonly guards?: readonly Guard[]; readonly blobs?: readonly StoredBlob[] }): Promise<readonly StoredEntry[]>;
  reserve(chain: string, request: ReserveRequest): Promise<ReserveResult>;
  /** Books the actual amount of a reservation; over the reservation it is booked in full and flagged as a breach. */
  post(chain: string, id: string, actual: Money, agent: EntryDraft['agent']): Promise<void>;
  void(chain: string, id: string, reason: string, agent: EntryDraft['agent']): Promise<void>;
  /** Expires reservations that were never dispatched and are past their time; returns how many. */
  expire(chain: string, agent: EntryDraft['agent']): Promise<number>;
  head(chain: string): Promise<Head | undefined>;
  chains(): Promise<readonly string[]>;
  latest(chain: string, type: string): Promise<Entry | undefined>;
  readEvidence(chain: string, type: string, limit?: number): Promise<readonly Entry[]>;
  count(chain: string, type: string): Promise<number>;
  /** Undefined also for an entry whose text was pruned. */
  read(chain: string, seq: number): Promise<StoredEntry | undefined>;
  /** Stored rows in order, unparsed: `body` is the canonical text that was hashed after the previous hash. */
  scan(chain: string, from?: number): AsyncIterable<StoredRow>;
  /**
   * The first `width` (1 to 256) hashes of a tile of the Merkle tree: leaf hashes on level 0, on level L the roots of tiles of level L - 1.
   * @throws Fault LEDGER_BROKEN when one is not there
   */
  tile(chain: string, level: number, index: number, width: number): Promise<readonly string[]>;
  /** Verifies a range of entries in consecutive parts, a long one on threads; undefined when it cannot, or when anything is wrong. */
  verifyParts(order: PartOrder, long: boolean): Promise<readonly ChainPart[] | undefined>;
  blob(digest: Digest): Promise<StoredBlob | undefined>;
  /** Decrypted and compared with its commitment; undefined when the entry has none, or it was erased. @throws Fault KEY_MISSING, STORE_TAMPERED */
  payload(chain: string, seq: number): Promise<JsonObject | undefined>;
  /** The payload with the salt under which its entry commits to it: for an auditor who has to recompute the commitment. */
  disclosed(chain: string, seq: number): Promise<Disclosure | undefined>;
  /** Number of the entry that erased the payload of entry `seq`. */
  erasedBy(chain: string, seq: number): Promise<number | undefined>;
  /** How many payloads are there, and how many were erased. */
  payloads(chain: string): Promise<{ readonly kept: number; readonly erased: number }>;
  /**
   * Destroys salt, ciphertext and key of a payload that an entry names as erased, also in free pages and write-ahead logs. May be repeated.
   * @throws Fault REFUSED when no entry names it, STORE_LOCKED while another process reads an older state
   */
  erase(chain: string, seq: number): Promise<void>;
  /**
   * Takes away the texts of the entries that the newest `audit.pruned` covers, and destroys their payloads as `erase` does. Hashes stay, and the first entry. May be repeated.
   * @throws Fault REFUSED when no entry says so, STORE_LOCKED
   */
  prune(chain: string): Promise<void>;
  projection(chain: string, name: string): Promise<ReadonlyMap<string, JsonObject>>;
  /** One key of a projection, without reading the rest. */
  projected(chain: string, name: string, key: string): Promise<JsonObject | undefined>;
  /** Newest signed checkpoint, as the C2SP note text; `start` lets a verification begin there, once its range gives the signed root. */
  checkpoint(chain: string): Promise<{ readonly size: number; readonly note: string; readonly start?: Pick<Head, 'hash' | 'range'> } | undefined>;
  putCheckpoint(chain: string, size: number, note: string): Promise<void>;
  checkpoints(chain: string): Promise<readonly { readonly size: number; readonly note: string }[]>;
  /** Keeps what a witness called `name` signed below the checkpoint over `size` entries; the first one is kept. */
  putCosignature(chain: string, size: number, name: string, line: string): Promise<void>;
  cosignatures(chain: string): Promise<readonly StoredCosignature[]>;
  /** Checks every table against the chain: tiles and head by the entries, blobs by digest, payloads by commitment, projections by replay. Yields what is wrong, and as `unknown` what cannot be told here. */
  audit(chain: string): AsyncIterable<{ readonly table: string; readonly key: string; readonly problem: string; readonly unknown?: true }>;
  /**
   * Writes a copy of the ledger as it is now to a file that must not exist yet, private and synced; and one of the payload keys, if a place for them is named.
   * @throws Fault REFUSED when a file exists or there are no keys, IO
   */
  backup(ledger: string, keys?: string): Promise<void>;
  cached(key: string): Promise<string | undefined>;
  cache(key: string, value: string): Promise<void>;
  close(): Promise<void>;
}
export interface StoredCosignature {
  readonly size: number;
  readonly name: string;
  /** The signature line with its newline; whoever reads it verifies it. */
  readonly line: string;
}
export interface StoredRow {
  readonly seq: number;
  readonly hash: string;
  readonly body: string;
}
/** Which entries to verify: `from` up to but not including `to`. */
export interface PartOrder {
  readonly chain: string;
  readonly from: number;
  readonly to: number;
  /** Sizes of the chain whose roots are wanted. */
  readonly rootsAt: readonly number[];
  /** Also proves canonical form and conformance. */
  readonly deep: boolean;
}
/** What entries `from` to `to - 1` vouch for, given the hash before them. */
export interface ChainPart {
  readonly from: number;
  readonly to: number;
  /** Hash of the entry before, as it is stored. */
  readonly before: string;
  /** Hash of the last entry. */
  readonly hash: string;
  /** Roots of the whole Merkle subtrees that the part is made of, in order; and the same up to each size that was asked for. */
  readonly subtrees: readonly string[];
  readonly marks: ReadonlyMap<number, readonly string[]>;
  readonly first: { readonly ts: Instant; readonly type: string };
  readonly newest: Instant;
  readonly unknownTypes: readonly string[];
}
export interface Stores {
  /**
   * Opens or creates; `readonly` never creates and never writes. `copy` names files to read instead of those in the folder.
   * @throws Fault STORE_UNFIT, STORE_LOCKED, UPGRADE_NEEDED
   */
  open(folder: string, options: { readonly readonly: boolean; readonly copy?: { readonly ledger: string; readonly keys?: string } }): Promise<Store>;
  exists(folder: string): Promise<boolean>;
  /** What differs once the ledger has changed, without opening it, and when it last did, in milliseconds; undefined while somebody writes. */
  stamp(folder: string): Promise<{ readonly text: string; readonly changed: number } | undefined>;
  /** Holds the apply lock until released; the OS frees it when the process dies. @throws Fault STORE_LOCKED naming the holder */
  lock(folder: string, purpose: string): Promise<() => Promise<void>>;
  /** What stores run on, such as `SQLite 3.53.1`. @throws Fault NATIVE_MODULE, STORE_UNFIT */
  engine(): Promise<string>;
}

/** Newest state of a log that a witness has vouched for, with the note that said so. */
export interface WitnessedState {
  readonly size: number;
  readonly root: string;
  readonly note: string;
}
/** What a witness remembers of the logs that it watches. */
export interface WitnessMemory {
  seen(origin: string): Promise<WitnessedState | undefined>;
  /** Puts `after` in the place of `before` in one durable transaction; false, and nothing is written, when something else was seen meanwhile. */
  advance(origin: string, before: Pick<WitnessedState, 'size' | 'root'> | undefined, after: WitnessedState): Promise<boolean>;
  close(): Promise<void>;
}
export interface Witnesses {
  /** Opens or creates. @throws Fault STORE_UNFIT, STORE_LOCKED */
  open(folder: string): Promise<WitnessMemory>;
}

/** Remembers what may be used once. Ephemeral: losing it changes no verdict on anything that the ledger holds. */
export interface Nonces {
  /**
   * Whether `nonce` was there before in its scope, and from now on it is: one step, so that of many who ask at once exactly one hears no.
   * @param until from when on whatever carries the nonce is refused for its age, so that it need not be remembered any longer
   */
  seen(scope: string, nonce: string, until: Instant): Promise<boolean>;
}
export interface NonceMemory extends Nonces {
  close(): Promise<void>;
}
export interface NonceStores {
  /** Opens or creates `nonces.db` in the folder. @throws Fault STORE_UNFIT, STORE_LOCKED */
  open(folder: string): Promise<NonceMemory>;
}

/** A YAML text as JSON data plus the place of each node. */
export interface YamlDocument {
  readonly value: Json;
  readonly mistakes: readonly Mistake[];
  /** `line:column` of the value at a JSON pointer, or of its key. */
  place(pointer: string, what: 'key' | 'value'): string;
}
export interface Yaml {
  /** Never throws on a bad text: all its mistakes are in the document. A promise, since the parser is loaded on first use. */
  parse(text: string, name: string): Promise<YamlDocument>;
  /** The text with the value at a JSON Pointer replaced or added (`-` appends to a list); comments and layout stay. @throws Fault INPUT_INVALID */
  edit(text: string, pointer: string, value: Json): Promise<string>;
}

/** JSON Schema 2020-12 validation with all mistakes. */
export interface SchemaIssue {
  readonly pointer: string;
  readonly keyword: string;
  readonly message: string;
  readonly params: JsonObject;
}
export interface Schemas {
  check(schema: JsonObject, value: Json): Promise<readonly SchemaIssue[]>;
}

/** An element of an XML document; `text` is all the text directly inside it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: { readonly [name: string]: string };
  readonly text: string;
  readonly children: readonly XmlElement[];
}
export interface UnpackedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}
export interface UnpackLimits {
  /** Most files. */
  readonly files: number;
  /** Most bytes of one file and of all, unpacked. */
  readonly each: number;
  readonly total: number;
}
/** Forms of other tools' files, read by libraries that are loaded on first use. */
export interface Forms {
  /** No document type declaration and no entity but the five of XML. @throws Fault INPUT_INVALID at `name:line:column` */
  xml(text: string, name: string): Promise<XmlElement>;
  /** The files of a ZIP archive one by one, stored, deflated or in Zstandard, each checked against size and checksum. @throws Fault INPUT_INVALID, also for more than the limits allow */
  unzip(bytes: Uint8Array, name: string, limits: UnpackLimits): AsyncIterable<UnpackedFile>;
}

export interface Progress {
  /** `done` of `total`; a terminal shows a bar, a pipe a line now and then. */
  update(done: number, total: number, note?: string): void;
  end(note?: string): void;
}
/** The conversation: everything for people that is not the result. */
export interface Talk {
  readonly interactive: boolean;
  say(line: string): void;
  progress(title: string): Progress;
}

export interface Question {
  readonly name: string;
  /** `secret` is typed unseen and never echoed. */
  readonly kind: 'input' | 'secret' | 'confirm' | 'select' | 'checkbox';
  readonly message: string;
  /** One line on why it matters. */
  readonly why: string;
  readonly default?: string | boolean | readonly string[];
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
  readonly check?: (answer: string) => string | true;
}
export interface Prompt {
  /** @throws Fault ANSWER_MISSING when there is no terminal, INTERRUPTED on Ctrl-C */
  ask(question: Question): Promise<string | boolean | readonly string[]>;
}

export interface Schedule {
  /** Due times of a cron expression after `from`, oldest first. @throws Fault INPUT_INVALID */
  due(cron: string, from: Instant, until: Instant, most: number): readonly Instant[];
  next(cron: string, from: Instant): Instant | undefined;
}

export interface Surroundings {
  readonly cwd: string;
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  /** Folder of templates, examples and schema shipped with agentctl. */
  readonly home: string;
  /** The user's configuration directory, where people's keys lie. */
  readonly configFolder: string;
  /** The program's first file, whose bundle names every other by the digest of its content: what another program judged is judged anew. */
  readonly program: string;
  variable(name: string): string | undefined;
  /** Aborted when the user interrupts: long work then stops at a clean place. */
  readonly interrupted: AbortSignal;
}

/** `done`: exit 0 and one JSON object. `failed`: it said so, or never started. `unknown`: nobody can tell (time-out, kill, unreadable answer). */
export interface ToolRun {
  readonly outcome: 'done' | 'failed' | 'unknown';
  readonly result: JsonObject | null;
  readonly message: string;
  readonly milliseconds: number;
}
/** Runs a tool of the agent with validated arguments; the gateway calls it after a permit only. */
export interface Tools {
  /** `folder` holds agent.yaml and is the working directory; `build` is the active build that {build} stands for. */
  run(tool: Tool, args: JsonObject, where: { readonly folder: string; readonly build: string }): Promise<ToolRun>;
}

/** How a result is told line by line. */
export type LineFormat = 'human' | 'jsonl' | 'csv';

/** One line of a result: what people see, a spreadsheet's cells, and all of it for programs. */
export interface ResultLine {
  readonly shown: readonly string[];
  /** Stands below what is shown, and is wrapped. */
  readonly under: readonly string[];
  readonly cells: readonly string[];
  readonly value: JsonObject;
}
export interface ResultColumns {
  readonly shown: readonly { readonly name: string; readonly width: number }[];
  readonly cells: readonly string[];
}
export interface Telling {
  /** Waits while the reader is slow. @returns whether anybody still reads */
  line(line: ResultLine): Promise<boolean>;
  /** Hands over what was told so far, before a pause. */
  flush(): Promise<boolean>;
}
/** Standard output for a result that is too long to be held, or has no end. What was told there is the result: no report is printed after it. */
export interface Results {
  /** Format that was asked for; in any but `human` a report is one document. */
  readonly format: string;
  /** Whether a report goes to a file as well. */
  readonly copied: boolean;
  readonly begun: boolean;
  begin(format: LineFormat, columns: ResultColumns): Promise<Telling>;
}

/** A review as texts for people: Markdown, and one self-contained page. */
export interface Renderers {
  review(data: ReviewData): Promise<{ readonly markdown: string; readonly html: string }>;
}

export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  readonly processes: Processes;
  readonly targets: Targets;
  readonly tools: Tools;
  readonly http: Http;
  readonly servers: Servers;
  readonly keys: KeysAt;
  readonly stores: Stores;
  readonly witnesses: Witnesses;
  readonly nonces: NonceStores;
  readonly yaml: Yaml;
  readonly schemas: Schemas;
  readonly forms: Forms;
  readonly talk: Talk;
  readonly prompt: Prompt;
  readonly schedule: Schedule;
  readonly renderers: Renderers;
  readonly results: Results;
  readonly surroundings: Surroundings;
}
