/**
 * Turns a path as the user typed it into an absolute path: an argument, an option, the part of a data source after its
 * colon, or an environment variable. Relative paths start from the user's current folder, even if npm has changed to the
 * project's folder.
 */

import { existsSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, posix, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeFileError } from '../../shared/text/describeError.ts';
import { findHomeFolder } from '../../shared/text/homeFolder.ts';

/** The context in which a typed path is resolved; default: this process. */
export interface PathContext {
  readonly platform: NodeJS.Platform;
  /** Where relative paths start. */
  readonly folder: string;
  /** Returns null if the account has none. */
  readonly homeFolder: () => string | null;
}

export interface TypedPath {
  readonly path: string;
  /** It ends in a slash and therefore names a folder, even one that does not exist yet. */
  readonly isFolder: boolean;
}

/** An invalid path, or one that does not exist; the message names the absolute path. */
export class TypedPathError extends Error {
  override readonly name = 'TypedPathError';
}

/** Scripts of package.json with which npm starts this program. */
const npmScripts = /^(?:pre)?(?:start|lab|demo|dev|setup|parity)$/;
/** Maximum length of a name in bytes; Windows counts characters. */
const longestName = 255;
/** Maximum length of a path, with room for a temporary name: Linux accepts 4095 bytes, macOS 1023. */
const longestPath: Partial<Record<NodeJS.Platform, number>> = { linux: 4060, darwin: 990 };

/** @throws TypedPathError if it is empty, names another user's home folder, or is too long for the system. */
export function resolveTypedPath(text: string, context?: PathContext): string {
  return readTypedPath(text, context).path;
}

/** As `resolveTypedPath`; also reports whether the path names a folder. */
export function readTypedPath(text: string, context: PathContext = currentContext()): TypedPath {
  const { platform, folder } = context;
  // An existing file of exactly this name takes precedence over every interpretation.
  const { resolve } = pathsOf(platform);
  const isLiteral = text !== '' && !startsWithHome(text) && existsSync(resolve(folder, text));
  const unquoted = isLiteral ? text : readUrl(unquote(text), platform);
  if (unquoted === '') throw new TypedPathError('The path is empty. Give the path of a file or folder.');
  const isThisSystems = isLiteral || platform === 'win32' || !/^[A-Za-z]:[\\/]/.test(unquoted);
  if (!isThisSystems)
    throw new TypedPathError(
      `${unquoted} is a path of Windows, which this system does not have. Give a path that starts with / or ~/.`,
    );
  const path = resolve(folder, isLiteral ? unquoted : expandHome(unquoted, context));
  assertShort(path, platform);
  if (!isLiteral) assertNameable(path, platform);
  return { path, isFolder: (platform === 'win32' ? /[\\/]$/ : /\/$/).test(unquoted) };
}

function pathsOf(platform: NodeJS.Platform): typeof posix {
  return platform === 'win32' ? win32 : posix;
}

/** Returns what is at an absolute path; null if nothing is. @throws TypedPathError if access is denied. */
export function findPathKind(path: string): 'file' | 'folder' | 'other' | null {
  try {
    const found = statSync(path);
    if (found.isDirectory()) return 'folder';
    return found.isFile() ? 'file' : 'other';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new TypedPathError(describeFileError(error) ?? String(error), { cause: error });
  }
}

/** Returns a sentence such as `The file /a/b.png does not exist.`, with the missing folder on the way to it. */
export function describeMissing(path: string, what: 'file' | 'folder' | 'file or folder'): string {
  const missing = `The ${what} ${path} does not exist`;
  let gone = path;
  let nearest = dirname(path);
  while (findPathKind(nearest) === null) {
    gone = nearest;
    nearest = dirname(nearest);
  }
  if (findPathKind(nearest) !== 'folder') return `${missing}: ${nearest} is a file, not a folder.`;
  return gone === path ? `${missing}.` : `${missing}: ${gone} is not there.`;
}

/**
 * Returns the absolute path of an existing file. `next`: what the user can do otherwise, as a sentence.
 * @throws TypedPathError if it does not exist or is a folder.
 */
export function requireFile(text: string, next: string, context?: PathContext): string {
  const path = resolveTypedPath(text, context);
  const found = findPathKind(path);
  if (found === 'folder') throw new TypedPathError(`${path} is a folder; a file was expected. ${next}`);
  if (found === null) throw new TypedPathError(`${describeMissing(path, 'file')} ${next}`);
  return path;
}

