/** Loads agent.yaml: finds it, reads it, and tells all its mistakes at once, each with its place and a way out. */
import { API_VERSION, commonSections, type CommonManifest } from '../domain/manifest.js';
import { conforms } from '../domain/conforms.js';
import { Fault, type Mistake } from '../domain/fault.js';
import { isObject, type JsonObject } from '../domain/json.js';
import { object, optional, oneOf } from '../domain/schema.js';
import type { World, YamlDocument } from '../domain/ports.js';
import { STEPS } from '../steps/index.js';
import { contradictions } from './manifest-rules.js';
import { mistakesOf } from './schema-mistakes.js';

export { findManifest, MANIFEST_FILE } from './locate.js';

export const SCHEMA_FILE = 'agent.schema.json';
/** Stands in a template or example until `init` makes the keys. */
export const UNSET_DID = 'did:key:REPLACED-BY-INIT';

/** A valid manifest: the common part typed, the steps' sections as data for their steps. */
export type Manifest = CommonManifest & JsonObject;

export interface LoadedManifest {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly manifest: Manifest;
  /** `line:column` of a JSON pointer. */
  readonly place: YamlDocument['place'];
}

/** JSON Schema 2020-12 of agent.yaml, put together from the sections that the steps own. */
export function manifestSchema(): JsonObject {
  const sections = STEPS.flatMap((step) => (step.section ? [[step.section.key, optional(step.section.schema)] as const] : []));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://agentctl.dev/schema/agent.v1alpha1.json',
    title: 'agentctl agent manifest',
    ...object({
      apiVersion: oneOf([API_VERSION]),
      kind: oneOf(['Agent']),
      checklist: oneOf(['v1'], { description: 'Version of the checklist: new probes never change an old verdict silently.' }),
      ...commonSections,
      ...Object.fromEntries(sections),
    }),
  };
}

/** @throws {Fault} MANIFEST_INVALID with every mistake in `details` */
export async function loadManifest(world: Pick<World, 'files' | 'yaml' | 'schemas'>, path: string): Promise<LoadedManifest> {
  const text = await world.files.readText(path);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const document = await world.yaml.parse(text, name);
  if (document.mistakes.length > 0) throw invalid(name, document.mistakes);
  const root = document.value;
  const at = (pointer: string, what: 'key' | 'value' = 'value') => `${name}:${document.place(pointer, what)}`;
  if (!isObject(root)) throw invalid(name, [{ at: `${name}:1:1`, message: 'a manifest is a mapping of sections', hint: 'agentctl init' }]);
  if (root['apiVersion'] !== API_VERSION && typeof root['apiVersion'] === 'string' && root['apiVersion'].startsWith('agentctl/')) {
    throw invalid(name, [{ at: at('/apiVersion'), message: `apiVersion ${root['apiVersion']} is not known to this agentctl`, hint: `upgrade agentctl, or write ${API_VERSION}` }]);
  }
  const schema = manifestSchema();
  // Nearly every manifest holds, and that is cheap to see; only mistakes are worth loading a validator that describes them all.
  const issues = conforms(schema, root) === null ? [] : await world.schemas.check(schema, root);
  const mistakes = mistakesOf(issues, schema, root, at, 'the manifest');
  const manifest = root as unknown as Manifest;
  const more = contradictions(manifest, at, issues.length === 0);
  if (mistakes.length + more.length > 0) throw invalid(name, [...mistakes, ...more]);
  return { path, folder: path.slice(0, path.lastIndexOf('/')) || '/', text, manifest, place: document.place.bind(document) };
}

function invalid(name: string, mistakes: readonly Mistake[]): Fault {
  const order = (mistake: Mistake) => mistake.at.split(':').slice(-2).reduce((sum, part) => sum * 10_000 + Number(part), 0);
  const details = [...mistakes].sort((a, b) => order(a) - order(b));
  const count = details.length === 1 ? 'one mistake' : `${details.length} mistakes`;
  const fresh = details.some((mistake) => mistake.message.includes(UNSET_DID));
  return new Fault('MANIFEST_INVALID', `${name} has ${count}`, { at: details[0]?.at ?? name, hint: fresh ? 'agentctl init' : 'agentctl explain MANIFEST_INVALID', details });
}
