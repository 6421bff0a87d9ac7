/** Reads what the GPU does while a run trains on it: one `nvidia-smi` that reports every few seconds until it is ended. */

import { spawn } from 'node:child_process';

export interface GpuReading {
  /** Percentage of the last sampling period in which the GPU computed. */
  readonly utilisation: number;
  readonly memoryBytes: number;
}

export interface GpuWatch {
  /** The newest reading; null before the first, and where the GPU cannot be read. */
  latest(): GpuReading | null;
  close(): void;
}

/** The part of a child process that is used. */
export interface ReportingProcess {
  onLine(receive: (line: string) => void): void;
  /** Called once, when it has ended or could not be started. */
  onEnd(receive: () => void): void;
  kill(): void;
}

/** Seconds between two reports. */
const interval = 5;

export function watchGpu(start: () => ReportingProcess): GpuWatch {
  let latest: GpuReading | null = null;
  const child = start();
  child.onLine((line) => (latest = parseReading(line) ?? latest));
  child.onEnd(() => (latest = null));
  return { latest: () => latest, close: () => child.kill() };
}

/** Reads `37, 1234`: per cent and MiB. null: the driver does not report one of them, or says something else. */
export function parseReading(line: string): GpuReading | null {
  const found = /^(\d+), (\d+)$/.exec(line.trim());
  return found && { utilisation: Number(found[1]), memoryBytes: Number(found[2]) * 2 ** 20 };
}

/** `card`: as CUDA_VISIBLE_DEVICES names it; default: the first one that this process may see. */
export function startNvidiaSmi(card = process.env['CUDA_VISIBLE_DEVICES'] ?? ''): ReportingProcess {
  const [device] = card.split(',');
  const child = spawn(
    'nvidia-smi',
    [
      '--query-gpu=utilization.gpu,memory.used',
      '--format=csv,noheader,nounits',
      `--loop=${interval}`,
      // TensorFlow computes on the first GPU that it may see.
      `--id=${device || '0'}`,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  return {
    onLine(receive) {
      let rest = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(receive);
      });
    },
    onEnd: (receive) => void child.once('error', receive).once('exit', receive),
    kill: () => void child.kill(),
  };
}
