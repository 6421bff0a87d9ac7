import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import type { RunConfigInput } from '../../shared/config/config.ts';
import { changeRunConfig } from '../../main/store/runs/runLifecycle.ts';
import { insertMetrics } from '../../main/store/runs/metrics.ts';
import { insertLogLine } from '../../main/store/runs/runLog.ts';
import { deletePreset, savePreset } from '../../main/store/presets.ts';
import { getRun, updateRun } from '../../main/store/runs/runs.ts';
import { endSegment, startSegment } from '../../main/store/runs/segments.ts';
import { presets, resolvePreset } from '../../shared/config/presets.ts';
import { insertExampleRun, openExampleStore } from '../store/exampleStore.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { runLab } from './runLab.ts';

/** Creates a data folder with runs of these names, oldest first, and returns a function that runs commands on it. */
function createLab(...names: readonly string[]) {
  const store = openExampleStore();
  const config: RunConfigInput = resolvePreset(presets[0]);
  const runs = names.map((name) => insertExampleRun(store, name, config));
  const lab = (...args: readonly string[]) => runLab(...args, '--data-dir', store.dataFolder);
  return { store, ids: runs.map(({ id }) => id), lab };
}

async function listNames(lab: (...args: string[]) => ReturnType<typeof runLab>, ...args: string[]) {
  const { lines } = await lab('runs', '--json', ...args);
  return z
    .object({ runs: z.array(z.object({ name: z.string() })) })
    .parse(lines()[0])
    .runs.map(({ name }) => name);
}

describe('lab log', () => {
  const segmentOf = (runId: string) => ({
    runId,
    fromStep: 0,
    backend: { kind: 'wasm', device: 'CPU', version: '4.22.0' } as const,
  });

  it('prints the lines of a run in columns, all or of some kinds, and as JSON', async () => {
    const { store, ids, lab } = createLab('first');
    insertLogLine(store.db, ids[0], { step: 0, kind: 'start', text: 'Training starts' }, 0);
    insertLogLine(store.db, ids[0], { step: 1200, kind: 'evaluation', text: 'PSNR 24.50 dB' }, 1000);
    const rows = (await lab('log', 'first')).stdout.trimEnd().split('\n');
    expect(rows[0]).toMatch(/^time +step +kind +what happened$/);
    expect(rows.slice(1).map((row) => row.replace(/^.*?(?:UTC|GMT\S*) +/, ''))).toEqual([
      '0     start       Training starts',
      '1200  evaluation  PSNR 24.50 dB',
    ]);
    const { lines } = await lab('log', 'first', '--kind', 'evaluation, error', '--json');
    expect(lines()[0]).toEqual({
      lines: [{ time: '1970-01-01T00:00:01.000Z', step: 1200, kind: 'evaluation', text: 'PSNR 24.50 dB' }],
    });
    const wrong = await lab('log', 'first', '--kind', 'loss');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('"loss" found, one of start, phase');
  });

  it('says of a run of an earlier version what its other tables say, up to the first line that was written', async () => {
    const { store, ids, lab } = createLab('first');
    endSegment(store.db, startSegment(store.db, segmentOf(ids[0])), 40);
    const place = { step: 20, processSeconds: 1, wallTime: Date.UTC(2000) };
    insertMetrics(store.db, ids[0], [{ ...place, name: 'evaluation/psnr', value: 24 }]);
    const read = async () => {
      const { lines } = await lab('log', 'first', '--json');
      return z
        .object({ lines: z.array(z.object({ kind: z.string() })) })
        .parse(lines()[0])
        .lines.map(({ kind }) => kind);
    };
    expect(await read()).toEqual(['evaluation', 'start', 'end']);
    insertLogLine(store.db, ids[0], { step: 0, kind: 'phase', text: 'reading' }, Date.UTC(2001, 5));
    expect(await read()).toEqual(['evaluation', 'phase']);
  });
});

