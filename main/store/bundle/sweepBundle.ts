/**
 * A whole sweep as one file: a safetensors file whose tensors are the run files of its members, and whose metadata hold the sweep
 * with its scores. An import checks every run in it before anything is stored, and stores what is not here yet.
 */

import { mkdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  type BundledCheckpoints,
  type ImportedSweep,
  sweepFormat,
  type SweepManifest,
  sweepManifestSchema,
} from '../../../shared/runBundle.ts';
import { stringifyJson } from '../../../shared/numbers/nonFinite.ts';
import { createTemporaryName, replaceFile, writeFully } from '../files/atomicFile.ts';
import {
  attempt,
  type FileReader,
  type FileSystem,
  nodeFileSystem,
  readerOf,
  withFile,
} from '../files/fileSystem.ts';
import { hashHeader, readHeader, readInChunks } from '../files/safetensors.ts';
import { damaged, encodeHeader, type TensorEntry } from '../files/safetensorsHeader.ts';
import type { StoreHandle } from '../database/database.ts';
import { findSweepById, getSweep, importSweep, listMemberRuns, listRungScores } from '../sweeps.ts';
import { exportRun } from './exportRun.ts';
import { restoreRun } from '../runs/runLifecycle.ts';
import { readMarks, recordSweep } from '../runs/runMarks.ts';
import { importBundle, RunIsHereError } from './importRun.ts';
import { portableError, portableSource } from './portableRun.ts';
import { type BundleSource, readBundle } from './readBundle.ts';

const sweepVersion = '1';

const nameOfMember = (member: number) => `run.${member}`;

export interface ExportedSweep {
  readonly bytes: number;
  /** Runs in it. */
  readonly runs: number;
}

/**
 * Writes a sweep with all of its runs. Each run is written to a file of its own first, so that twice the space is needed meanwhile.
 * @throws UnknownSweepError; Error when a run or the place cannot be used. An older file of that name stays then.
 */
export function exportSweep(
  store: StoreHandle,
  options: {
    readonly sweepId: string;
    readonly path: string;
    readonly checkpoints: BundledCheckpoints;
    readonly appVersion: string;
    /** After each run. */
    readonly onRun?: (done: number, all: number) => void;
  },
  fileSystem: FileSystem = nodeFileSystem,
): ExportedSweep {
  const { path, checkpoints, appVersion } = options;
  const record = getSweep(store.db, options.sweepId);
  const runs = listMemberRuns(store.db, record.id);
  const folder = join(dirname(path), createTemporaryName());
  mkdirSync(folder);
  try {
    const files = runs.map(({ runId, member }, index) => {
      const file = join(folder, String(member));
      const { bytes } = exportRun(store, { runId, path: file, checkpoints, appVersion }, fileSystem);
      options.onRun?.(index + 1, runs.length);
      return { member, file, bytes };
    });
    const { base } = record.spec;
    const source = portableSource(base.data.source, null);
    const manifest: SweepManifest = {
      sweep: {
        ...record,
        error: portableError(record.error),
        place: { kind: 'local' },
        spec: { ...record.spec, base: { ...base, data: { ...base.data, source } } },
      },
      scores: listRungScores(store.db, record.id),
      members: runs.map(({ member }) => member),
    };
    const write = (temporary: string) => writeSweepFile(temporary, { manifest, files }, fileSystem);
    replaceFile({ folder: dirname(path), name: basename(path), write }, fileSystem);
    return { bytes: statSync(path).size, runs: files.length };
  } finally {
    attempt(() => rmSync(folder, { recursive: true, force: true }));
  }
}

interface RunFile {
  readonly member: number;
  readonly file: string;
  readonly bytes: number;
}

function writeSweepFile(
  path: string,
  { manifest, files }: { readonly manifest: SweepManifest; readonly files: readonly RunFile[] },
  fileSystem: FileSystem,
): void {
  let end = 0;
  const entries = files.map(({ member, bytes }): TensorEntry => {
    const begin = end;
    end += bytes;
    return { name: nameOfMember(member), dtype: 'U8', shape: [bytes], begin, end };
  });
  const metadata = { format: sweepFormat, version: sweepVersion, manifest: stringifyJson(manifest) };
  const sealed = { ...metadata, headerSha256: hashHeader(metadata, entries) };
  const header = encodeHeader({ metadata: sealed, entries });
  withFile({ path, mode: 'write', fileSystem }, (target) => {
    writeFully({ file: target, path, position: 0 }, header, fileSystem);
    files.forEach(({ file: from, bytes }, index) => {
      const start = header.byteLength + entries[index].begin;
      withFile({ path: from, mode: 'read', fileSystem }, (file) =>
        readInChunks({ path: from, file, begin: 0, end: bytes }, fileSystem, (chunk, position) =>
          writeFully({ file: target, path, position: start + position }, chunk, fileSystem),
        ),
      );
    });
    fileSystem.sync(target);
  });
}

/** Imports a sweep from a file, as `importSweepBundle` does. */
export function importSweepFile(
  store: StoreHandle,
  path: string,
  options: { readonly dataSource?: string } = {},
  fileSystem: FileSystem = nodeFileSystem,
): ImportedSweep {
  return withFile({ path, mode: 'read', fileSystem }, (file) =>
    importSweepBundle(store, { path, file, reader: fileSystem }, options, fileSystem),
  );
}

