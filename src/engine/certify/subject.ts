/** Reads the subject of a certificate from agent.yaml and the files that it names, as `certify` does. */
import type { CertificateSubject } from '../../attestation/certificate-links.js';
import type { World } from '../../domain/ports.js';
import { computeBuild } from '../build.js';
import { loadManifest } from '../manifest.js';
import { policySections } from './candidate.js';

/** @throws {Fault} MANIFEST_INVALID; INPUT_INVALID for a build file that is missing or a link */
export async function readSubject(world: Pick<World, 'files' | 'yaml' | 'schemas'>, path: string): Promise<CertificateSubject> {
  const { manifest, folder } = await loadManifest(world, path);
  return { agent: manifest.metadata.id, build: (await computeBuild(world, manifest, folder)).document, sections: policySections(manifest) };
}
