/**
 * SIGKILL at random moments, for everything that writes. At any moment, the store is intact afterwards, nothing finished is
 * lost, and repeating the work gives the same result. `npm run test:faults` kills a thousand times.
 */

import Database from 'better-sqlite3';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { listEvaluations } from '../../main/store/runs/evaluations.ts';
import { listRuns } from '../../main/store/runs/runs.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import { readNewestTensors, smallOptions, withDropout } from '../jobs/smallRun.ts';
import { readLearnedMetrics } from '../store/learnedMetrics.ts';
import {
  createSandbox,
  describeFaults,
  endAtRandom,
  inspectStore,
  isLongSample,
  launch,
  useSandbox,
  type Sandbox,
  removeSandbox,
} from './support/driver.ts';

const kills = isLongSample
  ? { training: 300, evaluation: 150, inpainting: 150, export: 100, import: 150, migration: 150 }
  : { training: 2, evaluation: 1, inpainting: 1, export: 1, import: 2, migration: 2 };
/** Each kill takes a start of the program; the long sample takes about an hour. */
const timeLimit = isLongSample ? 4 * 3_600_000 : 600_000;

describeFaults('SIGKILL at a random moment', () => {
  it(
    'a killed training resumes to exactly the state and metrics of an uninterrupted one',
    async () => {
      const sandbox = await createTrainedSandbox();
      const { milliseconds } = sandbox;
      const expected = describeRun(sandbox, 'whole');
      let number = 0;
      for (let done = 0; done < kills.training; done++) {
        const name = `killed ${number}`;
        const state = listNames(sandbox).get(name);
        if (state === 'finished') {
          expect(describeRun(sandbox, name)).toEqual(expected);
          await runToEnd(sandbox, ['delete', name]);
          number++;
        }
        const args =
          state && state !== 'finished' ? ['resume', name] : trainingArgs(sandbox, `killed ${number}`);
        await killAtRandom(sandbox, args, milliseconds);
        inspectStore(sandbox);
        expect(listNames(sandbox).get('whole')).toBe('finished');
      }
      const rest = `killed ${number}`;
      const state = listNames(sandbox).get(rest);
      if (state !== 'finished')
        await runToEnd(sandbox, state ? ['resume', rest] : trainingArgs(sandbox, rest));
      expect(describeRun(sandbox, rest)).toEqual(expected);
    },
    timeLimit,
  );

  it(
    'a killed evaluation is stored completely, with the numbers of an undisturbed one, or not at all',
    async () => {
      const sandbox = await createTrainedSandbox();
      const args = ['evaluate', 'whole', '--images', '4', '--samples', '2', '--steps', '2'];
      const milliseconds = await runToEnd(sandbox, args);
      const [expected] = describeEvaluations(sandbox);
      for (let done = 0; done < kills.evaluation; done++) {
        await killAtRandom(sandbox, args, milliseconds);
        inspectStore(sandbox);
        for (const evaluation of describeEvaluations(sandbox)) expect(evaluation).toEqual(expected);
        expect(listNames(sandbox).get('whole')).toBe('finished');
      }
    },
    timeLimit,
  );

  it(
    'a killed inpainting leaves complete results or none, and a second call completes them',
    async () => {
      const sandbox = await createTrainedSandbox();
      const images = join(sandbox.root, 'images');
      const inpaintingInto = (folder: string) => [
        'inpaint',
        'whole',
        join(images, 'picture-0.png'),
        join(images, 'picture-1.png'),
        '--keep',
        '0.4',
        '--solver',
        'euler',
        '--steps',
        '2',
        '--out',
        join(sandbox.root, folder),
      ];
      const milliseconds = await runToEnd(sandbox, inpaintingInto('expected'));
      const expected = await readImages(join(sandbox.root, 'expected'));
      for (let done = 0; done < kills.inpainting; done++) {
        const folder = `results ${Math.floor(done / 3)}`;
        await killAtRandom(sandbox, inpaintingInto(folder), milliseconds);
        inspectStore(sandbox);
        const found = await readImages(join(sandbox.root, folder));
        expect(expected).toMatchObject(found);
        if (done % 3 < 2 && done < kills.inpainting - 1) continue;
        await runToEnd(sandbox, inpaintingInto(folder));
        expect(await readImages(join(sandbox.root, folder))).toEqual(expected);
        expect(readdirSync(join(sandbox.root, folder)).filter((name) => name.includes('.tmp-'))).toEqual([]);
      }
    },
    timeLimit,
  );

  it(
    'a killed export leaves a complete file or none',
    async () => {
      const sandbox = await createTrainedSandbox();
      const file = join(sandbox.root, 'whole.sparsefield');
      const milliseconds = await runToEnd(sandbox, ['export', 'whole', '--out', file]);
      const bytes = readFileSync(file).length;
      for (let done = 0; done < kills.export; done++) {
        const next = join(sandbox.root, `killed ${done}.sparsefield`);
        await killAtRandom(sandbox, ['export', 'whole', '--out', next], milliseconds);
        inspectStore(sandbox);
        if (existsSync(next)) expect(readFileSync(next).length).toBe(bytes);
      }
    },
    timeLimit,
  );

  it(
    'a killed import leaves a complete run or none',
    async () => {
      const sandbox = await createTrainedSandbox();
      const expected = describeRun(sandbox, 'whole');
      const file = join(sandbox.root, 'whole.sparsefield');
      await runToEnd(sandbox, ['export', 'whole', '--checkpoints', 'all', '--out', file]);
      const other = { ...sandbox, dataFolder: join(sandbox.root, 'other data') };
      const args = ['import', file, '--copy', '--data-dir', other.dataFolder];
      const milliseconds = await runToEnd(sandbox, args);
      for (let done = 0; done < kills.import; done++) {
        await killAtRandom(sandbox, args, milliseconds);
        inspectStore(other);
        for (const name of listNames(other).keys()) expect(describeRun(other, name)).toEqual(expected);
      }
      expect(readdirSync(join(other.dataFolder, 'imports'))).toEqual([]);
    },
    timeLimit,
  );

  it(
    'a killed migration leaves the old or the new database, with the same runs',
    async () => {
      const sandbox = await useSandbox();
      const golden = resolve(import.meta.dirname, '../store/database/golden/schema2.sql');
      const folderOf = (name: string) => ({ ...sandbox, dataFolder: join(sandbox.root, name) });
      const prepare = ({ dataFolder }: Sandbox) => {
        mkdirSync(dataFolder, { recursive: true });
        if (dataFolder !== join(sandbox.root, 'old')) {
          copyFileSync(join(sandbox.root, 'old', 'lab.sqlite'), join(dataFolder, 'lab.sqlite'));
          return;
        }
        const db = new Database(join(dataFolder, 'lab.sqlite'));
        db.exec(readFileSync(golden, 'utf8'));
        db.close();
      };
      prepare(folderOf('old'));
      const listingArgs = ({ dataFolder }: Sandbox) => ['runs', '--data-dir', dataFolder];
      const undisturbed = folderOf('undisturbed');
      prepare(undisturbed);
      const milliseconds = await runToEnd(sandbox, listingArgs(undisturbed));
      const expected = [...listNames(undisturbed)];
      expect(expected).not.toEqual([]);
      for (let done = 0; done < kills.migration; done++) {
        const one = folderOf(`killed ${done}`);
        prepare(one);
        await killAtRandom(sandbox, listingArgs(one), milliseconds);
        inspectStore(one);
        expect([...listNames(one)]).toEqual(expected);
      }
    },
    timeLimit,
  );
});

