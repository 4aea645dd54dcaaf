/** XML as elements, text and attributes: no document type declaration, and no entity but the five that XML itself has. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { Fault } from '../domain/fault.js';
import type { XmlElement } from '../domain/ports.js';

const DEEPEST = 64;
const PARSER = new XMLParser({
  preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', processEntities: false, parseTagValue: false, parseAttributeValue: false,
  trimValues: false, ignoreDeclaration: true, ignorePiTags: true, cdataPropName: '#cdata', maxNestedTags: DEEPEST,
});

/** @throws {Fault} INPUT_INVALID at `name:line:column` */
export function xmlDocument(text: string, name: string): XmlElement {
  refuseDeclarations(text, name);
  const verdict = XMLValidator.validate(text);
  if (verdict !== true) throw new Fault('INPUT_INVALID', `it is no well-formed XML: ${verdict.err.msg.replace(/\.$/, '')}`, { at: `${name}:${verdict.err.line}:${verdict.err.col ?? 1}` });
  const [root, ...others] = elementsOf(parsed(text, name), name);
  if (!root || others.length > 0) throw new Fault('INPUT_INVALID', 'an XML document has one outermost element', { at: name });
  return root;
}

/** Outside comments and CDATA, `<!` opens nothing but a document type and what stands in one. */
function refuseDeclarations(text: string, name: string): void {
  const blank = text.replace(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>/g, (hidden) => hidden.replace(/[^\n]/g, ' '));
  const found = blank.indexOf('<!');
  if (found === -1) return;
  const before = blank.slice(0, found).split('\n');
  throw new Fault('INPUT_INVALID', 'a document type declaration or an unfinished comment: neither is read', { at: `${name}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}` });
}

type Node = Readonly<Record<string, unknown>>;

function parsed(text: string, name: string): readonly Node[] {
  try {
    return PARSER.parse(text) as readonly Node[];
  } catch (cause) {
    throw new Fault('INPUT_INVALID', `it is no XML that can be read: ${cause instanceof Error ? cause.message : String(cause)}`, { at: name, cause });
  }
}

/** The parser gives each element as an object with one member, and its attributes under `:@`. */
function elementsOf(nodes: readonly Node[], file: string): readonly XmlElement[] {
  return nodes.flatMap((node) => Object.entries(node).filter(([key]) => !key.startsWith('#') && key !== ':@').map(([name, inside]) => {
    const children = inside as readonly Node[];
    const attributes = Object.entries((node[':@'] ?? {}) as Record<string, unknown>).map(([key, value]) => [key, decoded(String(value), file)] as const);
    return { name, attributes: Object.fromEntries(attributes), text: textOf(children, file), children: elementsOf(children, file) };
  }));
}

function textOf(nodes: readonly Node[], file: string): string {
  return nodes.map((node) => {
    if (typeof node['#text'] === 'string') return decoded(node['#text'], file);
    const raw = node['#cdata'];
    return Array.isArray(raw) ? raw.map((part: Node) => String(part['#text'] ?? '')).join('') : '';
  }).join('');
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decoded(text: string, file: string): string {
  return text.replace(/&([^;&\s]{0,12};)?/g, (whole, inside: string = '') => {
    const character = NAMED[inside.slice(0, -1)] ?? byNumber(inside);
    if (character === undefined) throw new Fault('INPUT_INVALID', `the entity ${JSON.stringify(whole.slice(0, 14))} is not read`, { at: file, hint: 'write the five of XML, or a character by its number' });
    return character;
  });
}

function byNumber(text: string): string | undefined {
  const [, hex, digits] = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}));$/.exec(text) ?? [];
  const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(digits ?? Number.NaN);
  return code >= 1 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : undefined;
}