describe('the name of a preset', () => {
  it('means its newest run in commands that read or continue a run', async () => {
    const { store, lab } = createLab();
    insertExampleRun(store, 'older', { preset: 'laptop' });
    const { id } = insertExampleRun(store, 'newer', { preset: 'laptop' });
    insertExampleRun(store, 'other', { preset: 'tiny' });
    expect((await lab('show', 'laptop')).stdout).toContain(`${id} "newer"`);
    insertLogLine(store.db, id, { step: 0, kind: 'start', text: 'Training of the newer run' }, 0);
    expect((await lab('log', 'laptop')).stdout).toContain('Training of the newer run');
    for (const command of ['evaluate', 'reconstruct'])
      expect((await lab(command, 'laptop', '--out', join(store.dataFolder, 'out'))).stderr).toContain(
        `${id} "newer" has no checkpoint`,
      );
    expect((await lab('show', 'denoiser')).stderr).toContain(
      'There is no run of the preset denoiser yet. Train one first: lab train --preset denoiser --minutes 10.',
    );
  });

  it('deletes nothing: the message lists the runs to choose from', async () => {
    const { store, lab } = createLab('first');
    const { id } = insertExampleRun(store, 'night', { preset: 'tiny' });
    const { code, stderr } = await lab('delete', 'tiny');
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`"tiny" is a preset; expected a run. Its newest runs: ${id} "night".`),
    ]);
    expect(await listNames(lab)).toEqual(['night', 'first']);
    insertExampleRun(store, 'tiny', { preset: 'tiny' });
    expect((await lab('delete', 'tiny')).code).toBe(0);
    expect(await listNames(lab)).toEqual(['night', 'first']);
  });
});

describe('lab runs', () => {
  it('lists the runs, newest first, in aligned columns', async () => {
    const { ids, lab } = createLab('first', 'a much longer name');
    const rows = (await lab('runs')).stdout.trimEnd().split('\n');
    expect(rows[0]).toMatch(/^id +name +status +preset +data +step +best +trained +created$/);
    expect(rows.slice(1).map((row) => row.slice(0, 8))).toEqual([ids[1], ids[0]]);
    expect(new Set(rows.slice(1).map((row) => row.indexOf('queued')))).toEqual(
      new Set([rows[0].indexOf('status')]),
    );
  });

  it('filters by part of the name, ID or preset and by status', async () => {
    const { store, ids, lab } = createLab('Apple', 'pear', 'pineapple');
    updateRun(store.db, ids[1], { status: 'paused' });
    expect(await listNames(lab, '--find', 'apple')).toEqual(['pineapple', 'Apple']);
    expect(await listNames(lab, '--find', ids[1].slice(0, 6))).toEqual(['pear']);
    expect(await listNames(lab, '--status', 'paused')).toEqual(['pear']);
    expect(await listNames(lab, '--status', 'paused', '--find', 'apple')).toEqual([]);
  });

  it('explains an empty list', async () => {
    const { lab } = createLab();
    expect((await lab('runs')).stdout).toMatch(/No runs yet in .*\. "npm run demo"/);
    expect((await lab('runs', '--find', 'x')).stdout).toMatch(/No matching runs/);
    expect((await lab('runs', '--trash')).stdout).toMatch(/trash is empty/);
    expect((await lab('runs', '--json')).lines()).toEqual([{ runs: [] }]);
  });

  it('cuts long names to 40 terminal columns', async () => {
    const { lab } = createLab('験'.repeat(120), 'short');
    const lines = (await lab('runs')).stdout.trimEnd().split('\n');
    expect(lines[1].length).toBeLessThan(130);
    expect(lines[2]).toContain(`${'験'.repeat(19)}…`);
  });

  it('names a missing data folder and does not create it', async () => {
    const folder = makeTemporaryFolder();
    const typo = join(folder, 'typo');
    const commands = [['runs'], ['show', 'latest'], ['evaluate', 'x'], ['export', 'x'], ['delete', 'x']];
    for (const args of commands) {
      const { code, stderr } = await runLab(...args, '--data-dir', `${typo}/`);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`No data folder at ${typo}. `)]);
    }
    const missing = join(folder, 'gone', 'run.sparsefield');
    const imported = await runLab('import', missing, '--data-dir', typo);
    expect([imported.code, imported.stderr]).toEqual([
      2,
      expect.stringContaining(`The file ${missing} does not exist: ${join(folder, 'gone')} is not there.`),
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not create the default data folder', async () => {
    const home = makeTemporaryFolder();
    vi.stubEnv('SPARSE_FIELD_LAB_DATA', '');
    vi.stubEnv('XDG_DATA_HOME', home);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { code, stdout } = await runLab('runs');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^No runs yet in .*sparse-field-lab\./)]);
    expect(readdirSync(home)).toEqual([]);
  });

  it('names a folder that it cannot use and how to choose another', async () => {
    const folder = makeTemporaryFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { code, stderr } = await runLab('runs', '--data-dir', file);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/cannot be used: .*file is a file.*--data-dir/),
    ]);
    // The system's administrator may write everywhere, and Windows has other permissions.
    if (process.getuid === undefined || process.getuid() === 0) return;
    chmodSync(folder, 0o500);
    onTestFinished(() => chmodSync(folder, 0o700));
    expect((await runLab('runs', '--data-dir', folder)).code).toBe(1);
  });
});

