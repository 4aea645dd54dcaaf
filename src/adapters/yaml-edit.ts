/** Changes one value of a YAML text and leaves every other byte, comments and layout included, as the user wrote it. */
import type { Node, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { canonical } from '../domain/canonical.js';
import { Fault } from '../domain/fault.js';
import { atPointer } from '../domain/pointer.js';
import { isObject, type Json } from '../domain/json.js';

type Library = typeof import('yaml');
type Collection = YAMLMap | YAMLSeq;

/**
 * Sets the value at a JSON Pointer (RFC 6901): an existing one is replaced, a new key is added to its mapping, and `-` at
 * the end appends to a list (RFC 6902). The library's own writer would fold long lines and re-indent, so the text is cut open
 * at the node's place, and the result is read again and compared.
 *
 * @param read reads a text as strict JSON data
 * @throws {Fault} INPUT_INVALID when the place does not exist or cannot be edited, such as one behind an alias
 */
export function editYaml(library: Library, text: string, pointer: string, value: Json, read: (text: string) => Json): string {
  const before = read(text);
  const parts = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const parent = parts.slice(0, -1);
  const last = parts.at(-1);
  if (last === undefined) throw unfit(pointer);
  const root = library.parseDocument(text).contents;
  const found = nodeAt(library, root, parts);
  const holder = nodeAt(library, root, parent);
  const edited = found?.range
    ? splice(text, found.range[0], found.range[1], lineOf(library, value), comesTight(text, found.range[0]))
    : library.isCollection(holder)
      ? insert(library, text, holder as Collection, last, value)
      : undefined;
  if (edited === undefined) throw unfit(pointer);
  // The text must say what was meant, and nothing else may have moved.
  if (canonical(read(edited)) !== canonical(withValue(before, parts, value))) throw unfit(pointer);
  return edited;
}

function unfit(pointer: string): Fault {
  return new Fault('INPUT_INVALID', `cannot edit ${pointer} in this YAML without disturbing the rest`, { at: pointer, hint: 'write it by hand' });
}

function nodeAt(library: Library, root: unknown, parts: readonly string[]): Node | undefined {
  let here: unknown = root;
  for (const part of parts) {
    if (library.isMap(here)) here = here.items.find((pair) => library.isScalar(pair.key) && String((pair.key as Scalar).source ?? pair.key.value) === part)?.value;
    else if (library.isSeq(here)) here = /^\d+$/.test(part) ? here.items[Number(part)] : undefined;
    else return undefined;
  }
  return library.isNode(here) ? here : undefined;
}

function splice(text: string, from: number, to: number, insertion: string, tight = false): string {
  return `${text.slice(0, from)}${tight ? ' ' : ''}${insertion}${text.slice(to)}`;
}

/** An empty value has its place directly after the colon. */
function comesTight(text: string, at: number): boolean {
  return /[:-]$/.test(text.slice(0, at));
}

/** A value on one line: what replaces a value or goes between brackets. */
function lineOf(library: Library, value: Json): string {
  const document = new library.Document(value);
  library.visit(document, { Collection: (_key, node) => void (node.flow = true) });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false, singleQuote: false, doubleQuotedAsJSON: true }).trimEnd().replace(/\n\s*/g, ' ');
}

/** A value on lines of its own; lists of plain values stay on one. */
function blockOf(library: Library, value: Json): string {
  const document = new library.Document(value);
  library.visit(document, {
    Seq: (key, node) => void (node.flow = key !== null && (node.items.length === 0 || node.items.every((item) => library.isScalar(item)))),
    Map: (_key, node) => void (node.flow = node.items.length === 0),
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false, singleQuote: false, doubleQuotedAsJSON: true }).trimEnd();
}

function insert(library: Library, text: string, holder: Collection, key: string, value: Json): string | undefined {
  const list = library.isSeq(holder);
  if (list && key !== '-' && Number(key) !== holder.items.length) return undefined;
  if (holder.flow === true || holder.items.length === 0) return insertFlow(library, text, holder, list ? lineOf(library, value) : `${lineOf(library, key)}: ${lineOf(library, value)}`);
  const start = startOf(library, text, holder);
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
  const at = endOfLine(text, endOf(library, holder));
  const lines = (list ? blockOf(library, [value]) : blockOf(library, { [key]: value })).split('\n').map((line) => (line === '' ? line : indent + line));
  return splice(text, at, at, `${at > 0 && text[at - 1] !== '\n' ? '\n' : ''}${lines.join('\n')}\n`);
}

function insertFlow(library: Library, text: string, holder: Collection, item: string): string | undefined {
  const end = holder.range?.[1];
  if (end === undefined || holder.flow !== true) return undefined;
  const last = holder.items.at(-1);
  const filled = last === undefined ? undefined : endOf(library, library.isPair(last) ? last.value : last);
  return filled === undefined ? splice(text, end - 1, end - 1, item) : splice(text, filled, filled, `, ${item}`);
}

/** Where the first key or dash of a block collection stands: the library counts white space before a dash in. */
function startOf(library: Library, text: string, holder: Collection): number {
  const first = holder.items[0];
  if (library.isPair(first)) return library.isNode(first.key) ? (first.key.range?.[0] ?? 0) : 0;
  return library.isNode(first) ? text.lastIndexOf('-', (first.range?.[0] ?? 1) - 1) : 0;
}

/** Where the last value of a node ends, without the comments after it. */
function endOf(library: Library, node: unknown): number {
  if (library.isCollection(node) && node.flow !== true && node.items.length > 0) {
    const last = node.items.at(-1);
    return endOf(library, library.isPair(last) ? (last.value ?? last.key) : last);
  }
  return library.isNode(node) ? (node.range?.[1] ?? 0) : 0;
}

function endOfLine(text: string, at: number): number {
  if (text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

function withValue(document: Json, parts: readonly string[], value: Json): Json {
  const [head, ...rest] = parts;
  if (head === undefined) return value;
  if (Array.isArray(document)) {
    const index = head === '-' ? document.length : Number(head);
    const items = [...(document as readonly Json[])];
    items[index] = withValue(items[index] ?? null, rest, value);
    return items;
  }
  const members = isObject(document) ? document : {};
  return { ...members, [head]: withValue(atPointer(members, `/${head.replaceAll('~', '~0').replaceAll('/', '~1')}`) ?? null, rest, value) };
}
