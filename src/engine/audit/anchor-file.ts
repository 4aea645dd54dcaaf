/** A file on other storage as an anchor: holds the newest checkpoint that was published to it. */
import { Fault } from '../../domain/fault.js';
import { checkPublished } from '../published-checkpoint.js';
import type { Session } from '../session.js';
import { NOTHING_SEEN, type Anchorage, type Seen } from './anchorage.js';

/** @param name how people call the anchor */
export function fileAnchorage(path: string, name: string): Anchorage {
  const compare = async (session: Session): Promise<Seen | string> => {
    const { files } = session.world;
    return (await files.exists(path)) ? { size: await checkPublished(session, await files.readText(path), path, name) } : NOTHING_SEEN;
  };
  return {
    compare,
    async publish(session) {
      // A store that was rolled back must not overwrite what betrays it, however far it has grown since.
      await compare(session);
      const newest = await session.store.checkpoint(session.chain);
      if (!newest) throw new Fault('INTERNAL', 'there is no checkpoint to publish');
      await session.world.files.write(path, newest.note);
      return { size: newest.size };
    },
  };
}
