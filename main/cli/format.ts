/** Runs, progress and tables as terminal text. */

import { formatDevice, formatPercent, formatTimeLeft } from '../../shared/text/format.ts';
import { displayWidth, padColumnsEnd } from '../../shared/text/terminalText.ts';
import type { BackendInfo, RunRecord, RunStatus } from '../../shared/run.ts';

/** Pads columns to their widest entry, measured in terminal columns. Cells are text already. */
export function formatColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column]))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => padColumnsEnd(cell, widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `1200 of 5000`, or `1200` if the total is unknown or limited by minutes. */
export function formatSteps(run: RunRecord): string {
  const isOpenEnded = run.totalSteps === null || run.config.train.minutes !== null;
  return isOpenEnded ? String(run.step) : `${run.step} of ${run.totalSteps}`;
}

/** `is paused`, `has crashed`. */
export function formatStatus(status: RunStatus): string {
  return `${status === 'crashed' || status === 'diverged' ? 'has' : 'is'} ${status}`;
}

/** `Computing with TensorFlow 2.21.0 on the CPU.`, and why no better backend is used. */
export function formatBackend({ backend, reason }: { backend: BackendInfo; reason: string | null }): string {
  return `Computing with ${formatDevice(backend)}.${reason ? ` ${reason}` : ''}`;
}

/** What is wrong with a run, and what to try. */
export function describeWarning(warning: string): string {
  return `Warning: ${warning}`;
}

/** Which part runs without a compiled graph, and why. */
export function formatEager({ what, reason }: { what: string; reason: string | null }): string {
  const part = what === 'training step' ? '' : `"${what}" `;
  return `Running ${part}operation by operation: ${reason}`;
}

/** `downloading: 54525952 of 170052171`, or `connecting …`. */
export function formatProgress({
  phase,
  done,
  total,
  fraction,
  secondsLeft = null,
}: {
  phase: string;
  done: number;
  total: number | null;
  /** Of the whole job, 0 to 1. */
  fraction?: number;
  secondsLeft?: number | null;
}): string {
  if (phase === 'connecting') return 'connecting …';
  const part = `${phase}: ${done}${total === null ? '' : ` of ${total}`}`;
  if (fraction === undefined) return part;
  const left = secondsLeft === null ? '' : ` · ${formatTimeLeft(secondsLeft)}`;
  return `${formatPercent(fraction)} · ${part}${left}`;
}
