/** What lies in a checkout, held against a certificate: its agent, build and policy sections, recomputed from the files. */
import type { CertificateSubject } from '../attestation/certificate-links.js';
import type { SubjectOf } from '../attestation/verify-certificate.js';
import { digestBytes } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { World } from '../domain/ports.js';
import { buildFiles } from './build.js';
import { MANIFEST_FILE } from './locate.js';
import { absolute } from './trust-roots.js';

/** Reads the manifest of a checkout that is not, to the byte, the certified one. */
export type ReadSubject = (path: string) => Promise<CertificateSubject>;

/**
 * @param folder of agent.yaml, or the file itself
 * @param read for another text of agent.yaml than the certified one, and for a form that does not carry the build document
 * @throws {Fault} MANIFEST_MISSING; what `read` throws is thrown when the subject is asked for
 */
export async function subjectAt(world: Pick<World, 'files' | 'surroundings'>, folder: string, read: ReadSubject): Promise<SubjectOf> {
  const path = absolute(world, folder);
  const info = await world.files.info(path);
  const file = info?.kind === 'file' ? path : `${path}/${MANIFEST_FILE}`;
  if (!(await world.files.exists(file))) throw new Fault('MANIFEST_MISSING', `--subject ${folder} holds no ${MANIFEST_FILE}`, { at: folder, hint: '--subject <folder of agent.yaml>' });
  return async (certified) => {
    try {
      const { agent, document, sections, manifest } = certified ?? {};
      // The same bytes mean the same: agent, model, tools, sections and patterns are as certified, and the files are left to look at.
      if (!agent || !document || !sections || manifest?.digest !== digestBytes(await world.files.read(file))) return await read(file);
      const home = file.slice(0, file.lastIndexOf('/')) || '/';
      return { agent: agent.id, sections, build: { ...document, files: await buildFiles(world, manifest.files, home) } };
    } catch (error) {
      if (error instanceof Fault && error.code === 'INPUT_INVALID') return { problem: error.message };
      throw error;
    }
  };
}
