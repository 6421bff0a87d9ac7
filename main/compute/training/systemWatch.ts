/** Samples what the compute process uses while it trains: a few system calls every few seconds. */

import type { ComputeEvent } from '../protocol.ts';

export type SystemSample = Omit<
  Extract<ComputeEvent, { type: 'system' }>,
  'type' | 'step' | 'processSeconds'
>;

/** What a process has used so far. */
export interface SystemReading {
  readonly milliseconds: number;
  readonly cpuMicroseconds: number;
  readonly memoryBytes: number;
}

export interface SystemWatch {
  /** Called after every step. Returns the means since the sample before, null while the interval has not passed. */
  sample(step: number): SystemSample | null;
}

/** Milliseconds between two samples. */
const interval = 5000;

/** Starts at the first step that is sampled, so that compiling does not count. */
export function createSystemWatch(
  now: () => number = () => performance.now(),
  read: () => SystemReading = readProcess,
): SystemWatch {
  let last: (SystemReading & { readonly step: number }) | null = null;
  return {
    sample(step) {
      if (last !== null && now() - last.milliseconds < interval) return null;
      const before = last;
      const reading = read();
      last = { ...reading, step };
      if (before === null) return null;
      const milliseconds = reading.milliseconds - before.milliseconds;
      return {
        stepsPerSecond: (1000 * (step - before.step)) / milliseconds,
        cpuCores: (reading.cpuMicroseconds - before.cpuMicroseconds) / (1000 * milliseconds),
        memoryBytes: reading.memoryBytes,
      };
    },
  };
}

function readProcess(): SystemReading {
  const { user, system } = process.cpuUsage();
  return {
    milliseconds: performance.now(),
    cpuMicroseconds: user + system,
    memoryBytes: process.memoryUsage.rss(),
  };
}
