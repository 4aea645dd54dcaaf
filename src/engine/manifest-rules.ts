/** What the schema of agent.yaml cannot say: references between sections, doubled names, limits that contradict, claims about stakes. */
import { lintLimits, type LimitsSection } from '../enforcement/limits.js';
import { lintTriggers, type TriggersSection } from '../enforcement/triggers.js';
import { lintAnchors, type AnchorSection } from '../ledger/anchors.js';
import { Fault, type Mistake } from '../domain/fault.js';
import { isObject, type JsonObject } from '../domain/json.js';
import { financialAuthority, type CommonManifest } from '../domain/manifest.js';
import { DID_KEY } from '../domain/names.js';
import { keyOfDid } from '../identity/did-key.js';
import type { At } from './schema-mistakes.js';
import { suggest } from './suggest.js';
import { targetMistakes } from './target-rules.js';

type Manifest = CommonManifest & JsonObject;
type Rule = (manifest: Manifest, at: At) => readonly Mistake[];

const RULES: readonly Rule[] = [doubledNames, unfitKeys, undeclaredTools, amountsElsewhere, localModel, targetMistakes, limits, triggers, anchors, lowStakesWithMoney, lowStakesUnreviewed, sharedAddress];

/** @param wellFormed whether the schema found nothing: otherwise a rule that meets a hole says nothing, and the others still speak */
export function contradictions(manifest: Manifest, at: At, wellFormed: boolean): readonly Mistake[] {
  return RULES.flatMap((rule) => (wellFormed ? rule(manifest, at) : tolerant(() => rule(manifest, at))));
}

function tolerant(rule: () => readonly Mistake[]): readonly Mistake[] {
  try {
    return rule();
  } catch (cause) {
    // The schema has already told what is missing, of the wrong kind or malformed.
    if (cause instanceof TypeError || (cause instanceof Fault && cause.code === 'INPUT_INVALID')) return [];
    throw cause;
  }
}

function doubledNames(manifest: Manifest, at: At): readonly Mistake[] {
  const doubled = (what: string, names: readonly string[], pointer: (index: number) => string) =>
    names.flatMap((name, index) => (names.indexOf(name) < index ? [{ at: at(pointer(index)), message: `${what} "${name}" is there twice`, hint: 'keep one of the two' }] : []));
  return [
    ...doubled('tool', manifest.build.tools.map((tool) => tool.name), (index) => `/build/tools/${index}/name`),
    ...doubled('capability', manifest.capabilities.map((item) => item.id), (index) => `/capabilities/${index}/id`),
    ...doubled('operator', manifest.owner.operators.map((item) => item.id), (index) => `/owner/operators/${index}/id`),
  ];
}

/** A key for which anybody can sign would make anybody an operator. */
function unfitKeys({ owner }: Manifest, at: At): readonly Mistake[] {
  const keys = [{ did: owner.organisation.did, pointer: '/owner/organisation/did' }, ...owner.operators.map(({ did }, index) => ({ did, pointer: `/owner/operators/${index}/did` }))];
  return keys.flatMap(({ did, pointer }) => {
    const problem = new RegExp(DID_KEY).test(did) ? unfitness(did) : undefined;
    return problem === undefined ? [] : [{ at: at(pointer), message: problem, hint: 'enter the key that `agentctl operator add` or `agentctl init` made' }];
  });
}

function unfitness(did: string): string | undefined {
  try {
    keyOfDid(did);
    return undefined;
  } catch (error) {
    if (error instanceof Fault && error.code === 'KEY_UNFIT') return error.message;
    throw error;
  }
}

function undeclaredTools(manifest: Manifest, at: At): readonly Mistake[] {
  const declared = manifest.build.tools.map((tool) => tool.name);
  return manifest.capabilities.flatMap((capability, index) =>
    capability.tools.flatMap((tool, place) => {
      if (declared.includes(tool)) return [];
      const near = suggest(tool, declared);
      return [{
        at: at(`/capabilities/${index}/tools/${place}`), message: `capability ${capability.id} asks for the undeclared tool "${tool}"`,
        hint: near === undefined ? 'declare it under build.tools' : `did you mean "${near}"?`,
      }];
    }),
  );
}

