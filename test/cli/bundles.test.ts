/** A run exported to another machine and continued there, through the commands, with real training. */

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { openStore } from '../../main/store/store.ts';
import { readNewestTensors, smallOptions, writeImages } from '../jobs/smallRun.ts';
import { insertFullRun } from '../store/bundle/exampleBundle.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { readLearnedMetrics } from '../store/learnedMetrics.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { runLab } from './runLab.ts';

// These processes start fastest with WASM, and the content of a file does not depend on the backend.
beforeAll(() => {
  vi.stubEnv('SPARSE_FIELD_LAB_BACKEND', 'wasm');
  vi.stubEnv('SPARSE_FIELD_LAB_EXECUTION', 'eager');
});
afterAll(() => vi.unstubAllEnvs());

/** What `lab import --json` prints, as far as it is read here. */
const importResultSchema = z.object({
  runs: z.array(z.object({ id: z.string(), step: z.number() })),
});

/** Returns a new data folder and a function that runs commands on it. */
function openMachine() {
  const folder = makeTemporaryFolder();
  return { folder, lab: (...args: readonly string[]) => runLab(...args, '--data-dir', folder) };
}

/** Reads the weights and metrics of a run, without times, which depend on the machine. */
function readLearned(folder: string, id: string) {
  const store = openStore(folder);
  const metrics = readLearnedMetrics(store, id);
  store.close();
  return { metrics, tensors: readNewestTensors(join(folder, 'runs', id)) };
}

describe('a run moved to another machine', () => {
  it('continues bit for bit as on the first machine, can be evaluated and used for inpainting', async () => {
    const [here, there] = [openMachine(), openMachine()];
    const source = await writeImages(join(here.folder, 'my images', 'waves'));
    await here.lab('train', '--name', 'small', ...smallOptions(source), '--steps', '7');
    const file = join(makeTemporaryFolder(), 'small.sparsefield');
    const [exported] = (await here.lab('export', 'small', '--out', file, '--json')).lines();
    expect(exported).toMatchObject({ file, missingData: 'waves' });
    expect(readFileSync(file, 'latin1')).not.toContain('my images');

    // The images have another path on that machine.
    const moved = join(there.folder, 'waves again');
    mkdirSync(moved);
    const bare = await there.lab('import', file, '--json');
    const { runs } = importResultSchema.parse(bare.lines()[0]);
    const [{ id }] = runs;
    expect([bare.code, runs[0].step]).toEqual([0, 7]);
    expect(bare.stderr).toMatch(/Its images \(waves\) are not on this machine.*--data SOURCE/);
    const refused = await there.lab('evaluate', 'small', '--images', '2');
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/“waves” are on the machine.*--data/),
    ]);
    const resumed = await there.lab('resume', 'small', '--steps', '12');
    expect(`${resumed.stdout}${resumed.stderr}`).toMatch(
      /“waves” are on the machine.*lab resume RUN --data SOURCE/,
    );
    const evaluated = await there.lab('evaluate', 'small', '--data', 'synthetic', '--images', '2', '--json');
    expect(evaluated.lines()[0]).toMatchObject({ run: id, step: 7 });
    const image = join(here.folder, 'my images', 'waves', 'picture-1.png');
    const out = join(there.folder, 'mended');
    expect((await there.lab('inpaint', 'small', image, '--out', out)).code).toBe(0);

    renameSync(join(here.folder, 'my images', 'waves'), join(moved, 'waves'));
    const data = `folder:${join(moved, 'waves')}`;
    const placed = await there.lab('import', file, '--copy', '--data', data, '--json');
    expect(placed.stderr).toBe('');
    const { runs: copies } = importResultSchema.parse(placed.lines()[0]);
    expect((await there.lab('resume', copies[0].id, '--steps', '12')).code).toBe(0);
    renameSync(join(moved, 'waves'), join(here.folder, 'my images', 'waves'));
    expect((await here.lab('resume', 'small', '--steps', '12')).code).toBe(0);
    const original = readLearned(here.folder, id);
    expect(original.metrics.at(-1)?.[0]).toBe(12);
    expect(readLearned(there.folder, copies[0].id)).toEqual(original);
  });
});

