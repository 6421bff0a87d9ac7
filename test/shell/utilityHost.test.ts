import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { runDoctor } from '../../main/runtime/doctor.ts';
import { createUtilityHost, measureInUtilityProcess } from '../../main/shell/utilityHost.ts';
import { startTraining } from '../../main/jobs/training.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { readMetrics } from '../../main/store/runs/metrics.ts';
import { smallConfig, writeImages } from '../jobs/smallRun.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { makeTemporaryFolder, sharedCacheFolder } from '../store/temporaryFolder.ts';
import { forkedUtilityProcess } from './fakeElectron.ts';

describe('a compute process behind a port', () => {
  it('trains a run to the end, and none of its messages is lost', async () => {
    const store = openExampleStore();
    const config = smallConfig(await writeImages(join(makeTemporaryFolder(), 'pictures')));
    const { id } = insertRun(store, { name: 'port', config });
    const lines: string[] = [];
    const createHost = () => createUtilityHost(forkedUtilityProcess, (line) => lines.push(line));
    const ended = await startTraining(store, id, { createHost, cacheFolder: sharedCacheFolder }).ended;
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

describe('the doctor of the application', () => {
  it('measures in utility processes, and those of them in further ones: the program of a package runs no scripts', async () => {
    const { execPath } = process;
    process.execPath = '/Applications/Sparse Field Lab';
    vi.stubEnv('SPARSE_FIELD_LAB_CACHE', sharedCacheFolder);
    onTestFinished(() => {
      process.execPath = execPath;
      vi.unstubAllEnvs();
    });
    const measured: string[][] = [];
    const maker = {
      fork(entry: string, args: string[]) {
        measured.push(args);
        return forkedUtilityProcess.fork(entry, args);
      },
    };
    const folders = { dataFolder: makeTemporaryFolder, configFolder: makeTemporaryFolder };
    const report = await runDoctor(folders, { depth: 'full', run: measureInUtilityProcess(maker) });
    expect(report.backend).not.toBeNull();
    expect(report.gigaflops).toBeGreaterThan(0);
    expect(measured.slice(0, 2)).toEqual([
      ['auto', 'full'],
      ['webgpu', 'card'],
    ]);
  });

  it('gives the reason of a measurement that fails, or takes too long', async () => {
    const measure = measureInUtilityProcess(forkedUtilityProcess);
    await expect(measure(['paper', 'quick'], 100_000)).rejects.toThrow('Unknown backend "paper"');
    await expect(measure(['wasm', 'full'], 1)).rejects.toThrow('longer than 0 s');
  });
});
