/** A folder inside the store for drills, gone when the drill is over: what is rehearsed there never touches the real ledger, budget or mailbox. */
import type { Session } from './session.js';

export async function withScratch<T>(session: Pick<Session, 'world' | 'storeFolder'>, purpose: string, use: (folder: string) => Promise<T>): Promise<T> {
  const { files, random } = session.world;
  const folder = `${session.storeFolder}/drill/${purpose}-${Buffer.from(random.bytes(6)).toString('hex')}`;
  await files.makeFolder(folder, 0o700);
  try {
    return await use(folder);
  } finally {
    await files.remove(folder);
  }
}