describe('lab export', () => {
  it('names the file after the run and overwrites only an export of that run', async () => {
    const store = openExampleStore();
    const { id } = await insertFullRun(store);
    const folder = makeTemporaryFolder();
    const lab = (...args: string[]) => runLab(...args, '--data-dir', store.dataFolder);
    const first = await lab('export', id, '--out', folder, '--checkpoints', 'newest');
    const file = join(folder, 'full run.sparsefield');
    expect(first.stdout).toMatch(
      /was written to .*full run\.sparsefield \([\d.]+ kB\)\.\nCheckpoints: 9\. Import it with: lab import .*full run/,
    );
    expect((await lab('export', id, '--out', file)).stdout).toContain('Checkpoints: 6, 9.');
    writeFileSync(file, 'somebody’s only copy');
    const refused = await lab('export', id, '--out', folder);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/already exists .* not overwritten/),
    ]);
    expect(readFileSync(file, 'utf8')).toBe('somebody’s only copy');
    const below = join(folder, 'new', 'one');
    expect((await lab('export', id, '--out', `${below}/`)).stdout).toContain(
      join(below, 'full run.sparsefield'),
    );
    expect((await lab('export', id, '--out', join(below, 'name'))).stdout).toContain(
      join(below, 'name.sparsefield'),
    );
    const long = await lab('export', id, '--out', join(folder, `${'猫'.repeat(82)}.sparsefield`));
    expect([long.code, long.stderr]).toEqual([
      2,
      expect.stringContaining('258 bytes; at most 255 are possible'),
    ]);
    expect((await lab('export', id, '--checkpoints', 'first')).stderr).toMatch(
      /expected newest, best or all/,
    );
  });
});

describe('lab import', () => {
  it('imports several files and reports each that is broken or already imported', async () => {
    const store = openExampleStore();
    const { id } = await insertFullRun(store);
    const folder = makeTemporaryFolder();
    await runLab('export', id, '--out', folder, '--data-dir', store.dataFolder);
    const file = join(folder, 'full run.sparsefield');
    const broken = join(folder, 'broken.sparsefield');
    writeFileSync(broken, readFileSync(file).subarray(0, 5000));
    const there = openMachine();
    const { code, stdout, stderr } = await there.lab('import', broken, file, file);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      new RegExp(`^Run ${id} "full run" was imported at step 9, with checkpoints 6, 9\\.\n$`),
    );
    expect(stderr).toMatch(/broken\.sparsefield: .* found, .* expected/);
    expect(stderr).toMatch(new RegExp(`Run ${id} "full run" is here already.*--copy`));
    const copied = await there.lab('import', file, '--copy', '--json');
    expect(copied.lines()).toEqual([
      { failed: [], runs: [expect.objectContaining({ name: 'full run 2', step: 9, checkpoints: [6, 9] })] },
    ]);
    expect(existsSync(join(there.folder, 'imports'))).toBe(true);
    const shown = await there.lab('show', id);
    expect(shown.stdout).toMatch(/Checkpoints: 9, 6 \(best\)/);
  });

  it('notes that the given images differ from those the run was trained on', async () => {
    const store = openExampleStore();
    const { id } = await insertFullRun(store);
    const folder = makeTemporaryFolder();
    await runLab('export', id, '--out', folder, '--data-dir', store.dataFolder);
    const data = await writeImages(join(folder, 'others'));
    const there = openMachine();
    const { code, stderr } = await there.lab('import', join(folder, 'full run.sparsefield'), '--data', data);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/holds 11 training images \(checksum .*\); run \w{8} was trained on 12/),
    ]);
  });
});
