/** The compact range of a tree that grows by many leaves, or of a part of one: kept as the bytes that are hashed, since turning hex digits into bytes and back costs as much. */
import { sha256Binary } from '../domain/digest.js';

/** A level of the tree: 0x01 and the node that waits there, if one does, before the room for the node to its right. */
interface Level {
  readonly preimage: Buffer;
  waits: boolean;
}

export class GrowingRange {
  /** Whole subtrees at the left edge of a part: what would be joined with them comes before the part. */
  readonly #edge: string[] = [];
  readonly #levels: Level[] = [];
  #size: number;

  /** @param size leaves before those that will be added @param range their compact range; none when only the part from there on is wanted */
  constructor(size: number, range: readonly string[] = []) {
    this.#size = size;
    const nodes = [...range];
    for (let [level, width] = [0, size]; width > 0 && nodes.length > 0; level += 1, width = Math.floor(width / 2)) {
      if (width % 2 === 1) this.#wait(level, nodes.pop() ?? '', 'hex');
    }
  }

  get size(): number {
    return this.#size;
  }

  /** One node for each whole subtree, from left to right. */
  get nodes(): readonly string[] {
    const waiting = this.#levels.filter(({ waits }) => waits).map(({ preimage }) => preimage.toString('hex', 1, 33));
    return [...this.#edge, ...waiting.reverse()];
  }

  /** @param leaf 64 hex digits */
  add(leaf: string): void {
    let [node, form, place]: [string, 'hex' | 'latin1', number] = [leaf, 'hex', this.#size];
    this.#size += 1;
    for (let at = 0; ; at += 1, place = Math.floor(place / 2)) {
      const level = this.#level(at);
      if (!level.waits) {
        if (place % 2 === 0) this.#wait(at, node, form);
        else this.#edge.push(Buffer.from(node, form).toString('hex'));
        return;
      }
      level.preimage.write(node, 33, form);
      level.waits = false;
      [node, form] = [sha256Binary(level.preimage), 'latin1'];
    }
  }

  #wait(at: number, node: string, form: 'hex' | 'latin1'): void {
    const level = this.#level(at);
    level.preimage.write(node, 1, form);
    level.waits = true;
  }

  #level(at: number): Level {
    return (this.#levels[at] ??= { preimage: Buffer.alloc(65, 1), waits: false });
  }
}
