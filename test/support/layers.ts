/** Who may import whom (notes: the layer table). Change this table and the code together, and say why in the commit. */

export interface Trespass {
  readonly file: string;
  readonly why: string;
}

const PURE = ['ledger', 'identity', 'attestation', 'evaluation', 'enforcement', 'settlement', 'registries'] as const;

/** Layers that a layer may import, beside itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  ledger: ['domain'],
  identity: ['domain'],
  // A certificate carries a checkpoint of the ledger that it rests on.
  attestation: ['domain', 'identity', 'ledger'],
  evaluation: ['domain'],
  enforcement: ['domain', 'identity', 'attestation'],
  settlement: ['domain', 'identity', 'attestation'],
  registries: ['domain', 'identity', 'attestation'],
  steps: ['domain', ...PURE],
  engine: ['domain', 'steps', ...PURE],
  views: ['domain'],
  adapters: ['domain', ...PURE],
  cli: ['domain', 'steps', 'engine', 'views'],
  'main.ts': ['domain', 'adapters', 'cli'],
  'quick-answer.ts': ['domain', 'adapters', 'cli'],
  'quick.ts': ['domain', 'adapters', 'cli', 'quick-answer.ts'],
  'quick-verify.ts': ['domain', 'adapters', 'cli', 'quick-answer.ts'],
  'index.ts': ['domain', 'attestation', 'identity'],
};

/** Folders of a capability that drive ports: for the engine only. */
const FLOW = /^(ledger|identity|attestation|evaluation|enforcement)\/(flow|gateway)\//;

/** Packages and node modules outside adapters: one file, one compute-only package, each with its reason. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'domain/digest.ts': ['node:crypto'],
  // Bits are packed as GZIP by the format; it computes and reads nothing.
  'attestation/status-list.ts': ['node:zlib'],
  // A generator of numbers that follow from their seed; it draws no randomness of its own.
  'evaluation/statistics/bootstrap.ts': ['pure-rand/distribution/uniformInt', 'pure-rand/generator/xoroshiro128plus'],
  'identity/ed25519.ts': ['@noble/ed25519'],
  'identity/ed25519-sign.ts': ['node:crypto'],
  'identity/ed25519-verify.ts': ['node:crypto'],
  'identity/sshsig.ts': ['node:crypto'],
  'identity/base-encoding.ts': ['@scure/base'],
  'views/human/paint.ts': ['chalk'],
  'cli/ask.ts': ['commander'],
  'cli/program.ts': ['commander'],
  'cli/step-command.ts': ['commander'],
};

/** Imports whose target only the user knows, each with its reason. */
const OPEN: ReadonlySet<string> = new Set([
  // The agent's own module, on a thread of its own: it is data for us, like the command of another agent.
  'adapters/targets/module-thread.ts',
]);

/** @param file path below src, with `/`. @param target the import as written */
export function trespass(file: string, target: string): string | null {
  const layer = layerOf(file);
  if (target === '*') return OPEN.has(file) ? null : 'an import whose target cannot be read';
  if (!target.startsWith('.')) {
    if (layer === 'adapters') return null;
    return PACKAGES[file]?.includes(target) ? null : `the package ${target} may not be imported here`;
  }
  const path = resolve(file, target);
  const other = layerOf(path);
  if (other === layer) return layer !== 'engine' && FLOW.test(path) && !FLOW.test(file) ? `${path} drives ports: only the engine may use it` : null;
  if (!(ALLOWED[layer] ?? []).includes(other)) return `${layer} may not import ${other}`;
  if (FLOW.test(path) && layer !== 'engine' && !FLOW.test(file)) return `${path} drives ports: only the engine may use it`;
  return null;
}

export function resolve(file: string, target: string): string {
  const parts = file.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/').replace(/\.js$/, '.ts');
}

function layerOf(path: string): string {
  return path.split('/')[0] ?? path;
}

/** The first cycle of imports, or null. */
export function findCycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): readonly string[] | null => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const next of graph.get(file) ?? []) {
      const cycle = walk(next, [...trail, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const cycle = walk(file, []);
    if (cycle) return cycle;
  }
  return null;
}
