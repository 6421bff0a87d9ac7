import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../shared/text/describeError.ts';

function catchError(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('An error was expected.');
}

describe('describeError', () => {
  it('names the file and what is wrong with it', () => {
    expect(describeError(catchError(() => readFileSync('/no/such')))).toBe('/no/such does not exist.');
    expect(describeError(catchError(() => readFileSync('/')))).toMatch(/folder; a file was expected/);
    expect(describeError(catchError(() => readdirSync(import.meta.filename)))).toMatch(
      /is a file, not a folder/,
    );
    expect(describeError(catchError(() => readFileSync(`/${'n'.repeat(300)}`)))).toMatch(/at most 255 bytes/);
    const unnamed = catchError(() => renameSync('/no/.tmp-0000-1-01234567', '/no/name.png'));
    expect(describeError(unnamed)).toBe('/no/name.png does not exist.');
  });

  it('replaces error codes of the system, even inside another message', () => {
    const quoted = new Error("Cannot read /a: EACCES: permission denied, scandir '/a'. Choose another one.");
    expect(describeError(quoted)).toBe(
      'Cannot read /a: You do not have permission to use /a. Choose another one.',
    );
    const parenthesised = new Error("The file (ENOENT: no such file or directory, open '/b') is gone.");
    expect(describeError(parenthesised)).toBe('The file (/b does not exist) is gone.');
  });

  it('returns every other message unchanged', () => {
    expect(describeError(new Error('EVERYTHING: fine, see below'))).toBe('EVERYTHING: fine, see below');
    expect(describeError('text')).toBe('text');
  });
});
