/** The pieces a bundle's data area is put together from: each one stretch of bytes that holds one or more tensors. */

import { nodeFileSystem, withFile } from '../files/fileSystem.ts';
import { readHeader } from '../files/safetensors.ts';
import type { TensorEntry } from '../files/safetensorsHeader.ts';
import { checkpointTensor } from './bundleLayout.ts';

export interface BundlePart {
  /** Places relative to the part. */
  readonly entries: readonly TensorEntry[];
  readonly bytes: number;
  readonly from: { readonly data: Uint8Array } | { readonly path: string; readonly position: number };
}

/** A matrix of numbers that is in memory. */
export function matrixPart(
  name: string,
  shape: readonly number[],
  values: Float64Array<ArrayBuffer>,
): BundlePart {
  const bytes = values.byteLength;
  const data = new Uint8Array(values.buffer, values.byteOffset, bytes);
  return { entries: [{ name, dtype: 'F64', shape, begin: 0, end: bytes }], bytes, from: { data } };
}

/** The data area of a checkpoint file as it is; its tensors get names that tell the step. */
export function checkpointPart(path: string, step: number): BundlePart {
  return withFile({ path, mode: 'read', fileSystem: nodeFileSystem }, (file) => {
    const { header, dataStart, size } = readHeader({ path, file }, nodeFileSystem);
    const entries = header.entries.map((entry) => ({ ...entry, name: checkpointTensor(step, entry.name) }));
    return { entries, bytes: size - dataStart, from: { path, position: dataStart } };
  });
}

/** A picture file, whole. */
export function picturePart(name: string, path: string): BundlePart {
  const bytes = withFile({ path, mode: 'read', fileSystem: nodeFileSystem }, (file) =>
    nodeFileSystem.size(file),
  );
  return {
    entries: [{ name, dtype: 'U8', shape: [bytes], begin: 0, end: bytes }],
    bytes,
    from: { path, position: 0 },
  };
}
