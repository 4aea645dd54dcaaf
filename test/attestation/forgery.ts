/** How a forgery is asked about: every trick with its exact exit status and the link that finds it. */
import { expect } from '@jest/globals';
import { verifyCertificate, type CertificateCheck } from '../../src/index.js';
import { AGENT_ID, BUILD, NOW, organisation, SECTIONS } from './certified.js';

export type Forgery = readonly [trick: string, envelope: string | Promise<string>, exit: number, link: string, words: string, change?: Partial<CertificateCheck>];

/** What a reader asks who trusts the organisation and has the certified checkout before him. */
export const CHECK: Omit<CertificateCheck, 'envelope'> = { trust: [organisation.did], now: NOW, subject: { agent: AGENT_ID, build: BUILD, sections: SECTIONS }, allowScripted: false };

/** The verdict, and the first link that it rests on. */
export async function told(envelope: string, change: Partial<CertificateCheck> = {}) {
  const { exit, links } = await verifyCertificate({ ...CHECK, envelope, ...change });
  const bad = links.find((link) => link.exit === exit && exit !== 0);
  return { exit, link: bad?.link, because: bad?.because ?? '', links };
}

export async function holds([, envelope, exit, link, words, change]: Forgery): Promise<void> {
  const verdict = await told(await envelope, change);
  expect(verdict).toMatchObject({ exit, link });
  expect(verdict.because).toContain(words);
}
