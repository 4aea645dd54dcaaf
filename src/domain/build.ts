/** The build document: what an agent is made of. SHA-256 of its canonical bytes is the identity of a version. */
import type { Digest } from './digest.js';

export type BuildFile = {
  readonly path: string;
  readonly sha256: string;
  /** Only whether it may be executed: git keeps no more, so a checkout gives the same document. */
  readonly mode: '644' | '755';
};

/** Written as `artifacts/build.json` in canonical form (RFC 8785), without a final newline. */
export type BuildDocument = {
  readonly v: 1;
  /** Sorted by path; prompts and the model file are in it as well. */
  readonly files: readonly BuildFile[];
  readonly prompts: readonly string[];
  /** For a hosted model only the declared id can be part of the build. */
  readonly model: { readonly id: string; readonly kind: 'local' | 'hosted'; readonly file: string | null };
  readonly tools: readonly { readonly name: string; readonly digest: Digest }[];
};

/** What changed from one build to another, one line each: `agent.js changed`, `lib/x.js added`. */
export function diffBuilds(before: BuildDocument, after: BuildDocument): readonly string[] {
  const lines: string[] = [];
  const old = new Map(before.files.map((file) => [file.path, file]));
  for (const file of after.files) {
    const was = old.get(file.path);
    old.delete(file.path);
    if (!was) lines.push(`${file.path} added`);
    else if (was.sha256 !== file.sha256) lines.push(`${file.path} changed`);
    else if (was.mode !== file.mode) lines.push(`${file.path} mode ${was.mode} -> ${file.mode}`);
  }
  for (const path of old.keys()) lines.push(`${path} removed`);
  if (before.model.id !== after.model.id || before.model.kind !== after.model.kind) lines.push(`model ${before.model.id} -> ${after.model.id}`);
  const tools = new Map(before.tools.map((tool) => [tool.name, tool.digest]));
  for (const tool of after.tools) {
    const was = tools.get(tool.name);
    tools.delete(tool.name);
    if (was === undefined) lines.push(`tool ${tool.name} added`);
    else if (was !== tool.digest) lines.push(`tool ${tool.name} changed`);
  }
  for (const name of tools.keys()) lines.push(`tool ${name} removed`);
  const prompts = before.prompts.join('\n') !== after.prompts.join('\n');
  if (prompts && lines.length === 0) lines.push('list of prompts changed');
  return lines;
}
