import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createUtilityHost } from '../../main/shell/utilityHost.ts';
import { startTraining } from '../../main/jobs/training.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { readMetrics } from '../../main/store/runs/metrics.ts';
import { smallConfig, writeImages } from '../jobs/smallRun.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { forkedUtilityProcess } from './fakeElectron.ts';

describe('a compute process behind a port', () => {
  it('trains a run to the end, and none of its messages is lost', async () => {
    const store = openExampleStore();
    const config = smallConfig(await writeImages(join(makeTemporaryFolder(), 'pictures')));
    const { id } = insertRun(store, { name: 'port', config });
    const lines: string[] = [];
    const createHost = () => createUtilityHost(forkedUtilityProcess, (line) => lines.push(line));
    const ended = await startTraining(store, id, { createHost, cacheFolder: makeTemporaryFolder() }).ended;
    expect([ended.status, ended.step, ended.error]).toEqual(['finished', 12, null]);
    expect(readMetrics(store.db, id, { names: ['loss'] }).map(({ step }) => step)).toEqual([
      1, 2, 4, 6, 8, 10, 12,
    ]);
    expect(lines.join('\n')).not.toMatch(/oneDNN|absl/);
  });

  it('exits immediately if it is killed', async () => {
    const host = createUtilityHost(forkedUtilityProcess, () => undefined);
    host.kill();
    expect(await host.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });
});