/** Imports a sweep from memory, as `importSweepBundle` does. */
export function importSweepBytes(store: StoreHandle, bytes: Uint8Array): ImportedSweep {
  return importSweepBundle(store, { path: 'The file', file: 0, reader: readerOf(bytes) });
}

/**
 * Imports a sweep with its runs. Every run is checked before anything is stored; then each is stored completely or not at all, and
 * the sweep last, so that an import that was interrupted is completed by a second one, which stores nothing twice. Runs in the trash
 * are restored from it, unless the sweep has computed another one in their place.
 * `dataSource`: the images on this machine; by default those that the file names.
 * @throws DamagedFileError when the file or a run in it is damaged; Error when another sweep has its ID.
 */
export function importSweepBundle(
  store: StoreHandle,
  source: BundleSource,
  { dataSource }: { readonly dataSource?: string } = {},
  fileSystem: FileSystem = nodeFileSystem,
): ImportedSweep {
  const { manifest, runs } = readSweepFile(source);
  const { sweep, scores } = manifest;
  const here = findSweepById(store.db, sweep.id);
  if (here && here.createdAt !== sweep.createdAt)
    throw new Error(
      `${source.path}: the ID ${sweep.id} of its sweep is that of another sweep here, “${here.name}”; a free one was expected. Delete or export that one first.`,
    );
  const ids = new Map<string, string>();
  let [present, restored] = [0, 0];
  for (const { run, id, link } of runs) {
    try {
      ids.set(id, importBundle(store, run, { asCopy: false, dataSource }, fileSystem).id);
    } catch (error) {
      if (!(error instanceof RunIsHereError)) throw error;
      present += 1;
      const isReplaced = () =>
        listMemberRuns(store.db, sweep.id).some(({ member }) => member === link.member);
      if (error.isTrashed && !isReplaced()) {
        restoreRun(store, id);
        restored += 1;
      }
      // The sweep may have been deleted here without its runs.
      if (!readMarks(store.db, id).sweep) recordSweep(store, id, link);
    }
  }
  const { base } = sweep.spec;
  const data = { ...base.data, source: dataSource ?? base.data.source };
  const name = importSweep(
    store.db,
    { ...sweep, spec: { ...sweep.spec, base: { ...base, data } } },
    scores.map((score) => ({ ...score, runId: ids.get(score.runId) ?? score.runId })),
  );
  return { id: sweep.id, name, wasHere: here !== null, imported: ids.size, present, restored };
}

/** Reads and checks the whole file. */
function readSweepFile(source: BundleSource) {
  const { path, file, reader } = source;
  const { header, dataStart } = readHeader({ path, file }, reader);
  const { headerSha256 = '', ...metadata } = header.metadata;
  if (metadata['format'] !== sweepFormat)
    throw damaged(path, `the format “${metadata['format'] ?? 'none'}”`, `“${sweepFormat}”`);
  if (metadata['version'] !== sweepVersion)
    throw new Error(
      `${path}: version ${metadata['version'] ?? 'none'} of the format found, ${sweepVersion} expected. Import it with the version of the program that wrote it, or a newer one.`,
    );
  const hash = hashHeader(metadata, header.entries);
  if (hash !== headerSha256) throw damaged(path, `SHA-256 ${hash} of the header`, headerSha256 || 'a hash');
  const manifest = readManifest(path, metadata['manifest'] ?? '');
  const expected = manifest.members.map(nameOfMember).join(', ');
  const found = header.entries.map(({ name }) => name).join(', ');
  if (found !== expected) throw damaged(path, `the runs ${found || 'none'}`, expected || 'none');
  const runs = header.entries.map((entry, index) => {
    const begin = dataStart + entry.begin;
    const part = partOf(reader, { begin, bytes: entry.end - entry.begin });
    const run = { path: `${path}, run ${manifest.members[index] + 1}`, file, reader: part };
    const { manifest: own } = readBundle(run);
    const { sweep } = own.marks;
    if (sweep?.sweepId !== manifest.sweep.id || sweep.member !== manifest.members[index])
      throw damaged(run.path, 'a run of another sweep', `run ${manifest.members[index] + 1} of this one`);
    return { run, id: own.run.id, link: sweep };
  });
  return { manifest, runs };
}

function readManifest(path: string, text: string): SweepManifest {
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged(path, 'a description of the sweep that is no JSON', 'JSON');
  }
  const { success, data, error } = sweepManifestSchema.safeParse(json);
  if (success) return data;
  const [issue] = error.issues;
  throw damaged(path, `${issue.path.join('.')}: ${issue.message}`, 'a sweep');
}

/** Returns a reader of a part of a file. */
function partOf(
  reader: FileReader,
  { begin, bytes }: { readonly begin: number; readonly bytes: number },
): FileReader {
  return {
    size: () => bytes,
    read(file, target, position) {
      const left = Math.max(0, bytes - position);
      return reader.read(file, target.subarray(0, Math.min(left, target.byteLength)), begin + position);
    },
  };
}
