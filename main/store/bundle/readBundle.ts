/**
 * Reads an untrusted bundle: header, manifest, offsets, hashes and contents are checked before any of it is used. It is read
 * in small pieces, except for the metrics, which are a small part of it.
 */

import { createHash, type Hash } from 'node:crypto';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { imageLimits } from '../../../shared/images/imageHeader.ts';
import { readPngChunks } from '../../../shared/images/pngText.ts';
import {
  bundleFormat,
  type BundleManifest,
  bundleManifestSchema,
  bundleVersion,
} from '../../../shared/runBundle.ts';
import { type FileReader, nodeFileSystem, withFile } from '../files/fileSystem.ts';
import { hashHeader, readFully, readHeader, readInChunks } from '../files/safetensors.ts';
import {
  damaged,
  DamagedFileError,
  parseUniqueObject,
  type SafetensorsHeader,
  type TensorEntry,
} from '../files/safetensorsHeader.ts';
import { type BundleLayout, layOutBundle } from './bundleLayout.ts';
import { findMatrixFault } from './metricMatrix.ts';

/** An open file, or bytes in memory. */
export interface BundleSource {
  /** For messages. */
  readonly path: string;
  readonly file: number;
  readonly reader: FileReader;
}

export interface Bundle extends BundleLayout {
  readonly source: BundleSource;
  readonly manifest: BundleManifest;
  /** Position of the data area in the file. */
  readonly dataStart: number;
}

/** @throws DamagedFileError naming what was found, what was expected, and what to do. */
export function readBundle(source: BundleSource): Bundle {
  const { path, file, reader } = source;
  const { header, dataStart, size } = readHeader({ path, file }, reader);
  const manifest = readManifest(path, header);
  const bundle = { source, manifest, dataStart, ...layOutBundle(path, header.entries, manifest) };
  checkHashes(bundle, { size, sha256: header.metadata['sha256'] ?? '' });
  for (const name of bundle.metrics.keys()) checkMetric(bundle, name);
  for (const entry of bundle.images.values()) checkImage(bundle, entry);
  return bundle;
}

/** Reads the run in a bundle from its header alone; null when the file is not a bundle. */
export function readBundledRun(path: string): BundleManifest['run'] | null {
  try {
    return withFile({ path, mode: 'read', fileSystem: nodeFileSystem }, (file) => {
      const { header } = readHeader({ path, file }, nodeFileSystem);
      return readManifest(path, header).run;
    });
  } catch {
    return null;
  }
}

/** Reads one metric as a [4, n] matrix, see metricMatrix.ts. */
export function readBundledMetric(
  bundle: Bundle,
  name: Parameters<typeof bundle.metrics.get>[0],
): Float64Array {
  const entry = bundle.metrics.get(name);
  const matrix = new Float64Array(entry ? entry.shape[0] * entry.shape[1] : 0);
  if (entry) readEntry(bundle, entry, new Uint8Array(matrix.buffer));
  return matrix;
}

/** Reads one image as a PNG file. */
export function readBundledImage(bundle: Bundle, entry: TensorEntry): Uint8Array {
  const bytes = new Uint8Array(entry.end - entry.begin);
  readEntry(bundle, entry, bytes);
  return bytes;
}

function readEntry({ source, dataStart }: Bundle, { begin }: TensorEntry, target: Uint8Array): void {
  const { path, file, reader } = source;
  readFully({ path, file, position: dataStart + begin }, target, reader);
}

/** Checks the hash of the data area and of each checkpoint in it, in one pass. */
function checkHashes(
  { source, dataStart, manifest, checkpoints }: Bundle,
  { size, sha256 }: { size: number; sha256: string },
): void {
  const { path, file, reader } = source;
  const whole = createHash('sha256');
  const parts = [...checkpoints].map(([step, place]) => ({ step, ...place, hash: createHash('sha256') }));
  readInChunks({ path, file, begin: dataStart, end: size }, reader, (chunk, position) => {
    whole.update(chunk);
    for (const part of parts) updateOverlap(part, { chunk, start: position - dataStart });
  });
  const found = whole.digest('hex');
  if (found !== sha256) throw damaged(path, `SHA-256 ${found} of the data`, sha256 || 'a hash in the header');
  for (const { step, hash } of parts) {
    const expected = manifest.checkpoints.find((checkpoint) => checkpoint.step === step)?.sha256 ?? '';
    const digest = hash.digest('hex');
    if (digest !== expected)
      throw damaged(path, `SHA-256 ${digest} of the checkpoint of step ${step}`, expected);
  }
}

function updateOverlap(
  { begin, end, hash }: { begin: number; end: number; hash: Hash },
  { chunk, start }: { chunk: Uint8Array; start: number },
): void {
  const from = Math.max(begin, start) - start;
  const to = Math.min(end, start + chunk.byteLength) - start;
  if (from < to) hash.update(chunk.subarray(from, to));
}

function checkMetric(bundle: Bundle, name: Parameters<typeof readBundledMetric>[1]): void {
  const fault = findMatrixFault(readBundledMetric(bundle, name));
  if (fault) throw damaged(bundle.source.path, `${fault.found} in the metric ${name}`, fault.expected);
}

