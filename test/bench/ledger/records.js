/** The records that are appended: an agent's action as the gateway writes it, with or without 2 KiB of payload. */
export const CHAIN = '0b1e5c3a-7f0e-4d53-9a52-5d7b4c1e9a10';
const DIGEST = `sha256:${'5e'.repeat(32)}`;
const AGENT = { id: CHAIN, did: 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK', version: '1.4.2', build: DIGEST };

export function opened(log) {
  return { type: 'ledger.opened', agent: AGENT, actor: 'agentctl', data: { log, format: 1 } };
}

export function action(number) {
  return {
    type: 'action.recorded', agent: AGENT, actor: 'agentctl',
    data: {
      action: `act-${number}`, digest: null, capability: 'triage', tool: 'file-mail', decision: 'permit', rule: 'capability', pattern: null, confidence: '0.97', doubt: false,
      pre: 'ok', post: 'ok', outcome: 'done', approval: null, reservation: null, source: 'production', policy: null, milliseconds: number % 50,
    },
  };
}

const WORDS = 'The quick brown fox files a mail about an invoice under finance and says why. ';
const PAYLOAD = { text: WORDS.repeat(Math.ceil(2048 / WORDS.length)).slice(0, 2048) };

/** The same with its arguments, result and reason, which are encrypted. */
export function fullAction(number) {
  return { ...action(number), payload: PAYLOAD };
}

/** Bytes that such a record brings to the disk: its text with the hash before it, its hash, and its payload. */
export function bytesOf({ body, hash }) {
  return body.length + 1 + 2 * hash.length + JSON.stringify(PAYLOAD).length;
}