describe('a run is found', () => {
  it('by latest, its ID, the start of its ID, and its name', async () => {
    const { ids, lab } = createLab('old', 'new');
    const references = ['latest', ids[1], ids[1].slice(0, 7), 'new'];
    for (const reference of references) {
      const [{ run }] = (await lab('show', reference, '--json')).lines();
      expect(run).toMatchObject({ id: ids[1], name: 'new' });
    }
  });

  it('by nothing else; the error says what is expected', async () => {
    const { lab } = createLab('old');
    const { code, stderr } = await lab('show', 'older');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/No run "older" found\. .*latest.*"lab runs"/)]);
    expect((await createLab().lab('show', 'latest')).code).toBe(1);
  });
});

describe('lab show', () => {
  it('prints status, folder and the parameters that differ from the preset', async () => {
    const { store, ids, lab } = createLab('one');
    updateRun(store.db, ids[0], { status: 'crashed', error: 'It broke.', bestPsnr: 21.5 });
    const { stdout } = await lab('show', 'one');
    expect(stdout).toMatch(/^run +\w{8} "one"$/m);
    expect(stdout).toMatch(/^status +crashed: It broke\.$/m);
    expect(stdout).toMatch(/^best evaluation +21\.50 dB$/m);
    expect(stdout).toContain(store.runFolder(ids[0]));
    expect(stdout).toMatch(/differ from the preset:\n {2}none\n/);
    expect(stdout).toContain('Checkpoints: none yet');
  });

  it('prints the warning and the measured unit of the path', async () => {
    const { store, ids, lab } = createLab('one');
    updateRun(store.db, ids[0], { warning: 'The network’s output is zero.' });
    expect((await lab('show', 'one')).stdout).toMatch(/^residual +measured at the start$/m);
    const { config } = getRun(store.db, ids[0]);
    const measured = { residual: 0.04149, images: 256 };
    changeRunConfig(store, ids[0], { ...config, path: { ...config.path, measured } });
    const { stdout } = await lab('show', 'one');
    expect(stdout).toMatch(/^warning +The network’s output is zero\.$/m);
    expect(stdout).toMatch(/^residual +0\.0415 \(256 images\)$/m);
    expect(stdout).toMatch(/differ from the preset:\n {2}none\n/);
    const [{ run }] = (await lab('show', 'one', '--json')).lines() as [{ run: unknown }];
    expect(run).toMatchObject({ warning: 'The network’s output is zero.', config: { path: { measured } } });
  });

  it('prints everything stored as one JSON object with --json', async () => {
    const { lab } = createLab('one');
    const [shown] = (await lab('show', 'one', '--json')).lines();
    const lists = { metrics: [], checkpoints: [], evaluations: [], previews: [], segments: [] };
    expect(shown).toEqual({ run: expect.objectContaining({ name: 'one', status: 'queued' }), ...lists });
  });

  it('names each changed parameter with both values', async () => {
    const store = openExampleStore();
    const preset = resolvePreset(presets[0]);
    insertExampleRun(store, 'other', { ...preset, seed: 7 });
    const { stdout } = await runLab('show', 'other', '--data-dir', store.dataFolder);
    expect(stdout).toMatch(/differ from the preset:\n {2}seed = 7 \(preset 42\)\n\n/);
  });

  it('compares the run of a preset of the user with that preset as it is now, and says if it is gone', async () => {
    const store = openExampleStore();
    const configFolder = makeTemporaryFolder();
    vi.stubEnv('SPARSE_FIELD_LAB_CONFIG', configFolder);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { config, name } = savePreset(configFolder, {
      title: 'My photos',
      description: '',
      config: resolvePreset(presets[0]),
    });
    insertExampleRun(store, 'own', { ...config, seed: 7 });
    const print = async () => (await runLab('show', 'own', '--data-dir', store.dataFolder)).stdout;
    expect(await print()).toContain(
      'differ from the preset, as your preset "my-photos" is now:\n  seed = 7 (preset 42)\n\n',
    );
    deletePreset(configFolder, name);
    expect(await print()).toContain('  (there is no preset "my-photos" on this machine)\n');
  });
});

