/** Lines of the application log: filtering by level, and the text that is copied. */

import type { LogLine } from '../../../shared/appInfo.ts';

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
