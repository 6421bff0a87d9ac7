/** Which lines of the log are shown, and how they are copied. */

import type { LogLine } from '../../../shared/appInfo.ts';
import type { RunRecord } from '../../../shared/run.ts';

export const logLevels = [
  { value: 'all', label: 'Everything' },
  { value: 'warnings', label: 'Warnings and errors' },
  { value: 'errors', label: 'Errors' },
] as const;
export type LogFilter = (typeof logLevels)[number]['value'];

export function filterLog(lines: readonly LogLine[], filter: LogFilter): readonly LogLine[] {
  if (filter === 'all') return lines;
  return lines.filter(({ level }) => level === 'error' || (filter === 'warnings' && level === 'warn'));
}

/** One line of text a line of the log: time (UTC), level, text. */
export function writeLog(lines: readonly LogLine[]): string {
  return lines.map(({ time, level, text }) => `${time} ${level} ${text}`).join('\n');
}

/** Lines that hold the run's id, or its name as words of their own. */
export function concerns(line: string, { id, name }: Pick<RunRecord, 'id' | 'name'>): boolean {
  if (line.includes(id)) return true;
  const start = line.indexOf(name);
  if (start < 0) return false;
  const isWord = (sign: string | undefined) => sign !== undefined && /[\p{L}\p{N}-]/u.test(sign);
  return !isWord(line[start - 1]) && !isWord(line[start + name.length]);
}
