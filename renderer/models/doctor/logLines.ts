/** Lines of the application log: filtering by level or run, and the text that is copied. */

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

/** Returns one line of text per log line: time (UTC), level, text. */
export function writeLog(lines: readonly LogLine[]): string {
  return lines.map(({ time, level, text }) => `${time} ${level} ${text}`).join('\n');
}

/** Whether a line is about a run: it contains the run's ID, or its name as a separate word. */
export function concerns(line: string, { id, name }: Pick<RunRecord, 'id' | 'name'>): boolean {
  if (line.includes(id)) return true;
  const start = line.indexOf(name);
  if (start < 0) return false;
  const isWord = (sign: string | undefined) => sign !== undefined && /[\p{L}\p{N}-]/u.test(sign);
  return !isWord(line[start - 1]) && !isWord(line[start + name.length]);
}
