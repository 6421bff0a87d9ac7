/** Zip archives of files that are compressed already, such as PNG images: stored as they are. PKWARE APPNOTE 6.3.3, §4.3. */

import { encodeUtf8 } from './images/pngText.ts';
import { crc32 } from './numbers/crc32.ts';

export interface ZipMember {
  /** Path in the archive, with slashes. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Writes an archive piece by piece, so that it never has to be in memory as a whole. */
export interface ZipWriter {
  /** Returns what comes before the bytes of a member, which follow it. @throws Error when the archive would be too large. */
  add(member: ZipMember): Uint8Array<ArrayBuffer>;
  /** Returns the end of the archive: its directory. */
  finish(): Uint8Array<ArrayBuffer>;
}

/** Sizes and offsets have 32 bits, the number of members 16. */
const [mostBytes, mostMembers] = [2 ** 32 - 1, 2 ** 16 - 1];
/** Names are UTF-8. */
const utf8Names = 1 << 11;
/** 1 January 1980, the first day that the format has: archives of equal files are equal. */
const date = (1 << 5) | 1;
const [localBytes, directoryBytes, endBytes] = [30, 46, 22];

export function createZipWriter(): ZipWriter {
  const entries: Uint8Array[] = [];
  let offset = 0;
  return {
    add({ name, bytes }) {
      const encoded = Uint8Array.from(encodeUtf8(name));
      const size = localBytes + encoded.length + bytes.length;
      if (offset + size > mostBytes || entries.length >= mostMembers) {
        throw new Error(
          `An archive of ${entries.length + 1} files and ${offset + size} bytes: at most ${mostMembers} files and 4 GiB are possible. Save fewer files at a time.`,
        );
      }
      const common = { checksum: crc32(bytes), size: bytes.length, nameBytes: encoded.length };
      entries.push(join(directoryEntry(common, offset), encoded));
      offset += size;
      return join(localHeader(common), encoded);
    },
    finish() {
      const directory = join(...entries);
      const end = new DataView(new ArrayBuffer(endBytes));
      end.setUint32(0, 0x06054b50, true);
      end.setUint16(8, entries.length, true);
      end.setUint16(10, entries.length, true);
      end.setUint32(12, directory.length, true);
      end.setUint32(16, offset, true);
      return join(directory, new Uint8Array(end.buffer));
    },
  };
}

/** Returns an archive of the members. @throws Error when it would be too large. */
export function createZip(members: readonly ZipMember[]): Uint8Array<ArrayBuffer> {
  const writer = createZipWriter();
  const parts = members.flatMap((member) => [writer.add(member), member.bytes]);
  return join(...parts, writer.finish());
}

/** Returns the name if none of these has it, otherwise the name with a number before its extension. */
export function distinctName(name: string, taken: ReadonlySet<string>): string {
  const [, stem, extension] = /^(.*?)(\.[^./]*)?$/s.exec(name) ?? [];
  let candidate = name;
  for (let number = 2; taken.has(candidate); number++) candidate = `${stem}-${number}${extension ?? ''}`;
  return candidate;
}

interface Common {
  readonly checksum: number;
  readonly size: number;
  readonly nameBytes: number;
}

function localHeader(common: Common): Uint8Array {
  const view = new DataView(new ArrayBuffer(localBytes));
  view.setUint32(0, 0x04034b50, true);
  writeCommon(view, 4, common);
  return new Uint8Array(view.buffer);
}

function directoryEntry(common: Common, offset: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(directoryBytes));
  view.setUint32(0, 0x02014b50, true);
  view.setUint16(4, 20, true);
  writeCommon(view, 6, common);
  view.setUint32(42, offset, true);
  return new Uint8Array(view.buffer);
}

/** The fields that both records of a member have, in the same order. Method 0: stored. */
function writeCommon(view: DataView, at: number, { checksum, size, nameBytes }: Common): void {
  view.setUint16(at, 20, true);
  view.setUint16(at + 2, utf8Names, true);
  view.setUint16(at + 8, date, true);
  view.setUint32(at + 10, checksum, true);
  view.setUint32(at + 14, size, true);
  view.setUint32(at + 18, size, true);
  view.setUint16(at + 22, nameBytes, true);
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
