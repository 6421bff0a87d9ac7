/** Reads and writes tensors in the safetensors format (little-endian, like every supported platform). */

import { createHash } from 'node:crypto';
import { writeFully } from './atomicFile.ts';
import { type FileReader, type FileSystem, nodeFileSystem, withFile } from './fileSystem.ts';
import {
  bytesPerItem,
  countItems,
  damaged,
  encodeHeader,
  isAllowedName,
  largestHeader,
  parseHeader,
  type SafetensorsHeader,
  type TensorDtype,
  type TensorEntry,
} from './safetensorsHeader.ts';

const arrayTypes = {
  F64: Float64Array,
  I64: BigInt64Array,
  F32: Float32Array,
  I32: Int32Array,
  U8: Uint8Array,
} as const;

/** Values in row-major order; `data.length` is the product of `shape` (1 for the empty shape). */
export type StoredTensor = {
  [Dtype in TensorDtype]: {
    readonly dtype: Dtype;
    readonly shape: readonly number[];
    readonly data: InstanceType<(typeof arrayTypes)[Dtype]>;
  };
}[TensorDtype];

export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/**
 * Reads a whole file; each tensor is read straight into its own array.
 * @throws DamagedFileError when header or size are not right (before any tensor is allocated); the system's error when reading fails.
 */
export function readSafetensors(path: string, fileSystem: FileSystem = nodeFileSystem): SafetensorsFile {
  return withFile({ path, mode: 'read', fileSystem }, (file) => {
    const { header, dataStart } = readHeader({ path, file }, fileSystem);
    const tensors = new Map<string, StoredTensor>();
    for (const entry of header.entries) {
      const tensor = allocateTensor(entry);
      readFully({ path, file, position: dataStart + entry.begin }, viewBytes(tensor), fileSystem);
      tensors.set(entry.name, tensor);
    }
    return { metadata: header.metadata, tensors };
  });
}

/**
 * Writes a file (replacing an older one) and fsyncs it. Larger items come first, then names in code-unit order.
 * @returns the file's size in bytes.
 * @throws Error when a name is reserved, or data and shape disagree; the system's error when writing fails.
 */
export function writeSafetensors(
  path: string,
  contents: SafetensorsFile,
  fileSystem: FileSystem = nodeFileSystem,
): number {
  const entries = layoutTensors(contents.tensors);
  checkMetadata(contents.metadata);
  const header = encodeHeader({ metadata: contents.metadata, entries });
  return withFile({ path, mode: 'write', fileSystem }, (file) => {
    writeFully({ file, path, position: 0 }, header, fileSystem);
    for (const { name, begin } of entries) {
      const position = header.byteLength + begin;
      writeFully({ file, path, position }, viewBytes(tensorNamed(contents.tensors, name)), fileSystem);
    }
    fileSystem.sync(file);
    return header.byteLength + (entries.at(-1)?.end ?? 0);
  });
}

/** Returns the offsets of the tensors in the data area, in file order. */
export function layoutTensors(tensors: ReadonlyMap<string, StoredTensor>): TensorEntry[] {
  const sorted = [...tensors].sort(
    ([nameA, a], [nameB, b]) => bytesPerItem[b.dtype] - bytesPerItem[a.dtype] || (nameA < nameB ? -1 : 1),
  );
  let begin = 0;
  return sorted.map(([name, tensor]) => {
    checkTensor(name, tensor);
    const end = begin + tensor.data.byteLength;
    const entry = { name, dtype: tensor.dtype, shape: [...tensor.shape], begin, end };
    begin = end;
    return entry;
  });
}

/** Reads and checks the header of an open file. `dataStart` is the position of the data area, `size` the file's size. */
export function readHeader(
  source: { path: string; file: number },
  fileSystem: FileReader,
): { header: SafetensorsHeader; dataStart: number; size: number } {
  const { path, file } = source;
  const size = fileSystem.size(file);
  if (size < 8) throw damaged(path, `${size} bytes`, 'at least 8');
  const prefix = new Uint8Array(8);
  readFully({ path, file, position: 0 }, prefix, fileSystem);
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  const largest = Math.min(size - 8, largestHeader);
  if (length > BigInt(largest))
    throw damaged(path, `header length ${length}`, `at most ${largest} in ${size} bytes`);
  const json = new Uint8Array(Number(length));
  readFully({ path, file, position: 8 }, json, fileSystem);
  const dataStart = 8 + json.byteLength;
  return { header: parseHeader({ path, json, dataBytes: size - dataStart }), dataStart, size };
}