/** Returns the folder from which relative paths start: npm's INIT_CWD if npm started this program in the project's folder. */
export function callerFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  current: string = process.cwd(),
  root: string = findRoot(import.meta.dirname),
): string {
  const { INIT_CWD: initial, npm_lifecycle_event: script, npm_package_json: manifest } = environment;
  if (!initial || !isAbsolute(initial) || !npmScripts.test(script ?? '')) return current;
  // npm starts its scripts in the folder of package.json; anywhere else, the folder was changed afterwards.
  const isStartedByNpm = isSame(current, root) && (!manifest || isSame(dirname(manifest), root));
  return isStartedByNpm ? initial : current;
}

/** Returns the context of this process. `environment`: as `process.env`. */
export function currentContext(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): PathContext {
  return {
    platform: process.platform,
    folder: callerFolder(environment),
    homeFolder: () => findHomeFolder(homedir),
  };
}

/** Removes spaces and quotes that were pasted together with the path. */
function unquote(text: string): string {
  const trimmed = text.trim();
  const quoted = /^(["'])(.+)\1$/s.exec(trimmed);
  return quoted ? quoted[2].trim() : trimmed;
}

function readUrl(text: string, platform: NodeJS.Platform): string {
  if (!/^file:/i.test(text)) return text;
  try {
    return fileURLToPath(text, { windows: platform === 'win32' });
  } catch {
    throw new TypedPathError(`${text} does not name a file of this machine. Give its path instead.`);
  }
}

function startsWithHome(text: string): boolean {
  return /^(?:~|\$HOME|\$\{HOME\})(?:[\\/]|$)/.test(text);
}

function expandHome(text: string, { homeFolder, platform }: PathContext): string {
  if (startsWithHome(text)) {
    const home = homeFolder();
    const rest = text.replace(/^(?:~|\$HOME|\$\{HOME\})/, '');
    if (home) return pathsOf(platform).join(home, rest);
    throw new TypedPathError(`${text}: this account has no home folder. Give the path from its start: /…`);
  }
  const other = /^~([^\\/]+)/.exec(text)?.[1];
  if (other === undefined) return text;
  const slash = platform === 'win32' ? '\\' : '/';
  throw new TypedPathError(
    `${text}: ~ means your own home folder only, not that of "${other}". Give the path from its start, or .${slash}${text} for a name that begins with ~.`,
  );
}

function assertShort(path: string, platform: NodeJS.Platform): void {
  const isWindows = platform === 'win32';
  const lengthOf = (text: string) => (isWindows ? text.length : Buffer.byteLength(text));
  const unit = isWindows ? 'characters' : 'bytes';
  const long = path.split(/[\\/]/).find((name) => lengthOf(name) > longestName);
  if (long !== undefined) {
    throw new TypedPathError(
      `The name ${abbreviate(long)} has ${lengthOf(long)} ${unit}; at most ${longestName} are possible. Choose a shorter name.`,
    );
  }
  const limit = longestPath[platform];
  if (limit === undefined || lengthOf(path) <= limit) return;
  throw new TypedPathError(
    `The path ${abbreviate(path)} has ${lengthOf(path)} ${unit}; at most ${limit} are possible. Choose a shorter path.`,
  );
}

/** @throws TypedPathError for names that Windows changes silently, or takes for a device. */
function assertNameable(path: string, platform: NodeJS.Platform): void {
  if (platform !== 'win32') return;
  for (const name of path.split(/[\\/]/)) {
    const reason = /^[A-Za-z]:$/.test(name) ? null : describeUnusable(name);
    if (reason !== null)
      throw new TypedPathError(`The name ${abbreviate(name)} ${reason}. Choose another name.`);
  }
}

function describeUnusable(name: string): string | null {
  if (/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name)) return 'is that of a device on Windows';
  if (/[. ]$/.test(name)) return 'ends with a dot or a space, which Windows removes';
  const [sign] = /[<>:"|?*]/.exec(name) ?? [];
  return sign === undefined ? null : `contains ${sign}, which Windows does not allow`;
}

function abbreviate(text: string): string {
  const letters = [...text];
  return letters.length > 60 ? `${letters.slice(0, 40).join('')}…${letters.slice(-10).join('')}` : text;
}

function isSame(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

/** Returns the project's root: the nearest folder above with a package.json. */
export function findRoot(from: string): string {
  const above = dirname(from);
  return existsSync(join(from, 'package.json')) || above === from ? from : findRoot(above);
}
