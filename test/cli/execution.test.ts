/** Real training: the way its steps run is told while it runs, in its JSON lines, and ever after. */

import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { smallOptions, writePictures } from '../jobs/smallRun.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { backend, describeNative } from '../support/backend.ts';
import { runLab } from './runLab.ts';

afterEach(() => vi.unstubAllEnvs());

async function trainTwoSteps() {
  const folder = makeTemporaryFolder();
  const source = await writePictures(join(folder, 'pictures'));
  const words = [...smallOptions(source), '--steps', '2', '--data-dir', folder];
  const trained = await runLab('train', ...words, '--json');
  expect(trained.code).toBe(0);
  const told = trained.lines().filter(({ event }) => event === 'execution');
  return { trained, told, shown: await runLab('show', 'latest', '--data-dir', folder) };
}

describeNative('training on native TensorFlow', () => {
  it('runs as one graph; its JSON lines say so, and so does lab show', async () => {
    const { trained, told, shown } = await trainTwoSteps();
    expect(told).toEqual([{ event: 'execution', what: 'training step', kind: 'compiled', reason: null }]);
    expect(trained.lines().at(-1)).toMatchObject({ run: { backend: { execution: 'compiled' } } });
    expect(trained.stderr).not.toContain('operation by operation');
    expect(shown.stdout).toContain(`TensorFlow ${backend.version} on the ${backend.device}, as one graph`);
  });

  it('runs operation by operation where that is asked for, and says why on stderr', async () => {
    vi.stubEnv('SPARSE_FIELD_LAB_EXECUTION', 'eager');
    const { trained, told, shown } = await trainTwoSteps();
    const reason = 'SPARSE_FIELD_LAB_EXECUTION is eager';
    expect(told).toEqual([{ event: 'execution', what: 'training step', kind: 'eager', reason }]);
    expect(trained.stderr).toContain(`Running operation by operation: ${reason}`);
    expect(shown.stdout).toContain(`on the ${backend.device}, operation by operation`);
  });
});

describe('training on WASM', () => {
  it('runs operation by operation, and says why on stderr', async () => {
    vi.stubEnv('SPARSE_FIELD_LAB_BACKEND', 'wasm');
    const { trained, told, shown } = await trainTwoSteps();
    const reason = 'graphs need native TensorFlow';
    expect(told).toEqual([{ event: 'execution', what: 'training step', kind: 'eager', reason }]);
    expect(trained.stderr).toContain(`Running operation by operation: ${reason}`);
    expect(shown.stdout).toContain('on the CPU, operation by operation');
  });
});
