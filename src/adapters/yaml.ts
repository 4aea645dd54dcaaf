/** YAML 1.2 as strict JSON data: every mistake with its place, nothing clever, nothing that grows. */
import type { Alias, Document, LineCounter, ParsedNode, Scalar, YAMLError } from 'yaml';
import { Fault, type Mistake } from '../domain/fault.js';
import { MAX_DEPTH, type Json } from '../domain/json.js';
import type { Yaml, YamlDocument } from '../domain/ports.js';
import { editYaml } from './yaml-edit.js';

type Library = typeof import('yaml');
type Node = ParsedNode | Alias | null | undefined;

export const LIMITS = { bytes: 1024 * 1024, nodes: 100_000, aliases: 100 } as const;

/** Tags of the core schema may be written out; every other tag would change what a text means. */
const TAGS = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`));

const HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  DUPLICATE_KEY: 'keep one of the two',
  BLOCK_AS_IMPLICIT_KEY: 'put quotes around a text that contains ": "',
  BAD_INDENT: 'line it up with its neighbours',
  MISSING_CHAR: 'close what was opened, or put quotes around the text',
  TAG_RESOLVE_FAILED: 'write plain data without tags',
};

export function yaml(): Yaml {
  return {
    async parse(text, name) {
      if (Buffer.byteLength(text) > LIMITS.bytes) {
        return unreadable({ at: `${name}:1:1`, message: `larger than ${LIMITS.bytes / 1024 / 1024} MiB`, hint: 'move data into files of their own' });
      }
      return read(await import('yaml'), text, name);
    },
    async edit(text, pointer, value) {
      const library = await import('yaml');
      return editYaml(library, text, pointer, value, (one) => {
        const { mistakes, value: data } = read(library, one, 'edited');
        if (mistakes[0]) throw new Fault('INPUT_INVALID', mistakes[0].message, { at: mistakes[0].at, details: mistakes });
        return data;
      });
    },
  };
}

function unreadable(mistake: Mistake): YamlDocument {
  return { value: null, mistakes: [mistake], place: () => '1:1' };
}

function read(library: Library, text: string, name: string): YamlDocument {
  const lines = new library.LineCounter();
  const document = library.parseDocument(text, {
    version: '1.2',
    schema: 'core',
    customTags: [],
    merge: false,
    uniqueKeys: true,
    stringKeys: true,
    // As bigint an integer past 2^53-1 is seen; as a number it would already be rounded.
    intAsBigInt: true,
    strict: true,
    prettyErrors: false,
    lineCounter: lines,
    // "silent" would also swallow the error about a second document.
    logLevel: 'error',
  });
  const reader = new Reader(library, document, lines, name);
  const { yaml: directive } = document.directives ?? { yaml: undefined };
  // `%YAML 1.1` would turn yes, no and 012 into other values.
  if (directive?.explicit === true && directive.version !== '1.2') reader.mistake(0, `YAML ${directive.version} is not supported`, 'remove the %YAML line');
  const value = reader.value(document.contents, '', 0);
  for (const error of [...document.errors, ...document.warnings]) reader.report(error);
  const failed = reader.mistakes.length > 0;
  return { value: failed ? null : value, mistakes: reader.sorted(), place: (pointer, what) => reader.place(pointer, what) };
}

/** Walks the nodes once: converts, limits, and remembers where everything stands. */
class Reader {
  readonly mistakes: { readonly offset: number; readonly mistake: Mistake }[] = [];
  readonly #places = new Map<string, { key: number; value: number }>();
  readonly #tags = new Set<string>();
  #nodes = 0;
  #aliases = 0;
  #stopped = false;

  constructor(
    readonly library: Library,
    readonly document: Document.Parsed,
    readonly lines: LineCounter,
    readonly name: string,
  ) {}

  report(error: YAMLError): void {
    const { message } = error;
    // The walk has already told a refused tag, at its value.
    if (error.code === 'TAG_RESOLVE_FAILED' && [...this.#tags].some((tag) => message.endsWith(tag))) return;
    this.mistake(error.pos[0], message.charAt(0).toLowerCase() + message.slice(1), HINTS[error.code]);
  }

  mistake(offset: number, message: string, hint?: string): void {
    this.mistakes.push({ offset, mistake: { at: `${this.name}:${this.#lineColumn(offset)}`, message, ...(hint !== undefined && { hint }) } });
  }

  sorted(): readonly Mistake[] {
    const seen = new Set<string>();
    const unseen = ({ at, message }: Mistake) => !seen.has(`${at} ${message}`) && seen.add(`${at} ${message}`);
    return [...this.mistakes].sort((a, b) => a.offset - b.offset).map(({ mistake }) => mistake).filter(unseen);
  }

  place(pointer: string, what: 'key' | 'value'): string {
    for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const found = this.#places.get(at);
      // What is not there is told at the key of the nearest thing around it.
      if (found) return this.#lineColumn(at === pointer && what === 'value' ? found.value : found.key);
    }
    return this.#lineColumn(this.#places.get('')?.value ?? 0);
  }

  value(node: Node, pointer: string, depth: number, key?: number): Json {
    if (this.#stopped) return null;
    const offset = node?.range?.[0] ?? key ?? 0;
    this.#places.set(pointer, { key: key ?? offset, value: offset });
    this.#nodes += 1;
    if (this.#nodes > LIMITS.nodes) return this.#stop(offset, `more than ${LIMITS.nodes} values`);
    if (depth > MAX_DEPTH) return this.#stop(offset, `nested deeper than ${MAX_DEPTH} levels`);
    if (node === null || node === undefined) return null;
    if (this.library.isAlias(node)) return this.#alias(node, pointer, depth, key ?? offset);
    if (node.tag !== undefined && !TAGS.has(node.tag)) return this.#tag(node.tag, offset);
    if (this.library.isMap(node)) return this.#map(node, pointer, depth);
    if (this.library.isSeq(node)) return node.items.map((item, index) => this.value(item as Node, `${pointer}/${index}`, depth + 1));
    return this.#scalar(node, offset);
  }

  #tag(tag: string, offset: number): Json {
    this.#tags.add(tag);
    this.mistake(offset, `the tag ${tag} is not allowed`, HINTS['TAG_RESOLVE_FAILED']);
    return null;
  }

  /** Expanded aliases count as nodes, so a text of ten lines cannot become a billion values. */
  #alias(node: Alias, pointer: string, depth: number, key: number): Json {
    this.#aliases += 1;
    if (this.#aliases > LIMITS.aliases) return this.#stop(key, `more than ${LIMITS.aliases} aliases`);
    const source = node.resolve(this.document);
    if (!source) this.mistake(node.range?.[0] ?? key, `the alias *${node.source} names no anchor before it`);
    return this.value(source as Node, pointer, depth, key);
  }

  #map(node: { readonly items: readonly { readonly key: unknown; readonly value?: unknown }[] }, pointer: string, depth: number): Json {
    const members: Record<string, Json> = {};
    for (const pair of node.items) {
      if (!this.library.isScalar(pair.key) || typeof pair.key.value !== 'string') continue;
      const offset = pair.key.range?.[0] ?? 0;
      const key = pair.key.value;
      if (key === '__proto__') this.mistake(offset, 'the key "__proto__" is not allowed');
      else if (key === '<<') this.mistake(offset, 'merge keys ("<<") are not supported', 'write the keys out');
      else members[key] = this.value(pair.value as Node, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, depth + 1, offset);
    }
    return members;
  }

  #scalar(node: Scalar, offset: number): Json {
    const { value } = node;
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') {
      if (!value.isWellFormed()) this.mistake(offset, 'a lone surrogate is not Unicode text');
      return value;
    }
    const number = Number(value);
    if (typeof value === 'bigint' && !Number.isSafeInteger(number)) this.mistake(offset, 'integer beyond 2^53-1', 'put quotes around it');
    else if (!Number.isFinite(number)) this.mistake(offset, `${String(node.source ?? value)} is not a JSON number`);
    return number;
  }

  #stop(offset: number, message: string): Json {
    this.#stopped = true;
    this.mistake(offset, message);
    return null;
  }

  #lineColumn(offset: number): string {
    const { line, col } = this.lines.linePos(offset);
    return `${Math.max(line, 1)}:${Math.max(col, 1)}`;
  }
}
