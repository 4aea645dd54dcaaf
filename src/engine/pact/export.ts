/** `pact export`: the pact as another trust layer takes it; what has no field there is told, and named by the digest of the whole document. */
import { EXIT } from '../../domain/fault.js';
import type { Json } from '../../domain/json.js';
import { toArmalo } from '../../evaluation/armalo.js';
import { outcome } from '../outcome.js';
import { refuseExisting } from '../refuse-existing.js';
import { absolute } from '../trust-roots.js';
import { textOption, type Verb } from '../verb.js';
import { refuseForeign } from './foreign.js';
import { pactDocument, pactsOf } from './document.js';

export const run: Verb = async (session, input) => {
  refuseForeign('--for', input.options['for']);
  const { world, manifest } = session;
  const pacts = pactsOf(session);
  const document = pactDocument(session).digest;
  const exported = pacts.agreements.map((agreement) => toArmalo(pacts, agreement, { name: manifest.metadata.name, document }));
  const bodies = exported.map(({ pact }) => pact);
  const value: Json = bodies.length === 1 ? (bodies[0] ?? null) : bodies;
  const lost = exported.flatMap((one) => one.lost);
  const text = `${JSON.stringify(value, null, 2)}\n`;
  const out = textOption(input, 'out');
  if (out === undefined) {
    for (const line of lost) world.talk.say(`no counterpart: ${line}`);
    return { kind: 'text', exit: EXIT.yes, data: { text, value: { pacts: bodies, lost: [...lost] } } };
  }
  await refuseExisting(world, absolute(world, out));
  await world.files.write(absolute(world, out), text);
  return outcome({
    step: 'pact', verb: 'export', headline: `${bodies.length} ${bodies.length === 1 ? 'pact' : 'pacts'} for Armalo`,
    facts: [{ label: 'file', value: out }, { label: 'document', value: document }],
    tables: [{ title: 'No counterpart there', columns: ['what'], rows: lost.map((line) => [line]) }],
    data: { file: out, document, lost: [...lost] },
  });
};
