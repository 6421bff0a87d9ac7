/** Which lines of the application's log are about a run. */

import type { RunRecord } from '../../../shared/run.ts';

/** Lines that hold the run's id, or its name as words of their own. */
export function concerns(line: string, { id, name }: Pick<RunRecord, 'id' | 'name'>): boolean {
  if (line.includes(id)) return true;
  const start = line.indexOf(name);
  if (start < 0) return false;
  const isWord = (sign: string | undefined) => sign !== undefined && /[\p{L}\p{N}-]/u.test(sign);
  return !isWord(line[start - 1]) && !isWord(line[start + name.length]);
}