function amountsElsewhere(manifest: Manifest, at: At): readonly Mistake[] {
  return manifest.capabilities.flatMap((capability, index) =>
    (capability.amounts ?? []).flatMap((amount, place) =>
      capability.tools.includes(amount.tool)
        ? []
        : [{ at: at(`/capabilities/${index}/amounts/${place}/tool`), message: `amount path for "${amount.tool}", which is no tool of ${capability.id}`, hint: `add it to the tools of ${capability.id}` }],
    ),
  );
}

function localModel({ build: { model } }: Manifest, at: At): readonly Mistake[] {
  if (model.kind !== 'local' || model.file !== undefined) return [];
  return [{ at: at('/build/model'), message: 'a local model needs "file"', hint: 'name the model file, so that a swapped model shows' }];
}

function limits(manifest: Manifest, at: At): readonly Mistake[] {
  const section = manifest['limits'] as LimitsSection | undefined;
  if (section === undefined) return [];
  return placed(lintLimits(section, { tools: manifest.build.tools, capabilities: manifest.capabilities }), at);
}

function triggers(manifest: Manifest, at: At): readonly Mistake[] {
  const section = manifest['triggers'] as TriggersSection | undefined;
  if (section === undefined) return [];
  const currency = (manifest['limits'] as LimitsSection | undefined)?.currency ?? null;
  return placed(lintTriggers(section, { tools: manifest.build.tools, currency }), at);
}

function anchors(manifest: Manifest, at: At): readonly Mistake[] {
  const section = manifest['audit'] as { readonly anchors?: readonly AnchorSection[] } | undefined;
  return placed(lintAnchors(section?.anchors ?? [], '/audit/anchors'), at);
}

/** The capability folders name places by JSON Pointer; people get file, line and column. */
function placed(mistakes: readonly Mistake[], at: At): readonly Mistake[] {
  return mistakes.map((mistake) => ({ ...mistake, at: at(mistake.at) }));
}

/** Row X2: low stakes are a claim that the manifest itself must bear out. */
function lowStakesWithMoney(manifest: Manifest, at: At): readonly Mistake[] {
  if (manifest.stakes !== 'low') return [];
  return [...financialAuthority(manifest), ...moneyInLimits(manifest)].map((reason) => ({ at: at('/stakes'), message: `stakes "low" is refused: financial authority (${reason})`, hint: 'write stakes: standard or high' }));
}

/** A limit above zero is an amount that may be spent, whatever the capabilities say. */
function moneyInLimits(manifest: Manifest): readonly string[] {
  const limits = manifest['limits'] as Partial<LimitsSection> | undefined;
  return (['perTransaction', 'perDay'] as const).flatMap((key) => (/[1-9]/.test(String(limits?.[key] ?? '')) ? [`limits.${key} is ${limits?.[key]}`] : []));
}

/** Row X2: so is the claim that a human sees every output. */
function lowStakesUnreviewed(manifest: Manifest, at: At): readonly Mistake[] {
  if (manifest.stakes !== 'low') return [];
  return manifest.capabilities
    .filter((item) => item.humanReview !== 'all')
    .map((item) => ({ at: at('/stakes'), message: `stakes "low" is refused: outputs of ${item.id} are not all reviewed by a human`, hint: `set humanReview: all for ${item.id}, or write stakes: standard` }));
}

/** One did.json cannot be about two. */
function sharedAddress({ owner, identity }: Manifest, at: At): readonly Mistake[] {
  const place = (web: unknown) => (typeof web === 'string' && URL.canParse(web) ? new URL(web).href.replace(/\/+$/, '') : undefined);
  const organisation = place(owner.organisation.web);
  if (organisation === undefined || !isObject(identity) || place(identity['web']) !== organisation) return [];
  return [{ at: at('/owner/organisation/web'), message: 'the organisation and its agent have the same web address', hint: 'give each a path of its own' }];
}