/** Fills `target` with the bytes from `position` on. @throws DamagedFileError when the file is too short. */
export function readFully(
  source: { path: string; file: number; position: number },
  target: Uint8Array,
  fileSystem: FileReader,
): void {
  for (let done = 0; done < target.byteLength;) {
    const count = fileSystem.read(source.file, target.subarray(done), source.position + done);
    if (count === 0)
      throw damaged(
        source.path,
        `the end after ${source.position + done} bytes`,
        `${target.byteLength - done} more`,
      );
    done += count;
  }
}

/** Returns the bytes of a tensor as a view, without copying. */
export function viewBytes(tensor: StoredTensor): Uint8Array {
  return new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}

/** Returns the tensor of that name. @throws Error listing a few existing names. */
export function tensorNamed(tensors: ReadonlyMap<string, StoredTensor>, name: string): StoredTensor {
  const tensor = tensors.get(name);
  if (tensor) return tensor;
  const present = [...tensors.keys()].slice(0, 5).join(', ');
  throw new Error(
    `No tensor "${name}" found, one of ${present || '(none)'} … expected. Check that the file fits this network.`,
  );
}

function allocateTensor({ dtype, shape }: TensorEntry): StoredTensor {
  // The array type always matches the dtype, but the type checker cannot see that through the union.
  return { dtype, shape, data: new arrayTypes[dtype](countItems(shape) ?? 0) } as StoredTensor;
}

function checkTensor(name: string, tensor: StoredTensor): void {
  if (!isAllowedName(name))
    throw new Error(`Tensor name "${name}" is reserved or empty. Choose another name.`);
  const expected = countItems(tensor.shape);
  const isRightType = tensor.data instanceof arrayTypes[tensor.dtype];
  if (tensor.data.length !== expected || !isRightType) {
    throw new Error(
      `Tensor "${name}": ${tensor.data.length} values (${tensor.data.constructor.name}) found, ${expected ?? 'a valid shape'} of ${tensor.dtype} expected for shape [${tensor.shape.join(', ')}]. Pass data that fits.`,
    );
  }
}

function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  for (const [key, text] of Object.entries(metadata)) {
    if (!isAllowedName(key) || typeof text !== 'string') {
      throw new Error(
        `Metadata "${key}": ${typeof text} found, text under a free name expected. Use String() or JSON.stringify().`,
      );
    }
  }
}

/** Size of the pieces in which files are read and copied, in bytes. */
export const chunkBytes = 4 * 1024 * 1024;

/** Returns the SHA-256 (hex) of metadata and offsets; the order of the metadata does not matter. */
export function hashHeader(
  metadata: Readonly<Record<string, string>>,
  entries: readonly TensorEntry[],
): string {
  const texts = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  const places = entries.map(({ name, dtype, shape, begin, end }) => [name, dtype, shape, begin, end]);
  return createHash('sha256')
    .update(JSON.stringify([texts, places]))
    .digest('hex');
}

/**
 * Reads bytes `begin` … `end` of an open file piece by piece; a piece is valid until the next one is read.
 * @throws DamagedFileError when the file is too short.
 */
export function readInChunks(
  source: { readonly path: string; readonly file: number; readonly begin: number; readonly end: number },
  reader: FileReader,
  use: (chunk: Uint8Array, position: number) => void,
): void {
  const { path, file, begin, end } = source;
  const buffer = new Uint8Array(Math.min(chunkBytes, end - begin));
  for (let position = begin; position < end;) {
    const chunk = buffer.subarray(0, Math.min(buffer.byteLength, end - position));
    readFully({ path, file, position }, chunk, reader);
    use(chunk, position);
    position += chunk.byteLength;
  }
}