/** Checks that an image is a PNG of a size that can be displayed: images are shown unchanged. */
function checkImage(bundle: Bundle, entry: TensorEntry): void {
  const [head] = readPngChunks(readBundledImage(bundle, entry)) ?? [];
  const { path } = bundle.source;
  if (head === undefined || head.data.byteLength < 8)
    throw damaged(path, `"${entry.name}" that is no PNG`, 'a PNG file');
  const view = new DataView(head.data.buffer, head.data.byteOffset, head.data.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  if (width * height > imageLimits.fullPixels || width === 0 || height === 0)
    throw damaged(
      path,
      `"${entry.name}" of ${width} × ${height} pixels`,
      `1 to ${imageLimits.fullPixels} pixels`,
    );
}

/** Checkpoint metadata keys that only the checkpoint writer sets. */
const reservedKeys = ['format', 'step', 'sha256', 'headerSha256', '__metadata__', '__proto__'];

/** @throws DamagedFileError naming what was found, what was expected, and what to do. */
function readManifest(path: string, header: SafetensorsHeader): BundleManifest {
  checkFormat(path, header);
  checkSeal(path, header);
  const manifest = parseManifest(path, header.metadata['manifest'] ?? '');
  for (const checkpoint of manifest.checkpoints) checkCheckpoint(path, manifest, checkpoint);
  return manifest;
}

function checkFormat(path: string, { metadata: { format, version } }: SafetensorsHeader): void {
  if (format !== bundleFormat) {
    throw new DamagedFileError(
      `${path}: format "${(format ?? 'none').slice(0, 60)}" found, "${bundleFormat}" expected. Choose a file that "lab export" or "Export run" has written.`,
    );
  }
  const isNumber = /^[1-9]\d{0,5}$/.test(version ?? '');
  if (isNumber && Number(version) <= bundleVersion) return;
  if (!isNumber) throw damaged(path, `version "${(version ?? 'none').slice(0, 20)}"`, 'a number');
  throw new DamagedFileError(
    `${path}: a run of format version ${version} found, at most ${bundleVersion} expected. It was written by a newer version: update the program here, or export it again there with this one.`,
  );
}

function checkSeal(path: string, { metadata, entries }: SafetensorsHeader): void {
  const sealed = Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== 'headerSha256'));
  const hash = hashHeader(sealed, entries);
  const found = metadata['headerSha256'];
  if (found !== hash) throw damaged(path, `SHA-256 ${hash} of the header`, found ?? 'a hash in it');
}

function parseManifest(path: string, text: string): BundleManifest {
  const parsed = parseUniqueObject(text);
  if ('fault' in parsed) throw damaged(path, `a manifest with ${parsed.fault}`, 'a JSON object');
  if (hasPrototypeKey(text)) throw damaged(path, 'the name "__proto__"', 'names that are not reserved');
  const result = bundleManifestSchema.safeParse(parsed.value);
  if (result.success) return result.data;
  const [{ path: place, message }] = result.error.issues;
  const where = place.map(String).join('.') || 'a fault';
  throw damaged(path, `a manifest with ${where}: ${message},`, 'one of this format');
}

/** Returns whether "__proto__" is a key anywhere in the JSON: schemas ignore such a key. A tag of that name is no key. */
function hasPrototypeKey(text: string): boolean {
  if (!text.includes('"__proto__"')) return false;
  let isFound = false;
  JSON.parse(text, (key, value: unknown) => {
    isFound ||= key === '__proto__';
    return value;
  });
  return isFound;
}

/** Refuses early what the checkpoint reader would refuse later. */
function checkCheckpoint(
  path: string,
  { run }: BundleManifest,
  { step, metadata }: BundleManifest['checkpoints'][number],
): void {
  const checkpoint = `the checkpoint of step ${step}`;
  const keys = metadata.map(([key]) => key);
  const fault = keys.find((key, index) => reservedKeys.includes(key) || keys.indexOf(key) !== index);
  if (fault !== undefined)
    throw damaged(path, `"${fault}" in ${checkpoint}`, 'names used once, not reserved');
  const text = metadata.find(([key]) => key === 'config')?.[1];
  if (text === undefined) return;
  const parsed = parseUniqueObject(text);
  const config = runConfigSchema.safeParse('value' in parsed ? parsed.value : null);
  if (!config.success) throw unreadable(path, checkpoint, config.error.issues[0]?.message ?? 'no JSON');
  const { data, field } = config.data;
  if (data.source !== run.config.data.source || JSON.stringify(field) !== JSON.stringify(run.config.field))
    throw damaged(path, `another network or data source in ${checkpoint}`, "the run's own");
}

function unreadable(path: string, checkpoint: string, fault: string): DamagedFileError {
  return new DamagedFileError(
    `${path}: a config that cannot be read (${fault}) in ${checkpoint} found, one of this version expected. Use the version that wrote it, or leave that checkpoint out.`,
  );
}
