/** What the header of a bundle says, checked before anything it says is believed. */

import { runConfigSchema } from '../../../shared/config/config.ts';
import {
  bundleFormat,
  type BundleManifest,
  bundleManifestSchema,
  bundleVersion,
} from '../../../shared/runBundle.ts';
import { damaged, DamagedFileError, type SafetensorsHeader } from '../files/safetensorsHeader.ts';
import { hashHeader } from '../files/seal.ts';
import { parseUniqueObject } from '../files/uniqueJson.ts';

/** Checkpoint metadata that only the writer of checkpoints sets. */
const reservedKeys = ['format', 'step', 'sha256', 'headerSha256', '__metadata__', '__proto__'];

/** @throws DamagedFileError naming what was found, what was expected, and what to do. */
export function readManifest(path: string, header: SafetensorsHeader): BundleManifest {
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

/** Schemas pass over such a key without a word; a tag of that name is no key. */
function hasPrototypeKey(text: string): boolean {
  if (!text.includes('"__proto__"')) return false;
  let isFound = false;
  JSON.parse(text, (key, value: unknown) => {
    isFound ||= key === '__proto__';
    return value;
  });
  return isFound;
}

/** What the reader of checkpoints would refuse later is refused now. */
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
