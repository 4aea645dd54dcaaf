/** Somebody who publishes DID documents over TLS on this machine, in a process of its own. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** What processes have to be told to believe the publisher: its certificate, which signs itself. */
export const TRUSTING = { NODE_EXTRA_CA_CERTS: new URL('../fixtures/tls/localhost.crt', import.meta.url).pathname };

/** A document, or how the publisher misbehaves. */
export interface Published {
  readonly text?: string;
  readonly redirect?: string;
  readonly status?: number;
  /** Begins an answer and never ends it. */
  readonly slow?: true;
}

export class Publisher {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(): Promise<Publisher> {
    const child = fork(new URL('../identity/did-server.mjs', import.meta.url), { execArgv: [] });
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return new Publisher(child, port);
  }

  did(...path: readonly string[]): string {
    return [`did:web:localhost%3A${this.port}`, ...path].join(':');
  }

  /** @returns how often it was asked so far */
  async publish(path: string, what: Published): Promise<number> {
    this.#child.send({ publish: { path, ...what } });
    const [{ asked }] = (await once(this.#child, 'message')) as [{ asked: number }];
    return asked;
  }

  stop(): void {
    this.#child.disconnect();
  }
}
