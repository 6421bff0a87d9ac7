/** Errors as sentences: those of the file system explained, all others by their own message. */

/** Properties that Node adds to an error of the operating system. */
interface SystemError {
  readonly code: string;
  readonly path?: unknown;
  readonly dest?: unknown;
}

/** The place of an error that names no path. */
const unnamed = 'a file';

/** Sentences by error code. `place`: the path, or a description of it. */
const sentences: Readonly<Record<string, (place: string) => string>> = {
  ENOENT: (place) => `${place} does not exist.`,
  ENOTDIR: (place) => `A part of the path ${place} is a file, not a folder.`,
  EISDIR: (place) => `${place} is a folder; a file was expected.`,
  EACCES: (place) => `You do not have permission to use ${place}.`,
  EPERM: (place) => `You do not have permission to change ${place}.`,
  EROFS: (place) => `${place} is on a read-only disk.`,
  ENAMETOOLONG: (place) => `The path ${place} is too long: a name may have at most 255 bytes.`,
  ENOSPC: (place) => `There is no space left on the disk${place === unnamed ? '' : ` of ${place}`}.`,
  EDQUOT: (place) => `Your disk quota is used up on the disk of ${place}.`,
  EFBIG: (place) => `${place} would be larger than its disk allows.`,
  EEXIST: (place) => `${place} exists already.`,
  ENOTEMPTY: (place) => `The folder ${place} is not empty.`,
  EBUSY: (place) => `${place} is in use by another program.`,
  ETXTBSY: (place) => `${place} is in use by another program.`,
  ELOOP: (place) => `${place} is a symbolic link that leads back to itself.`,
  EMFILE: () => 'Too many files are open at once; close other programs, then try again.',
  ENFILE: () => 'Too many files are open at once; close other programs, then try again.',
  EIO: (place) => `The disk reported an error at ${place}.`,
  ESTALE: (place) => `${place} is on a network disk that no longer answers.`,
  ENODEV: (place) => `The disk of ${place} is no longer there.`,
  ENXIO: (place) => `The disk of ${place} is no longer there.`,
  EXDEV: (place) => `${place} cannot be moved to another disk.`,
  EINVAL: (place) => `${place} is not a path that this disk accepts.`,
};

/** Sentences by the beginning of the code of an SQLite error. */
const databaseSentences: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'There is no space left on the disk of the database.',
  SQLITE_READONLY: 'The database is on a read-only disk, or you do not have permission to change it.',
  SQLITE_IOERR: 'The disk reported an error at the database.',
  SQLITE_BUSY: 'The database is in use by another program.',
};

/** Returns the message of an error; an error of the file system becomes a sentence that names the file, and one of SQLite a sentence. */
export function describeError(error: unknown): string {
  return (
    describeFileError(error) ??
    describeDatabaseError(error) ??
    describeMessage(error instanceof Error ? error.message : String(error))
  );
}

function describeDatabaseError(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = Object.keys(databaseSentences).find((name) => code === name || code.startsWith(`${name}_`));
  return known === undefined ? null : databaseSentences[known];
}

/** Replaces Node's file errors inside a message (`ENOENT: no such file or directory, open '/a'`) with sentences. */
export function describeMessage(message: string): string {
  return message.replace(
    /\b(E[A-Z]{2,15}): [^,:\n]+, [a-z]+ '([^'\n]*)'(?: -> '([^'\n]*)')?(\.?)/g,
    (raw, code: string, path: string, dest: string | undefined, stop: string) => {
      const sentence = Object.hasOwn(sentences, code) ? sentences[code](placeOf({ code, path, dest })) : raw;
      return stop === '' && raw !== message ? sentence.replace(/\.$/, '') : sentence;
    },
  );
}

/** Returns a sentence for an error of the file system; null for any other error. */
export function describeFileError(error: unknown): string | null {
  if (!isSystemError(error)) return null;
  const sentence = Object.hasOwn(sentences, error.code) ? sentences[error.code] : undefined;
  return sentence?.(placeOf(error)) ?? null;
}

function isSystemError(error: unknown): error is Error & SystemError {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return false;
  return typeof error.code === 'string';
}

/** Returns the path to name: for a temporary file its target, otherwise its folder. */
function placeOf({ path, dest }: SystemError): string {
  if (typeof dest === 'string') return dest;
  if (typeof path !== 'string' || path === '') return unnamed;
  return path.replace(/[\\/]\.tmp-[^\\/]*$/, '');
}
