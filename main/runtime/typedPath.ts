/**
 * The one place that turns a path as somebody typed it into an absolute path: an argument, an option, the part of a data
 * source after its colon, or an environment variable. Relative paths start from the folder the user is in, also where npm
 * has changed to the project's folder.
 */

import { existsSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeFileError } from '../../shared/text/describeError.ts';
import { findHomeFolder } from '../../shared/text/homeFolder.ts';

/** What a typed path depends on; the default is this process. */
export interface PathContext {
  readonly platform: NodeJS.Platform;
  /** Where relative paths start. */
  readonly folder: string;
  /** null: the account has none. */
  readonly homeFolder: () => string | null;
}

export interface TypedPath {
  readonly path: string;
  /** Ends in a slash: it names a folder, also where nothing is there yet. */
  readonly isFolder: boolean;
}

/** A path that cannot be meant, or leads to nothing; the message says which absolute path was looked at. */
export class TypedPathError extends Error {
  override readonly name = 'TypedPathError';
}

/** Scripts of package.json that npm starts this program with. */
const npmScripts = /^(?:pre)?(?:start|lab|demo|dev|setup|parity)$/;
/** Of one name; Windows counts characters instead of bytes. */
const longestName = 255;
/** Of a whole path, with room for a temporary name: Linux takes 4095 bytes, macOS 1023. */
const longestPath: Partial<Record<NodeJS.Platform, number>> = { linux: 4060, darwin: 990 };

/** @throws TypedPathError when it is empty, names another user's home folder, or is longer than the system allows. */
export function resolveTypedPath(text: string, context?: PathContext): string {
  return readTypedPath(text, context).path;
}

/** As `resolveTypedPath`, and whether a folder is meant. */
export function readTypedPath(text: string, context: PathContext = currentContext()): TypedPath {
  const { platform, folder } = context;
  // What is there under exactly this name is meant, whatever it looks like.
  const isLiteral = text !== '' && !startsWithHome(text) && existsSync(resolve(folder, text));
  const words = isLiteral ? text : readUrl(unquote(text));
  if (words === '') throw new TypedPathError('The path is empty. Give the path of a file or folder.');
  const isThisSystems = isLiteral || platform === 'win32' || !/^[A-Za-z]:[\\/]/.test(words);
  if (!isThisSystems)
    throw new TypedPathError(
      `${words} is a path of Windows, which this system does not have. Give a path that starts with / or ~/.`,
    );
  const path = resolve(folder, isLiteral ? words : expandHome(words, context));
  assertShort(path, platform);
  return { path, isFolder: (platform === 'win32' ? /[\\/]$/ : /\/$/).test(words) };
}

/** What is at an absolute path; null: nothing. @throws TypedPathError when the system does not let us look. */
export function lookAt(path: string): 'file' | 'folder' | 'other' | null {
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

/** `The file /a/b.png does not exist.`, and which folder on the way to it is missing. */
export function describeMissing(path: string, what: 'file' | 'folder' | 'file or folder'): string {
  const missing = `The ${what} ${path} does not exist`;
  let gone = path;
  let nearest = dirname(path);
  while (lookAt(nearest) === null) [gone, nearest] = [nearest, dirname(nearest)];
  if (lookAt(nearest) !== 'folder') return `${missing}: ${nearest} is a file, not a folder.`;
  return gone === path ? `${missing}.` : `${missing}: ${gone} is not there.`;
}

/**
 * The absolute path of a file that is there. `next`: what the user can do, as a sentence.
 * @throws TypedPathError when there is none, or it is a folder.
 */
export function requireFile(text: string, next: string, context?: PathContext): string {
  const path = resolveTypedPath(text, context);
  const found = lookAt(path);
  if (found === 'folder') throw new TypedPathError(`${path} is a folder; a file was expected. ${next}`);
  if (found === null) throw new TypedPathError(`${describeMissing(path, 'file')} ${next}`);
  return path;
}

/** The folder that relative paths start from: npm's INIT_CWD where npm started this program in the project's folder. */
export function callerFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  current: string = process.cwd(),
  root: string = findRoot(import.meta.dirname),
): string {
  const { INIT_CWD: initial, npm_lifecycle_event: script, npm_package_json: manifest } = environment;
  if (!initial || !isAbsolute(initial) || !npmScripts.test(script ?? '')) return current;
  // npm starts its scripts in the folder of package.json. Elsewhere, somebody has changed the folder since.
  const isStartedByNpm = isSame(current, root) && (!manifest || isSame(dirname(manifest), root));
  return isStartedByNpm ? initial : current;
}

/** This process. `environment`: as `process.env`. */
export function currentContext(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): PathContext {
  return {
    platform: process.platform,
    folder: callerFolder(environment),
    homeFolder: () => findHomeFolder(homedir),
  };
}

/** Spaces and quotes that came along when the path was pasted. */
function unquote(text: string): string {
  const trimmed = text.trim();
  const quoted = /^(["'])(.+)\1$/s.exec(trimmed);
  return quoted ? quoted[2].trim() : trimmed;
}

function readUrl(text: string): string {
  if (!/^file:/i.test(text)) return text;
  try {
    return fileURLToPath(text);
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
    if (home) return join(home, rest);
    throw new TypedPathError(`${text}: this account has no home folder. Give the path from its start: /…`);
  }
  const other = /^~([^\\/]+)/.exec(text)?.[1];
  if (other === undefined) return text;
  const slash = platform === 'win32' ? '\\' : '/';
  throw new TypedPathError(
    `${text}: ~ stands for your own home folder only, not for that of "${other}". Give the path from its start, or .${slash}${text} for a name that begins with ~.`,
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

/** The project's root, the folder with package.json: nearer to the sources than to what is built from them. */
export function findRoot(from: string): string {
  const above = dirname(from);
  return existsSync(join(from, 'package.json')) || above === from ? from : findRoot(above);
}
