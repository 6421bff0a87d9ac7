/** A valid bundle, and invalid ones in which one thing was changed and the checksums were updated. */

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exportRun } from '../../../main/store/bundle/exportRun.ts';
import { importBytes } from '../../../main/store/bundle/importRun.ts';
import {
  DamagedFileError,
  parseHeader,
  type TensorEntry,
} from '../../../main/store/files/safetensorsHeader.ts';
import { hashHeader } from '../../../main/store/files/safetensors.ts';
import { openStore } from '../../../main/store/store.ts';
import type { BundleManifest } from '../../../shared/runBundle.ts';
import { catchError, openExampleStore } from '../exampleStore.ts';
import { describeStore, insertFullRun } from './exampleBundle.ts';

/** A bundle of `insertFullRun` with all checkpoints. */
export const validBundle = await createValidBundle();

async function createValidBundle(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-'));
  try {
    const store = openStore(folder);
    const run = await insertFullRun(store);
    const path = join(folder, 'valid.sparsefield');
    exportRun(store, { runId: run.id, path, checkpoints: 'all', appVersion: '1.2.3' });
    store.close();
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export type InvalidBundle = readonly [title: string, create: () => Buffer, message: RegExp];

/** Defines one test per case, which expects an error with what was found and expected, and an unchanged store. */
export function expectRejections(cases: readonly InvalidBundle[]): void {
  it.each(cases)('is rejected: %s', (_title, create, message) => {
    const store = openExampleStore();
    const before = describeStore(store);
    const error = catchError(() => importBytes(store, create(), { asCopy: false }));
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/found,.*expected/);
    expect(error).toBeInstanceOf(DamagedFileError);
    expect(describeStore(store)).toEqual(before);
  });
}

interface BundleParts {
  metadata: Record<string, string>;
  manifest: BundleManifest;
  entries: TensorEntry[];
  data: Buffer;
}

export function parseBundle(): BundleParts {
  const length = Number(validBundle.readBigUInt64LE(0));
  const data = Buffer.from(validBundle.subarray(8 + length));
  const json = validBundle.subarray(8, 8 + length);
  const { metadata, entries } = parseHeader({ path: 'valid', json, dataBytes: data.length });
  const manifest = JSON.parse(metadata['manifest']) as BundleManifest;
  return { metadata: { ...metadata }, manifest, entries: [...entries], data };
}

/** Serializes the parts with correct checksums. `extra` is JSON of further members of the header. */
export function serializeBundle({ metadata, manifest, entries, data }: BundleParts, extra = ''): Buffer {
  const sha256 = createHash('sha256').update(data).digest('hex');
  const rest = omitChecksum({ ...metadata, manifest: JSON.stringify(manifest), sha256 });
  const sealed = { ...rest, headerSha256: hashHeader(rest, entries) };
  const members = entries.map(
    ({ name, dtype, shape, begin, end }) =>
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`,
  );
  const json = Buffer.from(`{"__metadata__":${JSON.stringify(sealed)},${members.join(',')}${extra}}`);
  return Buffer.concat([encodeLength(BigInt(json.length)), json, data]);
}

function omitChecksum({ headerSha256: _, ...rest }: Record<string, string>): Record<string, string> {
  return rest;
}

export function encodeLength(length: bigint): Buffer {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length);
  return prefix;
}

/** Returns the valid bundle with a change and correct checksums. */
export function changeBundle(change: (parts: BundleParts) => void): Buffer {
  const parts = parseBundle();
  change(parts);
  return serializeBundle(parts);
}

export const changeManifest = (change: (manifest: BundleManifest) => void) =>
  changeBundle(({ manifest }) => change(manifest));
export const changeRun = (values: object) =>
  changeManifest((manifest) => Object.assign(manifest.run, values));
export const findEntry = ({ entries }: BundleParts, name: string) =>
  entries.find((entry) => entry.name === name) as TensorEntry;
export function changeEntry(name: string, values: Partial<TensorEntry>): Buffer {
  return changeBundle(({ entries }) => {
    const index = entries.findIndex((entry) => entry.name === name);
    entries[index] = { ...entries[index], ...values };
  });
}
/** Changes one number of the metric `loss`, whose matrix has four rows. */
export function changeLoss(row: number, column: number, value: number): Buffer {
  return changeBundle((parts) => {
    const { begin, shape } = findEntry(parts, 'metrics/loss');
    parts.data.writeDoubleLE(value, begin + 8 * (row * shape[1] + column));
  });
}
export function changeConfig(change: (config: Record<string, unknown>) => object): Buffer {
  return changeManifest(({ checkpoints }) => {
    const pair = checkpoints[0].metadata.find(([key]) => key === 'config') as [string, string];
    pair[1] = JSON.stringify(change(JSON.parse(pair[1]) as Record<string, unknown>));
  });
}

export function changeMetadata(values: Record<string, string>): Buffer {
  return changeBundle(({ metadata }) => void Object.assign(metadata, values));
}

/** Changes the text of the manifest. */
export function changeManifestText(change: (text: string) => string): Buffer {
  const { metadata, entries, data } = parseBundle();
  const rest = omitChecksum({ ...metadata, manifest: change(metadata['manifest']) });
  const sealed = { ...rest, headerSha256: hashHeader(rest, entries) };
  const members = Object.fromEntries(
    entries.map(({ name, dtype, shape, begin, end }) => [name, { dtype, shape, data_offsets: [begin, end] }]),
  );
  const json = Buffer.from(JSON.stringify({ __metadata__: sealed, ...members }));
  return Buffer.concat([encodeLength(BigInt(json.length)), json, data]);
}

export function createNestedHeader(): Buffer {
  const json = Buffer.from(`{"__metadata__":${'['.repeat(2e6)}${']'.repeat(2e6)}}`);
  return Buffer.concat([encodeLength(BigInt(json.length)), json]);
}

export function replaceText(from: string, to: string): Buffer {
  const bytes = Buffer.from(validBundle);
  bytes.write(to, bytes.indexOf(from), 'latin1');
  return bytes;
}

export function flipBit(at: number, bit = 0): Buffer {
  const bytes = Buffer.from(validBundle);
  bytes[at] ^= 1 << bit;
  return bytes;
}

/** Moves the last tensor of the first checkpoint behind those of the other checkpoints. */
export function splitCheckpoint(): Buffer {
  return changeBundle(({ entries, data }) => {
    const first = entries.findIndex(({ name }) => name === 'checkpoint/3/weight');
    const moved = Buffer.from(data.subarray(entries[first].begin, entries[first].end));
    const [{ dtype, shape, name }] = entries.splice(first, 1);
    const cut = entries[first - 1].end;
    data.copy(data, cut, cut + moved.length);
    moved.copy(data, data.length - moved.length);
    for (const [index, entry] of entries.entries()) {
      if (index >= first)
        entries[index] = { ...entry, begin: entry.begin - moved.length, end: entry.end - moved.length };
    }
    entries.push({ name, dtype, shape, begin: data.length - moved.length, end: data.length });
  });
}

/** Sets the size of a preview to more pixels than can be decoded. */
export function createImageBomb(): Buffer {
  return changeBundle((parts) => {
    const { begin } = findEntry(parts, 'preview/9');
    parts.data.writeUInt32BE(2 ** 32 - 1, begin + 16);
    parts.data.writeUInt32BE(2 ** 32 - 1, begin + 20);
  });
}