describe('lab delete', () => {
  it('moves a run to the trash, restores it with --undo and deletes it with its files with --purge', async () => {
    const { store, ids, lab } = createLab('one');
    expect((await lab('delete', 'one')).stdout).toContain(`lab delete ${ids[0]} --undo`);
    expect(await listNames(lab)).toEqual([]);
    expect(await listNames(lab, '--trash')).toEqual(['one']);
    expect((await lab('delete', 'one', '--undo')).stdout).toBe(`Run ${ids[0]} was restored as "one".\n`);
    expect(await listNames(lab)).toEqual(['one']);
    await lab('delete', 'one');
    const purged = await lab('delete', 'latest', '--purge', '--json');
    expect(purged.lines()).toEqual([{ run: ids[0], state: 'purged' }]);
    expect(existsSync(store.runFolder(ids[0]))).toBe(false);
    expect(await listNames(lab, '--trash')).toEqual([]);
  });

  it('purges only runs in the trash', async () => {
    const { lab } = createLab('one');
    const { code, stderr } = await lab('delete', 'one', '--purge');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/Trash: No run "one".*lab runs --trash/)]);
    expect(await listNames(lab)).toEqual(['one']);
  });

  it('deletes a run with an unreadable configuration, as its error advises', async () => {
    const { store, ids, lab } = createLab('broken');
    store.db.prepare("UPDATE runs SET config = '{}{'").run();
    const { stderr } = await lab('show', 'broken');
    expect(stderr).toContain(`lab delete ${ids[0]}`);
    expect((await lab('delete', ids[0])).code).toBe(0);
  });
});

describe('lab resume', () => {
  it('refuses a diverged run and suggests a smaller learning rate', async () => {
    const { store, ids, lab } = createLab('one');
    updateRun(store.db, ids[0], { status: 'diverged' });
    const { code, stderr } = await lab('resume', 'one');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/has diverged.*smaller learning rate/)]);
  });
});

describe('lab evaluate', () => {
  it('needs a checkpoint', async () => {
    const { ids, lab } = createLab('one');
    const message = `lab: Run ${ids[0]} "one" has no checkpoint yet. Train it first: lab resume ${ids[0]}.\n`;
    expect(await lab('evaluate', 'one')).toMatchObject({ code: 1, stderr: message });
  });
});

describe('lab presets', () => {
  it('lists all presets with their full configuration, or all parameters of one', async () => {
    const [{ presets: listed }] = (await runLab('presets', '--json')).lines();
    expect(listed).toEqual(presets.map((preset) => ({ ...preset, config: resolvePreset(preset) })));
    const { stdout } = await runLab('presets', 'tiny');
    expect(stdout).toMatch(/^optim\.learningRate +0\.\d+$/m);
    const [one] = (await runLab('presets', 'notebook', '--json')).lines();
    expect(one).toMatchObject({ name: 'notebook', config: { field: { dim: 512 } } });
  });
});

describe('lab runs --group-by', () => {
  it('prints one line for each group with its counts, and its mean and interval over runs', async () => {
    const { store, ids, lab } = createLab('one', 'two', 'three');
    const rates = [0.001, 0.001, 0.01];
    for (const [index, id] of ids.entries()) {
      updateRun(store.db, id, { bestPsnr: 20 + 2 * index, status: index === 0 ? 'finished' : 'paused' });
      const { config } = getRun(store.db, id);
      changeRunConfig(store, id, { ...config, optim: { ...config.optim, learningRate: rates[index] } });
    }
    const { stdout } = await lab('runs', '--group-by', 'optim.learningRate');
    const [heading, first, second] = stdout.split('\n');
    expect(heading).toMatch(/^optim\.learningRate +runs +status +PSNR dB +gain dB +SSIM +averaged +trained$/);
    // t(0.975, 1) · √2 / √2
    expect(first).toMatch(/^0\.001 +2 +1 paused, 1 finished +21\.00 ± 12\.71 +– +– +2 of 2 /);
    expect(second).toMatch(/^0\.01 +1 +1 paused +24\.00 +– +– +1 of 1 /);
    const { lines } = await lab('runs', '--group-by', 'optim.learningRate', '--status', 'paused', '--json');
    expect(lines()[0]).toMatchObject({
      groupBy: 'optim.learningRate',
      groups: [
        { title: '0.001', ids: [ids[1]], scores: { psnr: { mean: 22, interval: null } } },
        { title: '0.01', ids: [ids[2]] },
      ],
    });
  });

  it.each([
    ['optim.learningrate', 'Did you mean "optim.learningRate"?'],
    ['learningRate', 'Did you mean "optim.learningRate"?'],
    ['tags', 'Did you mean "tag"?'],
    ['data.source', 'expected sweep, setting, tag, data or the path of a parameter'],
  ])('refuses %s and names what is near', async (by, hint) => {
    const { lab } = createLab('one');
    const { code, stderr } = await lab('runs', '--group-by', by);
    expect(code).toBe(2);
    expect(stderr).toContain(`--group-by is "${by}"`);
    expect(stderr).toContain(hint);
  });
});
