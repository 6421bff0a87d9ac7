/** Numbers and runs as words. */

import type { BackendInfo, ExecutionKind, RunRecord, RunStatus } from '../../shared/run.ts';

/** `48 s`, `3 min 20 s`, `2 h 05 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Columns padded to the widest entry; numbers are the caller's business. */
export function formatColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `1200 of 5000`, or what is known of it. */
export function formatSteps(run: RunRecord): string {
  const isOpenEnded = run.totalSteps === null || run.config.train.minutes !== null;
  return isOpenEnded ? String(run.step) : `${run.step} of ${run.totalSteps}`;
}

/** `is paused`, `has crashed`: what stands behind a run's name. */
export function formatStatus(status: RunStatus): string {
  return `${status === 'crashed' || status === 'diverged' ? 'has' : 'is'} ${status}`;
}

export function formatDecibels(value: number | null): string {
  return value === null ? '–' : `${value.toFixed(2)} dB`;
}

/** `Computing with TensorFlow 2.21.0 on the CPU.`, and why not with anything better. */
export function formatBackend({ backend, reason }: { backend: BackendInfo; reason: string | null }): string {
  return `Computing with ${formatDevice(backend)}.${reason ? ` ${reason}` : ''}`;
}

/** What is not run as one graph, and why. */
export function formatEager({ what, reason }: { what: string; reason: string | null }): string {
  const part = what === 'training step' ? '' : `"${what}" `;
  return `Running ${part}operation by operation: ${reason}`;
}

/** `TensorFlow 2.21.0 on the CPU`, and how training steps ran on it where that is known. */
export function formatDevice({ kind, version, device, execution }: BackendInfo): string {
  const name = `${kind === 'tensorflow' ? 'TensorFlow' : 'WASM'} ${version} on the ${device}`;
  return execution ? `${name}, ${executionWords[execution]}` : name;
}

const executionWords: Readonly<Record<ExecutionKind, string>> = {
  compiled: 'as one graph',
  eager: 'operation by operation',
};
