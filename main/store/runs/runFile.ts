/** `run.json` in each run's folder: enough to put the run back into a new database. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../../../shared/config/config.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { isRunId } from '../dataFolder.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { type FileSystem, nodeFileSystem } from '../files/fileSystem.ts';

export interface RunFile {
  readonly id: string;
  readonly name: string;
  readonly preset: string;
  readonly config: RunConfig;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

const fileName = 'run.json';
/** Largest accepted run.json, in characters; a real one has a few thousand. */
const largestText = 1_000_000;

export function writeRunFile(folder: string, run: RunFile, fileSystem: FileSystem = nodeFileSystem): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(run, null, 2)}\n`);
  writeFileAtomically({ folder, name: fileName, bytes }, fileSystem);
}

export function hasRunFile(folder: string): boolean {
  return existsSync(join(folder, fileName));
}

/** Reads `run.json`. @throws Error naming the file and what is wrong with it. */
export function readRunFile(folder: string): RunFile {
  const path = join(folder, fileName);
  const text = readFileSync(path, 'utf8');
  const fault = (found: string): Error =>
    new Error(
      `${path}: ${found} found, the run's id, name, preset, config and createdAt expected. Mend or move that folder.`,
    );
  if (text.length > largestText) throw fault(`${text.length} characters`);
  const value: unknown = parseJson(text);
  if (typeof value !== 'object' || value === null) throw fault('no JSON object');
  const { id, name, preset, config, createdAt } = value as Record<string, unknown>;
  const isComplete = [id, name, preset, createdAt].every(
    (member) => typeof member === 'string' && member.length > 0,
  );
  if (!isComplete || !isRunId(String(id))) throw fault('an incomplete record');
  const parsed = runConfigSchema.safeParse(config);
  if (!parsed.success) throw fault(`a config with ${parsed.error.issues[0]?.message ?? 'faults'}`);
  return {
    id: String(id),
    name: String(name),
    preset: String(preset),
    config: parsed.data,
    createdAt: String(createdAt),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
