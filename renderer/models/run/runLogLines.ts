/** The log of a run as the page shows and copies it. */

import { type RunLogKind, runLogKinds, type RunLogLine } from '../../../shared/runLog.ts';

export const logKindTitles: Readonly<Record<RunLogKind, string>> = {
  start: 'Start',
  phase: 'Phase',
  evaluation: 'Evaluation',
  study: 'Study',
  checkpoint: 'Checkpoint',
  preview: 'Preview',
  warning: 'Warning',
  error: 'Error',
  end: 'End',
};

/** Returns the kinds that occur, in their usual order. */
export function kindsOf(lines: readonly RunLogLine[]): RunLogKind[] {
  const found = new Set(lines.map(({ kind }) => kind));
  return runLogKinds.filter((kind) => found.has(kind));
}

/** Returns one line of text per log line: time (UTC), step, kind and text, separated by tabs. */
export function writeRunLog(lines: readonly RunLogLine[]): string {
  return lines.map(({ time, step, kind, text }) => [time, step, kind, text].join('\t')).join('\n');
}
