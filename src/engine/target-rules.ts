/** What the schema of `target` cannot say: which members a kind needs and takes, where a secret may stand, which tools are offered. */
import type { Mistake } from '../domain/fault.js';
import type { CommonManifest } from '../domain/manifest.js';
import { COMMON, MEMBERS, TARGET_KINDS, type Target, type TargetMember } from '../domain/target.js';
import type { At } from './schema-mistakes.js';
import { suggest } from './suggest.js';

type Rule = (target: Target, at: At, manifest: CommonManifest) => readonly Mistake[];

const RULES: readonly Rule[] = [needed, misplaced, oneWayIn, secretHeaders, oneKey, offeredTools, emptyRate];

export function targetMistakes(manifest: CommonManifest, at: At): readonly Mistake[] {
  if (!TARGET_KINDS.includes(manifest.target.kind)) return [];
  return RULES.flatMap((rule) => rule(manifest.target, at, manifest));
}

function needed(target: Target, at: At): readonly Mistake[] {
  return MEMBERS[target.kind].needs
    .filter((member) => target[member] === undefined)
    .map((member) => ({ at: at('/target'), message: `target lacks "${member}", which kind ${target.kind} needs`, hint: EXAMPLES[member] ?? 'agentctl schema target' }));
}

const EXAMPLES: { readonly [M in TargetMember]?: string } = {
  command: 'command: [node, agent.js]',
  file: 'file: agent.mjs',
  url: 'url: https://agent.example.com/v1',
  model: 'model: name-of-the-model',
  tool: 'tool: name-of-the-tool',
};

function misplaced(target: Target, at: At): readonly Mistake[] {
  const { needs, may } = MEMBERS[target.kind];
  const members = Object.keys(target) as TargetMember[];
  return members
    .filter((member) => member in ALL && ![...COMMON, ...needs, ...may].includes(member))
    .map((member) => ({ at: at(`/target/${member}`, 'key'), message: `target.${member} is not for kind ${target.kind}`, hint: `it is for ${kindsWith(member)}` }));
}

/** Members that any kind knows; a key that none knows is told by the schema. */
const ALL: Readonly<Partial<Record<TargetMember, true>>> = Object.fromEntries(Object.values(MEMBERS).flatMap(({ needs, may }) => [...needs, ...may]).map((member) => [member, true]));

function kindsWith(member: TargetMember): string {
  const kinds = TARGET_KINDS.filter((kind) => [...MEMBERS[kind].needs, ...MEMBERS[kind].may].includes(member));
  return kinds.length === 1 ? String(kinds[0]) : `${kinds.slice(0, -1).join(', ')} and ${String(kinds.at(-1))}`;
}

function oneWayIn(target: Target, at: At): readonly Mistake[] {
  if (target.kind !== 'mcp') return [];
  if (target.command === undefined && target.url === undefined) return [{ at: at('/target'), message: 'target of kind mcp needs a command or a url', hint: 'command: [node, server.js]' }];
  if (target.command === undefined) return [];
  const remote = (['url', 'headers', 'key', 'retries'] as const).filter((member) => target[member] !== undefined);
  return remote.map((member) => ({ at: at(`/target/${member}`, 'key'), message: `target.${member} does not go with target.command`, hint: 'a server that is started here is asked over its standard input: keep one of the two' }));
}

const SECRET = /^(proxy-)?authorization$|^cookie$|(^|-)(key|token|secret|password|credential)s?$/i;
const OURS = /^(signature|signature-input|signature-agent|content-digest|agent-identity|content-type|content-length|accept|host|connection|transfer-encoding|a2a-version|mcp-.*)$/i;

function secretHeaders({ headers = {} }: Target, at: At): readonly Mistake[] {
  return Object.keys(headers).flatMap((name) => {
    const place = at(`/target/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, 'key');
    if (SECRET.test(name)) return [{ at: place, message: `header "${name}" would carry a secret in agent.yaml`, hint: 'write the secret into a file of mode 0600 and name it under target.key' }];
    if (OURS.test(name)) return [{ at: place, message: `header "${name}" is set by agentctl`, hint: 'leave it out' }];
    return /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) ? [] : [{ at: place, message: `"${name}" is no name of a header`, hint: 'write it like x-tenant' }];
  });
}

function oneKey({ key }: Target, at: At): readonly Mistake[] {
  if (key === undefined || (key.file === undefined) !== (key.variable === undefined)) return [];
  return [{ at: at('/target/key'), message: `target.key names ${key.file === undefined ? 'no place' : 'two places'} of the key`, hint: 'file: /run/secrets/provider-key, or variable: PROVIDER_KEY_FILE' }];
}

function offeredTools({ tools = [] }: Target, at: At, { build }: CommonManifest): readonly Mistake[] {
  const declared = build.tools.map((tool) => tool.name);
  return tools.flatMap((tool, index) => {
    if (declared.includes(tool)) return [];
    const near = suggest(tool, declared);
    return [{ at: at(`/target/tools/${index}`), message: `target offers the undeclared tool "${tool}"`, hint: near === undefined ? 'declare it under build.tools' : `did you mean "${near}"?` }];
  });
}

function emptyRate({ rate }: Target, at: At): readonly Mistake[] {
  if (rate === undefined || Object.keys(rate).length > 0) return [];
  return [{ at: at('/target/rate'), message: 'target.rate sets no limit', hint: 'perMinute: 60' }];
}
