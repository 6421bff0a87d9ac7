/** A good bundle, and bundles with one thing changed in them, sealed again: only that is wrong with them. */

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

/** Of `insertFullRun`, with all checkpoints. */
export const good = await makeGoodBundle();

async function makeGoodBundle(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-'));
  try {
    const store = openStore(folder);
    const run = await insertFullRun(store);
    const path = join(folder, 'good.sparsefield');
    exportRun(store, { runId: run.id, path, checkpoints: 'all', appVersion: '1.2.3' });
    store.close();
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export type Hostile = readonly [title: string, make: () => Buffer, message: RegExp];

/** One test a case: refused with what was found and what was expected, and nothing of it is left. */
export function refuseEach(cases: readonly Hostile[]): void {
  it.each(cases)('is refused: %s', (_title, make, message) => {
    const store = openExampleStore();
    const before = describeStore(store);
    const error = catchError(() => importBytes(store, make(), { asCopy: false }));
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/found,.*expected/);
    expect(error).toBeInstanceOf(DamagedFileError);
    expect(describeStore(store)).toEqual(before);
  });
}

interface Parts {
  metadata: Record<string, string>;
  manifest: BundleManifest;
  entries: TensorEntry[];
  data: Buffer;
}

export function takeApart(): Parts {
  const length = Number(good.readBigUInt64LE(0));
  const data = Buffer.from(good.subarray(8 + length));
  const json = good.subarray(8, 8 + length);
  const { metadata, entries } = parseHeader({ path: 'good', json, dataBytes: data.length });
  const manifest = JSON.parse(metadata['manifest']) as BundleManifest;
  return { metadata: { ...metadata }, manifest, entries: [...entries], data };
}

/** Sealed again: only what was changed is wrong with it. `extra`: more members of the header, as JSON. */
export function putTogether({ metadata, manifest, entries, data }: Parts, extra = ''): Buffer {
  const sha256 = createHash('sha256').update(data).digest('hex');
  const rest = withoutSeal({ ...metadata, manifest: JSON.stringify(manifest), sha256 });
  const sealed = { ...rest, headerSha256: hashHeader(rest, entries) };
  const members = entries.map(
    ({ name, dtype, shape, begin, end }) =>
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`,
  );
  const json = Buffer.from(`{"__metadata__":${JSON.stringify(sealed)},${members.join(',')}${extra}}`);
  return Buffer.concat([lengthOf(BigInt(json.length)), json, data]);
}

function withoutSeal({ headerSha256: _, ...rest }: Record<string, string>): Record<string, string> {
  return rest;
}

export function lengthOf(length: bigint): Buffer {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length);
  return prefix;
}

/** The good bundle with a change, sealed again. */
export function changed(change: (parts: Parts) => void): Buffer {
  const parts = takeApart();
  change(parts);
  return putTogether(parts);
}

export const inManifest = (change: (manifest: BundleManifest) => void) =>
  changed(({ manifest }) => change(manifest));
export const withRun = (values: object) => inManifest((manifest) => Object.assign(manifest.run, values));
export const entryOf = ({ entries }: Parts, name: string) =>
  entries.find((entry) => entry.name === name) as TensorEntry;
export function withEntry(name: string, values: Partial<TensorEntry>): Buffer {
  return changed(({ entries }) => {
    const index = entries.findIndex((entry) => entry.name === name);
    entries[index] = { ...entries[index], ...values };
  });
}
/** One number of the metric `loss`, whose matrix has four rows. */
export function withLoss(row: number, column: number, value: number): Buffer {
  return changed((parts) => {
    const { begin, shape } = entryOf(parts, 'metrics/loss');
    parts.data.writeDoubleLE(value, begin + 8 * (row * shape[1] + column));
  });
}
export function withConfig(change: (config: Record<string, unknown>) => object): Buffer {
  return inManifest(({ checkpoints }) => {
    const pair = checkpoints[0].metadata.find(([key]) => key === 'config') as [string, string];
    pair[1] = JSON.stringify(change(JSON.parse(pair[1]) as Record<string, unknown>));
  });
}

export function withMetadata(values: Record<string, string>): Buffer {
  return changed(({ metadata }) => void Object.assign(metadata, values));
}

/** The manifest's text changed, sealed again. */
export function withText(change: (text: string) => string): Buffer {
  const { metadata, entries, data } = takeApart();
  const rest = withoutSeal({ ...metadata, manifest: change(metadata['manifest']) });
  const sealed = { ...rest, headerSha256: hashHeader(rest, entries) };
  const members = Object.fromEntries(
    entries.map(({ name, dtype, shape, begin, end }) => [name, { dtype, shape, data_offsets: [begin, end] }]),
  );
  const json = Buffer.from(JSON.stringify({ __metadata__: sealed, ...members }));
  return Buffer.concat([lengthOf(BigInt(json.length)), json, data]);
}

export function nested(): Buffer {
  const json = Buffer.from(`{"__metadata__":${'['.repeat(2e6)}${']'.repeat(2e6)}}`);
  return Buffer.concat([lengthOf(BigInt(json.length)), json]);
}

export function replaced(from: string, to: string): Buffer {
  const bytes = Buffer.from(good);
  bytes.write(to, bytes.indexOf(from), 'latin1');
  return bytes;
}

export function flipped(at: number, bit = 0): Buffer {
  const bytes = Buffer.from(good);
  bytes[at] ^= 1 << bit;
  return bytes;
}

/** The first checkpoint's last tensor goes behind the second checkpoint's. */
export function splitCheckpoint(): Buffer {
  return changed(({ entries, data }) => {
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

export function bomb(): Buffer {
  return changed((parts) => {
    const { begin } = entryOf(parts, 'preview/9');
    parts.data.writeUInt32BE(2 ** 32 - 1, begin + 16);
    parts.data.writeUInt32BE(2 ** 32 - 1, begin + 20);
  });
}
