import { describe, expect, it } from 'vitest';
import { parseReading, watchGpu } from '../../main/jobs/gpuWatch.ts';

describe('the GPU watch', () => {
  it('reads per cent and MiB, and nothing from a driver that reports neither', () => {
    expect(parseReading('37, 1024')).toEqual({ utilisation: 37, memoryBytes: 2 ** 30 });
    expect(parseReading('[N/A], 1024')).toBeNull();
    expect(parseReading('NVIDIA-SMI has failed')).toBeNull();
  });

  it('keeps the newest reading until its process ends', () => {
    let line: (text: string) => void = () => undefined;
    let end: () => void = () => undefined;
    let isKilled = false;
    const watch = watchGpu(() => ({
      onLine: (receive) => void (line = receive),
      onEnd: (receive) => void (end = receive),
      kill: () => void (isKilled = true),
    }));
    expect(watch.latest()).toBeNull();
    line('10, 1');
    line('20, 2');
    line('unreadable');
    expect(watch.latest()).toEqual({ utilisation: 20, memoryBytes: 2 ** 21 });
    end();
    expect(watch.latest()).toBeNull();
    watch.close();
    expect(isKilled).toBe(true);
  });
});
