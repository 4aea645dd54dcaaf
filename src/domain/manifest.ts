/** What every step may know of agent.yaml: who the agent is, who owns it, what it is built from, how it is started, what it may do. */
import { durationOf, idOf, pathOf } from './fields.js';
import { list, object, oneOf, optional, record, string, anyJson, type TypeOf } from './schema.js';
import { DID_KEY, ROLES } from './names.js';
import { target, type Target } from './target.js';

export const API_VERSION = 'agentctl/v1alpha1';

export { amountOf, cronOf, durationOf, idOf, pathOf, rateOf } from './fields.js';
export { target, type Target } from './target.js';

export const metadata = object(
  {
    id: string({ description: 'Stable UUID of the agent: its ledger carries this id for life.', format: 'uuid', pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' }),
    name: idOf('Short name, lower case with dashes.'),
    version: string({ description: 'Version that people say; the build digest is what counts.', pattern: '^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$' }),
    description: string({ description: 'What the agent does, in one sentence.' }),
  },
  { description: 'Who the agent is.' },
);

export const operator = object({
  id: idOf('Name used with --as.'),
  name: string({ description: 'Full name, shown on certificates.' }),
  did: string({ description: 'Public key of the operator (did:key), from `agentctl operator add`.', pattern: DID_KEY }),
  roles: list(oneOf(ROLES), { description: 'Roles held.', minItems: 1, uniqueItems: true }),
});

export const owner = object(
  {
    organisation: object({
      name: string({ description: 'Organisation that answers for the agent.' }),
      did: string({ description: 'Public key of the organisation (did:key).', pattern: DID_KEY }),
      web: optional(string({ description: 'Address where the did.json of the organisation will be published, for a did:web beside the did:key.', pattern: '^https://[^?#]+$', examples: ['https://example.com'] })),
    }),
    operators: list(operator, { description: 'Humans who may act, with their keys and roles.', minItems: 1 }),
  },
  { description: 'Who answers for the agent.' },
);

export const tool = object({
  name: idOf('Name of the tool, as the agent asks for it.'),
  description: string({ description: 'What the tool does.' }),
  command: list(string(), { description: 'Command that agentctl runs after a permit, in the folder of agent.yaml; {build} stands for the folder of the active build; arguments arrive as JSON on standard input.', minItems: 1 }),
  input: record(anyJson(), { description: 'JSON Schema (2020-12) that arguments must satisfy before the command runs.' }),
  output: optional(record(anyJson(), { description: 'JSON Schema that the result must satisfy afterwards.' })),
  timeout: optional(durationOf('Longest run.', 'PT10S')),
});

export const build = object(
  {
    files: list(pathOf('File or folder/** pattern, relative to agent.yaml.'), { description: 'Every file that shapes the behaviour.', minItems: 1 }),
    prompts: optional(list(pathOf('Prompt file.'), { description: 'Prompts, named apart so that a change of wording shows as one.' })),
    model: object({
      id: string({ description: 'Declared model id, or the name of a local model file.' }),
      kind: oneOf(['local', 'hosted'], { description: 'local: the model is a build file. hosted: only the declared id is part of the build; another model behind it does not show.' }),
      file: optional(pathOf('Model file, for a local model.')),
    }),
    tools: list(tool, { description: 'Tools that agentctl executes for the agent.' }),
  },
  { description: 'What the agent is made of; its digest is the identity of a version.' },
);

export const capability = object({
  id: idOf('Name of the capability: the task type of a case or action.'),
  description: string({ description: 'What the agent does here.' }),
  permissions: list(string({ pattern: '^[a-z0-9-]+:[a-z0-9*-]+$', examples: ['mail:move'] }), { description: 'Permissions it needs, as resource:verb.', minItems: 1, uniqueItems: true }),
  tools: list(idOf('Tool name.'), { description: 'Tools it may ask for.' }),
  amounts: optional(
    list(
      object({
        tool: idOf('Tool whose arguments carry money.'),
        path: string({ description: 'JSON Pointer to the amount in the arguments.', pattern: '^(/[^/]+)+$' }),
        currency: string({ description: 'Currency code.', pattern: '^[A-Z]{3,5}$' }),
      }),
      { description: 'Where money stands in the arguments. Empty or absent: no financial authority.' },
    ),
  ),
  humanReview: optional(oneOf(['all', 'escalated'], { description: 'all: a human sees every output. escalated: only what the triggers route.' })),
});

export const capabilities = list(capability, { description: 'What the agent is allowed to do.', minItems: 1 });

/** The sections that belong to no single step. */
export const commonSections = {
  metadata,
  stakes: oneOf(['low', 'standard', 'high'], { description: 'low asks for steps 1 2 3 5 8 and is refused with financial authority or unreviewed outputs; high asks for daily evaluation and monthly review.' }),
  path: optional(oneOf(['standard', 'already-in-production'], { description: 'Order of the steps: before launch, or for an agent that already runs (8, 3, 2, 4, 7, rest).' })),
  owner,
  build,
  target,
  capabilities,
} as const;

export type Stakes = 'low' | 'standard' | 'high';
export type Operator = TypeOf<typeof operator>;
export type Tool = TypeOf<typeof tool>;
export type Build = TypeOf<typeof build>;
export type Capability = TypeOf<typeof capability>;

export interface CommonManifest {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'Agent';
  readonly checklist: 'v1';
  readonly metadata: TypeOf<typeof metadata>;
  readonly stakes: Stakes;
  readonly path?: 'standard' | 'already-in-production';
  readonly owner: TypeOf<typeof owner>;
  readonly build: Build;
  readonly target: Target;
  readonly capabilities: readonly Capability[];
}

/** Financial authority is measured, not claimed: a declared amount path, or a permission on payments. */
export function financialAuthority(manifest: Pick<CommonManifest, 'capabilities'>): readonly string[] {
  const reasons: string[] = [];
  for (const item of manifest.capabilities) {
    for (const amount of item.amounts ?? []) reasons.push(`${item.id}: ${amount.tool} carries an amount at ${amount.path}`);
    for (const permission of item.permissions) if (MONEY.test(permission)) reasons.push(`${item.id}: permission ${permission}`);
  }
  return reasons;
}

const MONEY = /^(pay|payment|payments|refund|refunds|transfer|transfers|escrow|wallet|invoice|invoices|money|treasury|trade|order|orders):/;

/** Roles of the operator with this id or DID; empty for a stranger. */
export function operatorBy(manifest: Pick<CommonManifest, 'owner'>, idOrDid: string): Operator | undefined {
  return manifest.owner.operators.find((one) => one.id === idOrDid || one.did === idOrDid);
}

