/** The data folder and the configuration folder: where they are, the paths in them, and the ids in these paths. */

import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describeError } from '../../shared/text/describeError.ts';
import { findHomeFolder, requireHomeFolder } from '../../shared/text/homeFolder.ts';
import { callerFolder, findPathKind, type PathContext, resolveTypedPath } from '../runtime/typedPath.ts';
import { makeFolder } from './files/atomicFile.ts';

/** What the locations depend on; by default this process. */
export interface Environment {
  readonly platform: NodeJS.Platform;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** May throw when the account has no home folder. */
  readonly homeFolder: () => string;
}

const applicationName = 'sparse-field-lab';
const runIdPattern = /^[a-z2-7]{8}$/;
const contentIdPattern = /^[0-9a-f]{16}$/;

/**
 * Returns the absolute path of the data folder, whether it exists or not: `override` (`--data-dir`), else
 * SPARSE_FIELD_LAB_DATA, else the platform's folder for application data.
 * @throws Error when there is no home folder to put it in; TypedPathError when the path is not valid.
 */
export function locateDataFolder(override?: string, environment: Environment = currentEnvironment()): string {
  const typed = override || environment.variables.SPARSE_FIELD_LAB_DATA;
  return typed ? resolveTypedPath(typed, contextOf(environment)) : resolve(defaultFolder(environment));
}

/**
 * Returns the data folder as `locateDataFolder` does, and creates it if it is missing.
 * @throws Error also when the folder cannot be created or is not writable.
 */
export function resolveDataFolder(
  override?: string,
  environment: Environment = currentEnvironment(),
): string {
  const folder = locateDataFolder(override, environment);
  try {
    if (findPathKind(folder) === null) makeFolder(folder);
    assertUsable(folder);
  } catch (error) {
    throw unusable(folder, error);
  }
  return folder;
}

/**
 * Returns the data folder for commands that only read, without creating anything; null when it has no runs yet.
 * @throws Error when a folder was named that does not exist, or when it cannot be used.
 */
export function findDataFolder(
  override?: string,
  environment: Environment = currentEnvironment(),
): string | null {
  const folder = locateDataFolder(override, environment);
  if (findPathKind(folder) === null) {
    if (!override && !environment.variables.SPARSE_FIELD_LAB_DATA) return null;
    const name = override ? '--data-dir' : 'SPARSE_FIELD_LAB_DATA';
    throw new Error(
      `No data folder at ${folder}. Check ${name}. "lab train", "lab import" and the application create a new one.`,
    );
  }
  try {
    assertUsable(folder);
  } catch (error) {
    throw unusable(folder, error);
  }
  return holdsRuns(folder) ? folder : null;
}

/** Returns whether a folder has a database, or the run folders that a lost one is rebuilt from. */
function holdsRuns(folder: string): boolean {
  return existsSync(databaseFile(folder)) || existsSync(join(folder, 'runs'));
}

function assertUsable(folder: string): void {
  if (findPathKind(folder) !== 'folder') throw new Error(`${folder} is a file, not a folder.`);
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
}

function unusable(folder: string, error: unknown): Error {
  return new Error(
    `The data folder ${folder} cannot be used: ${describeError(error)} Give a folder that you may write with --data-dir or SPARSE_FIELD_LAB_DATA.`,
    { cause: error },
  );
}

/** `<data>/lab.sqlite`. */
export function databaseFile(dataFolder: string): string {
  return join(dataFolder, 'lab.sqlite');
}

/** `<data>/runs/<id>`. @throws Error when `id` is not 8 characters of [a-z2-7], so that no name ever becomes a path. */
export function runFolder(dataFolder: string, id: string): string {
  return join(dataFolder, 'runs', checkRunId(id));
}

/** `<data>/trash/<id>`: the folder of a deleted run. @throws Error as `runFolder`. */
export function trashFolder(dataFolder: string, id: string): string {
  return join(dataFolder, 'trash', checkRunId(id));
}

/** Returns the path of one of the user's images. @throws Error when `id` is no content id. */
export function imageFile(dataFolder: string, id: string): string {
  return join(imagesFolder(dataFolder), `${checkContentId(id)}.png`);
}

/** Returns the path of a mask, white where known. @throws Error as `imageFile`. */
export function maskFile(dataFolder: string, id: string): string {
  return join(masksFolder(dataFolder), `${checkContentId(id)}.png`);
}

export function imagesFolder(dataFolder: string): string {
  // The folder's name is part of the stored format.
  return join(dataFolder, 'pictures');
}

export function masksFolder(dataFolder: string): string {
  return join(dataFolder, 'masks');
}

/** `<data>/inpaintings/<id>`: the results of one inpainting, one file per image. @throws Error as `runFolder`. */
export function inpaintingFolder(dataFolder: string, id: string): string {
  return join(inpaintingsFolder(dataFolder), checkRunId(id));
}

/** `<data>/reports/<id>`: a report of several runs, file by file. @throws Error as `runFolder`. */
export function reportFolder(dataFolder: string, id: string): string {
  return join(reportsFolder(dataFolder), checkRunId(id));
}

/** Returns the folder of the reports that the application writes; the terminal writes them where the user says. */
export function reportsFolder(dataFolder: string): string {
  return join(dataFolder, 'reports');
}

export function inpaintingsFolder(dataFolder: string): string {
  return join(dataFolder, 'inpaintings');
}

/** Returns the folder in which imported runs are assembled before they move to `runs`. */
export function importsFolder(dataFolder: string): string {
  return join(dataFolder, 'imports');
}

/** Returns the folder of exported runs that wait to be downloaded. */
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

/** Returns what the resolution of typed paths depends on. */
function contextOf(environment: Environment): PathContext {
  return {
    platform: process.platform,
    folder: callerFolder(environment.variables),
    homeFolder: () => findHomeFolder(environment.homeFolder),
  };
}

function currentEnvironment(): Environment {
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
  // The XDG specification says to ignore relative paths.
  const base = custom?.startsWith('/') ? custom : join(findHome(environment), '.local', 'share');
  return join(base, applicationName);
}

/** Returns the home folder. @throws Error that names the variables to set when there is none. */
function findHome({ homeFolder }: Environment, place: 'data' | 'config' = 'data'): string {
  return requireHomeFolder(homeFolder, place);
}

/**
 * Returns the absolute path of the folder for settings, presets, the window state and the log, without creating it:
 * SPARSE_FIELD_LAB_CONFIG, else the platform's folder for configuration.
 * @throws Error when there is no home folder to put it in.
 */
export function resolveConfigFolder(environment: Environment = currentEnvironment()): string {
  const { platform, variables } = environment;
  const own = variables.SPARSE_FIELD_LAB_CONFIG;
  if (own) return resolveTypedPath(own, contextOf(environment));
  if (platform === 'win32') {
    return join(
      variables.APPDATA || join(findHome(environment, 'config'), 'AppData', 'Roaming'),
      applicationName,
    );
  }
  if (platform === 'darwin') {
    return join(findHome(environment, 'config'), 'Library', 'Application Support', applicationName);
  }
  const custom = variables.XDG_CONFIG_HOME;
  // The XDG specification says to ignore relative paths.
  return join(
    custom?.startsWith('/') ? custom : join(findHome(environment, 'config'), '.config'),
    applicationName,
  );
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** Returns a random id of 8 characters that are easy to read, type and use in paths. */
export function createShortId(isTaken: (id: string) => boolean): string {
  for (;;) {
    const id = Array.from(randomBytes(8), (byte) => alphabet[byte % 32]).join('');
    if (!isTaken(id)) return id;
  }
}
