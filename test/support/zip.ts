/** ZIP archives written by hand, byte by byte, so that they can also be wrong. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface Packed {
  readonly name: string;
  /** Content as it is meant to unpack. */
  readonly content: Uint8Array;
  /** 0 stored, 8 deflate, 93 zstd. */
  readonly method: number;
  /** Bytes in the archive; deflated or stored `content` when absent. */
  readonly raw?: Uint8Array;
  /** What the archive says of it, where that is not the truth. */
  readonly size?: number;
  readonly crc?: number;
  readonly flags?: number;
  /** Shares the bytes of the entry before. */
  readonly shared?: boolean;
}

export function zipOf(files: readonly Packed[], entries = files.length): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let [offset, last] = [0, 0];
  for (const file of files) {
    const raw = Buffer.from(file.raw ?? (file.method === 8 ? deflateRawSync(file.content) : file.content));
    const name = Buffer.from(file.name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(file.method === 93 ? 63 : 20, 0);
    fields.writeUInt16LE(file.flags ?? 0x800, 2);
    fields.writeUInt16LE(file.method, 4);
    fields.writeUInt32LE(file.crc ?? crc32(file.content), 10);
    fields.writeUInt32LE(raw.length, 14);
    fields.writeUInt32LE(file.size ?? file.content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    if (file.shared !== true) {
      last = offset;
      const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, name, raw]);
      parts.push(local);
      offset += local.length;
    }
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(last, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x3f\x03', 'latin1'), fields, tail, name]));
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}
