/** The candidate: exactly what is signed off and certified, recomputable from a checkout without any store. */
import { candidateDigest } from '../../attestation/certificate.js';
import { digestJson, type Digest } from '../../domain/digest.js';
import type { Manifest } from '../manifest.js';

/** Sections of agent.yaml that decide what the agent is measured by and what it may do. Operators and publication are not among them. */
export const POLICY_SECTIONS = ['stakes', 'target', 'capabilities', 'pacts', 'limits', 'triggers', 'monitoring', 'rollback', 'audit', 'certification'] as const;

export function policySections(manifest: Manifest): Readonly<Record<string, Digest>> {
  return Object.fromEntries(POLICY_SECTIONS.map((key) => [key, digestJson(manifest[key] ?? null)]));
}

export interface Candidate {
  readonly build: Digest;
  readonly pact: Digest;
  readonly sections: Readonly<Record<string, Digest>>;
  readonly digest: Digest;
}

/** @param pact digest of the signed pact document */
export function candidateOf({ manifest, build }: { readonly manifest: Manifest; readonly build: { readonly digest: Digest } }, pact: Digest): Candidate {
  const parts = { build: build.digest, pact, sections: policySections(manifest) };
  return { ...parts, digest: candidateDigest(parts) };
}
