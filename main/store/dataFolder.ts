/** Where runs and the database live: one folder, chosen by option, environment or the platform's custom. */

import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeFolder } from './files/makeFolder.ts';

/** What decides the place; the default is this process. */
export interface Environment {
  readonly platform: NodeJS.Platform;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** May throw when the account has no home folder. */
  readonly homeFolder: () => string;
}

export const applicationName = 'sparse-field-lab';
const runIdPattern = /^[a-z2-7]{8}$/;
const contentIdPattern = /^[0-9a-f]{16}$/;

/**
 * The data folder as an absolute path, created if missing: `override` (`--data-dir`), else SPARSE_FIELD_LAB_DATA, else the
 * platform's folder for application data.
 * @throws Error when there is no home folder to put it in, or the folder cannot be made or written.
 */
export function resolveDataFolder(
  override?: string,
  environment: Environment = currentEnvironment(),
): string {
  const folder = resolve(
    override || environment.variables.SPARSE_FIELD_LAB_DATA || defaultFolder(environment),
  );
  try {
    makeFolder(folder);
    // A file in that place fails here too: it has no entry ".".
    accessSync(join(folder, '.'), constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The data folder ${folder} cannot be used (${reason}); a folder that you may write is expected. Give another one with --data-dir or SPARSE_FIELD_LAB_DATA.`,
      { cause: error },
    );
  }
  return folder;
}

/** `<data>/lab.sqlite`. */
export function databaseFile(dataFolder: string): string {
  return join(dataFolder, 'lab.sqlite');
}

/** `<data>/runs/<id>`. @throws Error when `id` is not 8 characters of [a-z2-7], so that no name ever becomes a path. */
export function runFolder(dataFolder: string, id: string): string {
  return join(dataFolder, 'runs', checkRunId(id));
}

/** `<data>/trash/<id>`: where a deleted run waits. @throws Error as `runFolder`. */
export function trashFolder(dataFolder: string, id: string): string {
  return join(dataFolder, 'trash', checkRunId(id));
}

/** Where a picture that was taken in stands. @throws Error when `id` is no content id. */
export function pictureFile(dataFolder: string, id: string): string {
  return join(picturesFolder(dataFolder), `${checkContentId(id)}.png`);
}

/** Where a mask that was given stands, white where known. @throws Error as `pictureFile`. */
export function maskFile(dataFolder: string, id: string): string {
  return join(masksFolder(dataFolder), `${checkContentId(id)}.png`);
}

export function picturesFolder(dataFolder: string): string {
  return join(dataFolder, 'pictures');
}

export function masksFolder(dataFolder: string): string {
  return join(dataFolder, 'masks');
}

/** `<data>/inpaintings/<id>`: what came of one, picture by picture. @throws Error as `runFolder`. */
export function inpaintingFolder(dataFolder: string, id: string): string {
  return join(inpaintingsFolder(dataFolder), checkRunId(id));
}

/** `<data>/reports/<id>`: a report of several runs, file by file. @throws Error as `runFolder`. */
export function reportFolder(dataFolder: string, id: string): string {
  return join(dataFolder, 'reports', checkRunId(id));
}

export function inpaintingsFolder(dataFolder: string): string {
  return join(dataFolder, 'inpaintings');
}

/** Where a run that is imported is put together; finished, its folder moves to its place. */
export function importsFolder(dataFolder: string): string {
  return join(dataFolder, 'imports');
}

/** Exported runs until they are fetched. */
export function exportsFolder(dataFolder: string): string {
  return join(dataFolder, 'exports');
}

export function isRunId(text: string): boolean {
  return runIdPattern.test(text);
}

function checkContentId(id: string): string {
  if (contentIdPattern.test(id)) return id;
  throw new Error(`Id ${JSON.stringify(id)} found, 16 characters of 0-9 and a-f expected.`);
}

function checkRunId(id: string): string {
  if (isRunId(id)) return id;
  throw new Error(
    `Run id ${JSON.stringify(id)} found, 8 characters of a-z and 2-7 expected. Copy it from "lab runs".`,
  );
}

export function currentEnvironment(): Environment {
  return { platform: process.platform, variables: process.env, homeFolder: homedir };
}

function defaultFolder(environment: Environment): string {
  const { platform, variables } = environment;
  if (platform === 'win32') {
    return join(variables.LOCALAPPDATA || join(findHome(environment), 'AppData', 'Local'), applicationName);
  }
  if (platform === 'darwin') {
    return join(findHome(environment), 'Library', 'Application Support', applicationName);
  }
  const custom = variables.XDG_DATA_HOME;
  // The XDG rules have relative paths ignored.
  const base = custom?.startsWith('/') ? custom : join(findHome(environment), '.local', 'share');
  return join(base, applicationName);
}

export function findHome(environment: Environment): string {
  let home = '';
  try {
    home = environment.homeFolder();
  } catch {
    // An account without an entry in the user database: the message below says what to do.
  }
  if (home) return home;
  throw new Error(
    'No home folder found; a place for runs and their database is expected. Give one with --data-dir or SPARSE_FIELD_LAB_DATA.',
  );
}
