/** `agentctl schema`: the published JSON Schema of agent.yaml, whole or one section. */
import { EXIT, Fault } from '../domain/fault.js';
import { asObject, type JsonObject } from '../domain/json.js';
import type { Report } from '../domain/report.js';
import { manifestSchema } from './manifest.js';
import { suggest } from './suggest.js';

/** @throws {Fault} USAGE for an unknown section */
export async function schema(section: string | undefined): Promise<Report> {
  const value = section === undefined ? manifestSchema() : sectionSchema(section);
  return { kind: 'text', exit: EXIT.yes, data: { text: `${JSON.stringify(value, null, 2)}\n`, value } };
}

function sectionSchema(section: string): JsonObject {
  const { $schema = null, $id, properties } = manifestSchema();
  const sections = asObject(properties, 'properties');
  if (Object.hasOwn(sections, section)) return { $schema, $id: `${String($id).replace(/\.json$/, '')}.${section}.json`, ...asObject(sections[section], section) };
  const known = Object.keys(sections);
  const near = suggest(section, known);
  throw new Fault('USAGE', `agent.yaml has no section "${section}"`, { hint: near === undefined ? `sections: ${known.join(', ')}` : `did you mean "${near}"?` });
}
