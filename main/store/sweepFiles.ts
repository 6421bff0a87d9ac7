/**
 * A copy of each sweep in files, from which a rebuilt database restores it: `sweeps/<id>.json` holds its record, and
 * `sweeps/<id>.scores.jsonl` one score a line, so that a score of many is appended. Written without fsync; the database decides.
 */

import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type RungScore,
  rungScoreSchema,
  type SweepRecord,
  sweepRecordSchema,
} from '../../shared/sweep/sweep.ts';
import { stringifyJson } from '../../shared/numbers/nonFinite.ts';
import { describeError } from '../../shared/text/describeError.ts';
import type { LabDatabase } from './database/database.ts';
import { writeFileAtomically } from './files/atomicFile.ts';
import { attempt, type FileSystem, nodeFileSystem } from './files/fileSystem.ts';

const withoutWaiting: FileSystem = { ...nodeFileSystem, sync: () => undefined, syncFolder: () => undefined };

/** Returns the folder of the copies; null for a database in memory, next to which nothing is written. */
function folderOf(db: LabDatabase): string | null {
  return db.memory ? null : join(dirname(db.name), 'sweeps');
}

const recordName = (id: string) => `${id}.json`;
const scoresName = (id: string) => `${id}.scores.jsonl`;

/** Writes the record of a sweep. If that fails the outdated copy is removed, so that the next start writes it again. */
export function copySweep(db: LabDatabase, record: SweepRecord): void {
  const folder = folderOf(db);
  if (folder === null) return;
  const bytes = new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileAtomically({ folder, name: recordName(record.id), bytes }, withoutWaiting);
  } catch {
    attempt(() => rmSync(join(folder, recordName(record.id)), { force: true }));
  }
}

/** Appends a score. If that fails both copies are removed, so that the next start writes them again. */
export function copyScore(db: LabDatabase, sweepId: string, score: RungScore): void {
  const folder = folderOf(db);
  if (folder === null) return;
  try {
    mkdirSync(folder, { recursive: true });
    appendFileSync(join(folder, scoresName(sweepId)), `${stringifyJson(score)}\n`);
  } catch {
    removeSweepCopy(db, sweepId);
  }
}

/** Removes the copies of a sweep that is deleted. */
export function removeSweepCopy(db: LabDatabase, id: string): void {
  const folder = folderOf(db);
  if (folder === null) return;
  for (const name of [recordName(id), scoresName(id)])
    attempt(() => rmSync(join(folder, name), { force: true }));
}

/** Returns whether a sweep has a copy of its record. */
export function hasSweepCopy(db: LabDatabase, id: string): boolean {
  const folder = folderOf(db);
  return folder === null || existsSync(join(folder, recordName(id)));
}

/** Writes both copies of a sweep again. */
export function copyWholeSweep(db: LabDatabase, record: SweepRecord, scores: readonly RungScore[]): void {
  removeSweepCopy(db, record.id);
  for (const score of scores) copyScore(db, record.id, score);
  copySweep(db, record);
}

/** A sweep as its copies have it, or why they cannot be read. */
export type SweepCopy =
  { readonly record: SweepRecord; readonly scores: readonly RungScore[] } | { readonly problem: string };

/** Reads the copies of the sweeps that `isKnown` does not have. */
export function readSweepCopies(db: LabDatabase, isKnown: (id: string) => boolean): SweepCopy[] {
  const folder = folderOf(db);
  if (folder === null || !existsSync(folder)) return [];
  const ids = readdirSync(folder).flatMap((name) => /^([a-z2-7]{8})\.json$/.exec(name)?.[1] ?? []);
  return ids.filter((id) => !isKnown(id)).map((id) => readCopy(folder, id));
}

function readCopy(folder: string, id: string): SweepCopy {
  const path = join(folder, recordName(id));
  try {
    const record = sweepRecordSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    if (record.id !== id) return { problem: `${path} holds sweep ${record.id}; give the file that name.` };
    return { record, scores: readScores(join(folder, scoresName(id))) };
  } catch (error) {
    return {
      problem: `${path} is not readable, the record of a sweep expected (${describeError(error)}). Put it back or move it away.`,
    };
  }
}

/** Reads the scores up to the first line that is damaged, such as the last one after a power cut. */
function readScores(path: string): RungScore[] {
  const scores: RungScore[] = [];
  for (const line of existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []) {
    const parsed = rungScoreSchema.safeParse(parseLine(line));
    if (!parsed.success) break;
    scores.push(parsed.data);
  }
  return scores;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
