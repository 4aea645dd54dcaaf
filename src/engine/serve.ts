/** A service that runs until the user interrupts it, or until an answer fails in a way that no later one can mend. */
import type { ServerOptions, World } from '../domain/ports.js';

/** @param listening told where it answers; @returns when the last request in hand is answered. @throws what an answer threw, and NETWORK */
export async function serveUntilInterrupted({ servers, surroundings }: Pick<World, 'servers' | 'surroundings'>, options: Omit<ServerOptions, 'failed'>, listening: (url: string) => Promise<void> | void): Promise<void> {
  let failed: (cause: unknown) => void = () => undefined;
  const broken = new Promise<never>((_, reject) => { failed = reject; });
  broken.catch(() => undefined);
  const server = await servers.serve({ ...options, failed });
  try {
    await listening(server.url);
    await Promise.race([interruptOf(surroundings.interrupted), broken]);
  } finally {
    await server.close();
  }
}

function interruptOf(interrupted: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (interrupted.aborted) done();
    else interrupted.addEventListener('abort', () => done(), { once: true });
  });
}
