import { fork } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { UtilityProcess } from 'electron';
import { describe, expect, it } from 'vitest';
import { createUtilityHost, type ProcessMaker } from '../../main/shell/utilityHost.ts';
import { startTraining } from '../../main/jobs/training.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { readMetrics } from '../../main/store/runs/metrics.ts';
import { smallConfig, writeImages } from '../jobs/smallRun.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

const port = resolve(import.meta.dirname, '../support/parentPort.mjs');

/** Emulates Electron's utility process with `fork`; the compute process finds a port in place of fork's channel. */
const maker: ProcessMaker = {
  fork(entry) {
    const child = fork(entry, {
      execArgv: ['--import', port],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    return Object.assign(child, {
      postMessage: (message: object) => void (child.connected && child.send(message)),
    }) as UtilityProcess;
  },
};

describe('a compute process behind a port', () => {
  it('trains a run to the end, and none of its messages is lost', async () => {
    const store = openExampleStore();
    const config = smallConfig(await writeImages(join(makeTemporaryFolder(), 'pictures')));
    const { id } = insertRun(store, { name: 'port', config });
    const lines: string[] = [];
    const createHost = () => createUtilityHost(maker, (line) => lines.push(line));
    const ended = await startTraining(store, id, { createHost, cacheFolder: makeTemporaryFolder() }).ended;
    expect([ended.status, ended.step, ended.error]).toEqual(['finished', 12, null]);
    expect(readMetrics(store.db, id, { names: ['loss'] }).map(({ step }) => step)).toEqual([
      1, 2, 4, 6, 8, 10, 12,
    ]);
    expect(lines.join('\n')).not.toMatch(/oneDNN|absl/);
  });

  it('exits immediately if it is killed', async () => {
    const host = createUtilityHost(maker, () => undefined);
    host.kill();
    expect(await host.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });
});