interface TrainedSandbox extends Sandbox {
  /** Duration of the training. */
  readonly milliseconds: number;
}

let trained: Promise<TrainedSandbox> | null = null;
afterAll(async () => trained && removeSandbox(await trained));

/** Creates a sandbox with the finished run `whole`, which is trained once for all tests of this file. */
async function createTrainedSandbox(): Promise<TrainedSandbox> {
  trained ??= trainWhole();
  const { dataFolder, source, milliseconds } = await trained;
  const sandbox = await useSandbox();
  cpSync(dataFolder, sandbox.dataFolder, { recursive: true });
  return { ...sandbox, source, milliseconds };
}

async function trainWhole(): Promise<TrainedSandbox> {
  const sandbox = await createSandbox();
  return { ...sandbox, milliseconds: await runToEnd(sandbox, trainingArgs(sandbox, 'whole')) };
}

/** Returns the arguments of a slightly longer training than the smallest, with a checkpoint every three steps. */
function trainingArgs({ source }: Sandbox, name: string): string[] {
  return ['train', '--name', name, ...smallOptions(source, withDropout), '--set', 'train.steps=60'];
}

/** Runs a command to its end and returns the milliseconds it took. */
async function runToEnd(sandbox: Sandbox, args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const launched = launch(sandbox, 'node', args);
  const code = await launched.ended;
  expect(code, `${args.join(' ')}\n${launched.stdout()}${launched.stderr()}`).toBe(0);
  return performance.now() - startedAt;
}

/** Kills one of the command's processes at a random moment of about the time that it takes. */
async function killAtRandom(sandbox: Sandbox, args: readonly string[], milliseconds: number): Promise<void> {
  launch(sandbox, 'node', args);
  await endAtRandom(sandbox, { milliseconds: milliseconds * 1.1, signals: ['SIGKILL'] });
}

function withStore<Value>({ dataFolder }: Sandbox, read: (store: Store) => Value): Value {
  const store = openStore(dataFolder);
  try {
    return read(store);
  } finally {
    store.close();
  }
}

/** Returns the status of every run by its name. */
function listNames(sandbox: Sandbox): Map<string, string> {
  return withStore(sandbox, ({ db }) => new Map(listRuns(db).map(({ name, status }) => [name, status])));
}

/** Returns what two runs of one configuration have in common, to the last bit. */
function describeRun(sandbox: Sandbox, name: string) {
  return withStore(sandbox, (store) => {
    const run = listRuns(store.db).find((one) => one.name === name);
    if (!run) throw new Error(`No run named "${name}".`);
    return {
      status: run.status,
      step: run.step,
      bestPsnr: run.bestPsnr,
      metrics: readLearnedMetrics(store, run.id),
      tensors: readNewestTensors(store.runFolder(run.id)),
    };
  });
}

/** Returns every evaluation without times. */
function describeEvaluations(sandbox: Sandbox): unknown[] {
  return withStore(sandbox, (store) =>
    listRuns(store.db).flatMap(({ id }) =>
      listEvaluations(store.db, id).map(({ protocol, rows }) => ({
        protocol,
        rows: rows.map(({ seconds: _, ...row }) => row),
      })),
    ),
  );
}

/** Returns the pixels of every PNG of a folder by its name. @throws Error if one is incomplete. */
async function readImages(folder: string): Promise<Record<string, string>> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.png')) : [];
  const entries = names.map(async (name) => {
    const pixels = await sharp(join(folder, name)).raw().toBuffer();
    return [name, pixels.toString('base64')] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
