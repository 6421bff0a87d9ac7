/** Real training reports how its steps run: on stderr, in its JSON lines and in lab show. */

import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { smallOptions, writeImages } from '../jobs/smallRun.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { backend, describeNative } from '../support/backend.ts';
import { runLab } from './runLab.ts';

afterEach(() => vi.unstubAllEnvs());

async function trainTwoSteps() {
  const folder = makeTemporaryFolder();
  const source = await writeImages(join(folder, 'pictures'));
  const args = [...smallOptions(source), '--steps', '2', '--data-dir', folder];
  const trained = await runLab('train', ...args, '--json');
  expect(trained.code).toBe(0);
  const reported = trained.lines().filter(({ event }) => event === 'execution');
  return { trained, reported, shown: await runLab('show', 'latest', '--data-dir', folder) };
}

describeNative('training on native TensorFlow', () => {
  it('runs as one graph, as its JSON lines and lab show report', async () => {
    const { trained, reported, shown } = await trainTwoSteps();
    expect(reported).toEqual([{ event: 'execution', what: 'training step', kind: 'compiled', reason: null }]);
    expect(trained.lines().at(-1)).toMatchObject({ run: { backend: { execution: 'compiled' } } });
    expect(trained.stderr).not.toContain('operation by operation');
    expect(shown.stdout).toContain(`TensorFlow ${backend.version} on the ${backend.device}, as one graph`);
  });

  it('runs operation by operation on request and gives the reason on stderr', async () => {
    vi.stubEnv('SPARSE_FIELD_LAB_EXECUTION', 'eager');
    const { trained, reported, shown } = await trainTwoSteps();
    const reason = 'SPARSE_FIELD_LAB_EXECUTION is eager';
    expect(reported).toEqual([{ event: 'execution', what: 'training step', kind: 'eager', reason }]);
    expect(trained.stderr).toContain(`Running operation by operation: ${reason}`);
    expect(shown.stdout).toContain(`on the ${backend.device}, operation by operation`);
  });
});

describe('training on WASM', () => {
  it('runs operation by operation and gives the reason on stderr', async () => {
    vi.stubEnv('SPARSE_FIELD_LAB_BACKEND', 'wasm');
    const { trained, reported, shown } = await trainTwoSteps();
    const reason = 'graphs need native TensorFlow';
    expect(reported).toEqual([{ event: 'execution', what: 'training step', kind: 'eager', reason }]);
    expect(trained.stderr).toContain(`Running operation by operation: ${reason}`);
    expect(shown.stdout).toContain('on the CPU, operation by operation');
  });
});
