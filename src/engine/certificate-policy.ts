/** Reads a policy for certificates, YAML or JSON, and tells all its mistakes at once, each with its place. */
import { certificatePolicy, type CertificatePolicy } from '../attestation/policy.js';
import { Fault, type Mistake } from '../domain/fault.js';
import { isObject } from '../domain/json.js';
import type { World } from '../domain/ports.js';
import { mistakesOf } from './schema-mistakes.js';
import { absolute } from './trust-roots.js';
import { plainFile } from './plain-file.js';

const HINT = 'write for example minimumStakes: standard, or maximumAge: P30D';

/** @throws {Fault} INPUT_INVALID with every mistake in `details` */
export async function readPolicy(world: Pick<World, 'files' | 'surroundings' | 'yaml' | 'schemas'>, file: string): Promise<CertificatePolicy> {
  const path = absolute(world, file);
  await plainFile(world, path, { code: 'INPUT_INVALID', what: 'policy', given: file, hint: HINT });
  const document = await world.yaml.parse(await world.files.readText(path), file);
  if (document.mistakes.length > 0) throw invalid(file, document.mistakes);
  const { value } = document;
  // An empty policy asks for nothing: whoever names a file meant something by it.
  if (!isObject(value) || Object.keys(value).length === 0) throw new Fault('INPUT_INVALID', `${file} asks for nothing`, { at: `${file}:1:1`, hint: HINT });
  const issues = await world.schemas.check(certificatePolicy, value);
  const mistakes = mistakesOf(issues, certificatePolicy, value, (pointer, what = 'value') => `${file}:${document.place(pointer, what)}`, 'the policy');
  if (mistakes.length > 0) throw invalid(file, mistakes);
  return value as CertificatePolicy;
}

function invalid(file: string, details: readonly Mistake[]): Fault {
  const [first] = details;
  const count = details.length === 1 ? 'one mistake' : `${details.length} mistakes`;
  return new Fault('INPUT_INVALID', `${file} has ${count}`, { at: first?.at ?? file, hint: first?.hint ?? HINT, details });
}
