/** Peers that cannot be reached, each for its own reason: what is wrong is told in words, with something to look at. */
import { createServer as createPlain } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { networkFault } from '../../src/adapters/network-fault.js';
import { cli, NOON, type Report } from '../support/cli.js';
import { Publisher } from '../support/publisher.js';

const servers: Server[] = [];
let publisher: Publisher;
beforeAll(async () => { publisher = await Publisher.start(); });
afterAll(() => {
  publisher.stop();
  for (const server of servers) server.close();
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
async function closed(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What a counterparty is told, in a process of its own, who asks there for an agent. */
async function asked(url: string): Promise<Report> {
  const { stdout } = await cli(['trust', 'verify', url, '--json'], { cwd: tmpdir(), env: { HOME: tmpdir(), AGENTCTL_CONFIG_DIR: join(tmpdir(), 'agentctl-nobody'), STILL_NOW: NOON, STILL_SEED: 'x' } });
  return JSON.parse(stdout) as Report;
}

describe('11.4 a network that fails says why', () => {
  test.each<[string, () => Promise<string>, RegExp]>([
    ['a closed port', async () => `http://localhost:${await closed()}/`, /: the port is closed/],
    ['a name that nobody knows', () => Promise.resolve('https://nobody.invalid/'), /: (nobody knows the name nobody\.invalid|the name nobody\.invalid could not be looked up)/],
    ['a certificate that signs itself', () => Promise.resolve(`https://localhost:${publisher.port}/`), /: its TLS certificate is signed by nobody whom this machine believes/],
    ['a server without TLS', async () => `https://127.0.0.1:${await listening(createPlain())}/`, /: what answers there does not speak TLS/],
    ['a server without HTTP', async () => `http://127.0.0.1:${await listening(createServer((socket) => socket.end('SSH-2.0-x\r\n')))}/`, /: what answers there does not speak HTTP/],
    ['a server that hangs up', async () => `http://127.0.0.1:${await listening(createServer((socket) => socket.destroy()))}/`, /: the connection was cut/],
  ])('%s', async (_name, address, reason) => {
    const url = await address();
    expect(await asked(url)).toMatchObject({ exit: 6, fault: { code: 'NETWORK', at: new URL(url).origin, message: expect.stringMatching(reason), hint: expect.stringMatching(/\w/) } });
  }, 60_000);

  test.each([['CERT_HAS_EXPIRED', 'expired'], ['ERR_TLS_CERT_ALTNAME_INVALID', 'is not for agents.example.com'], ['ENETUNREACH', 'no way to its network'], ['ETIMEDOUT', 'does not answer']])('%s', (code, words) => {
    expect(networkFault('https://agents.example.com/did.json', 1, Object.assign(new Error('x'), { code })).message).toContain(words);
  });

  test('no answer in time', () => {
    expect(networkFault('https://agents.example.com/', 150, new DOMException('x', 'TimeoutError')).message).toBe('https://agents.example.com did not answer within 150 ms');
  });

  test('what has no name of its own is told as the system tells it, in one line', () => {
    expect(networkFault('https://agents.example.com/', 1, new Error('odd\nand long')).message).toBe('https://agents.example.com could not be reached: odd');
  });
});
