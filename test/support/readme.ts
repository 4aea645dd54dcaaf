/** Marked blocks of README.md: what stands between `<!-- name -->` and the end mark of its kind. UPDATE_DOCS=1 writes a block instead of comparing it. */
import { readFileSync, writeFileSync } from 'node:fs';

const README = new URL('../../README.md', import.meta.url).pathname;

export const updating = process.env['UPDATE_DOCS'] === '1';

export function readme(): string {
  return readFileSync(README, 'utf8');
}

/** @throws when the README has no such block, or two */
export function blockOf(text: string, name: string): string {
  const parts = text.split(`<!-- ${name} -->\n`);
  const inner = parts[1]?.split(endOf(name))[0];
  if (parts.length !== 2 || inner === undefined || !parts[1]?.includes(endOf(name))) throw new Error(`README.md has no single block "${name}"`);
  return inner;
}

export function writeBlock(name: string, inner: string): void {
  const text = readme();
  const old = blockOf(text, name);
  writeFileSync(README, text.replace(`<!-- ${name} -->\n${old}${endOf(name)}`, () => `<!-- ${name} -->\n${inner}${endOf(name)}`));
}

function endOf(name: string): string {
  return `<!-- /${name.split(':')[0] ?? name} -->`;
}

/** The gate of a CI job as the README prints it: the words after `node bin/agentctl.js`. */
export function ciWords(): readonly string[] {
  const line = /<!-- ci -->\n```sh\nnode bin\/agentctl\.js (.+)\n```/.exec(readme())?.[1];
  if (line === undefined) throw new Error('README.md has no CI line');
  return line.split(' ');
}

/** What a transcript says, without what is another each time: keys, digests, folders, counts of entries, and where lines were broken. */
export function shapeOf(transcript: string): string {
  return transcript
    .replace(/did:key:\w+/g, 'did:key:…')
    .replace(/(?<=build )[0-9a-f]{12}/g, '…')
    .replace(/\/\S*agentctl-demo-\w+/g, '…')
    // Shown when the answer could be taken from the last one.
    .replace(/^states: kept from .*\n(?: .*\n)?/m, '')
    .replace(/^ledger: .*$/m, (line) => line.replace(/\d+/g, 'N'))
    .replace(/\s+/g, ' ')
    .trim();
}
