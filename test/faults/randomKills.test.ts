/**
 * SIGKILL at random moments of everything that writes. At any moment, the store is intact afterwards, nothing finished is
 * lost, and repeating the work gives the same result. `npm run test:faults` kills a thousand times.
 */

import Database from 'better-sqlite3';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { listEvaluations } from '../../main/store/runs/evaluations.ts';
import { readMetrics } from '../../main/store/runs/metrics.ts';
import { listRuns } from '../../main/store/runs/runs.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import { readNewestTensors, smallOptions } from '../jobs/smallRun.ts';
import {
  createPlace,
  describeFaults,
  endAtRandom,
  inspectStore,
  isLongSample,
  launch,
  makePlace,
  type Place,
  removePlace,
} from './support/driver.ts';

const kills = isLongSample
  ? { training: 300, evaluation: 150, inpainting: 150, export: 100, import: 150, migration: 150 }
  : { training: 2, evaluation: 1, inpainting: 1, export: 1, import: 2, migration: 2 };
/** Each kill takes a start of the program; the long sample takes about an hour. */
const patience = isLongSample ? 4 * 3_600_000 : 600_000;

describeFaults('SIGKILL at a random moment', () => {
  it(
    'a killed training resumes to exactly the state and metrics of an uninterrupted one',
    async () => {
      const place = await makeTrainedPlace();
      const { milliseconds } = place;
      const expected = describeRun(place, 'whole');
      let number = 0;
      for (let done = 0; done < kills.training; done++) {
        const name = `killed ${number}`;
        const state = listNames(place).get(name);
        if (state === 'finished') {
          expect(describeRun(place, name)).toEqual(expected);
          await complete(place, ['delete', name]);
          number++;
        }
        const words =
          state && state !== 'finished' ? ['resume', name] : trainingOf(place, `killed ${number}`);
        await killAtRandom(place, words, milliseconds);
        inspectStore(place);
        expect(listNames(place).get('whole')).toBe('finished');
      }
      const rest = `killed ${number}`;
      const state = listNames(place).get(rest);
      if (state !== 'finished') await complete(place, state ? ['resume', rest] : trainingOf(place, rest));
      expect(describeRun(place, rest)).toEqual(expected);
    },
    patience,
  );

  it(
    'a killed evaluation is stored completely, with the numbers of an undisturbed one, or not at all',
    async () => {
      const place = await makeTrainedPlace();
      const words = ['evaluate', 'whole', '--images', '4', '--samples', '2', '--steps', '2'];
      const milliseconds = await complete(place, words);
      const [expected] = describeEvaluations(place);
      for (let done = 0; done < kills.evaluation; done++) {
        await killAtRandom(place, words, milliseconds);
        inspectStore(place);
        for (const evaluation of describeEvaluations(place)) expect(evaluation).toEqual(expected);
        expect(listNames(place).get('whole')).toBe('finished');
      }
    },
    patience,
  );

  it(
    'a killed inpainting leaves complete results or none, and a second call completes them',
    async () => {
      const place = await makeTrainedPlace();
      const images = join(place.root, 'images');
      const inpaintingInto = (folder: string) => [
        'inpaint',
        'whole',
        join(images, 'image-0.png'),
        join(images, 'image-1.png'),
        '--keep',
        '0.4',
        '--solver',
        'euler',
        '--steps',
        '2',
        '--out',
        join(place.root, folder),
      ];
      const milliseconds = await complete(place, inpaintingInto('expected'));
      const expected = await readImages(join(place.root, 'expected'));
      for (let done = 0; done < kills.inpainting; done++) {
        const folder = `results ${Math.floor(done / 3)}`;
        await killAtRandom(place, inpaintingInto(folder), milliseconds);
        inspectStore(place);
        const found = await readImages(join(place.root, folder));
        expect(expected).toMatchObject(found);
        if (done % 3 < 2 && done < kills.inpainting - 1) continue;
        await complete(place, inpaintingInto(folder));
        expect(await readImages(join(place.root, folder))).toEqual(expected);
        expect(readdirSync(join(place.root, folder)).filter((name) => name.includes('.tmp-'))).toEqual([]);
      }
    },
    patience,
  );

  it(
    'a killed export leaves a complete file or none',
    async () => {
      const place = await makeTrainedPlace();
      const file = join(place.root, 'whole.sparsefield');
      const milliseconds = await complete(place, ['export', 'whole', '--out', file]);
      const bytes = readFileSync(file).length;
      for (let done = 0; done < kills.export; done++) {
        const next = join(place.root, `killed ${done}.sparsefield`);
        await killAtRandom(place, ['export', 'whole', '--out', next], milliseconds);
        inspectStore(place);
        if (existsSync(next)) expect(readFileSync(next).length).toBe(bytes);
      }
    },
    patience,
  );

  it(
    'a killed import leaves a complete run or none',
    async () => {
      const place = await makeTrainedPlace();
      const expected = describeRun(place, 'whole');
      const file = join(place.root, 'whole.sparsefield');
      await complete(place, ['export', 'whole', '--checkpoints', 'all', '--out', file]);
      const other = { ...place, dataFolder: join(place.root, 'other data') };
      const words = ['import', file, '--copy', '--data-dir', other.dataFolder];
      const milliseconds = await complete(place, words);
      for (let done = 0; done < kills.import; done++) {
        await killAtRandom(place, words, milliseconds);
        inspectStore(other);
        for (const name of listNames(other).keys()) expect(describeRun(other, name)).toEqual(expected);
      }
      expect(readdirSync(join(other.dataFolder, 'imports'))).toEqual([]);
    },
    patience,
  );

  it(
    'a killed migration leaves the old or the new database, with the same runs',
    async () => {
      const place = await makePlace();
      const golden = resolve(import.meta.dirname, '../store/database/golden/schema2.sql');
      const folderOf = (name: string) => ({ ...place, dataFolder: join(place.root, name) });
      const prepare = ({ dataFolder }: Place) => {
        mkdirSync(dataFolder, { recursive: true });
        if (dataFolder !== join(place.root, 'old')) {
          copyFileSync(join(place.root, 'old', 'lab.sqlite'), join(dataFolder, 'lab.sqlite'));
          return;
        }
        const db = new Database(join(dataFolder, 'lab.sqlite'));
        db.exec(readFileSync(golden, 'utf8'));
        db.close();
      };
      prepare(folderOf('old'));
      const wordsIn = ({ dataFolder }: Place) => ['runs', '--data-dir', dataFolder];
      const undisturbed = folderOf('undisturbed');
      prepare(undisturbed);
      const milliseconds = await complete(place, wordsIn(undisturbed));
      const expected = [...listNames(undisturbed)];
      expect(expected).not.toEqual([]);
      for (let done = 0; done < kills.migration; done++) {
        const one = folderOf(`killed ${done}`);
        prepare(one);
        await killAtRandom(place, wordsIn(one), milliseconds);
        inspectStore(one);
        expect([...listNames(one)]).toEqual(expected);
      }
    },
    patience,
  );
});

interface TrainedPlace extends Place {
  /** How long the training took. */
  readonly milliseconds: number;
}

let trained: Promise<TrainedPlace> | null = null;
afterAll(async () => trained && removePlace(await trained));

/** A place with the finished run `whole`, which is trained once for all tests of this file. */
async function makeTrainedPlace(): Promise<TrainedPlace> {
  trained ??= trainWhole();
  const { dataFolder, source, milliseconds } = await trained;
  const place = await makePlace();
  cpSync(dataFolder, place.dataFolder, { recursive: true });
  return { ...place, source, milliseconds };
}

async function trainWhole(): Promise<TrainedPlace> {
  const place = await createPlace();
  return { ...place, milliseconds: await complete(place, trainingOf(place, 'whole')) };
}

/** A few steps more than the smallest training, with a checkpoint every three steps. */
function trainingOf({ source }: Place, name: string): string[] {
  return ['train', '--name', name, ...smallOptions(source), '--set', 'train.steps=60'];
}

/** Runs a command to its end and returns the milliseconds it took. */
async function complete(place: Place, words: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const launched = launch(place, 'node', words);
  const code = await launched.ended;
  expect(code, `${words.join(' ')}\n${launched.stdout()}${launched.stderr()}`).toBe(0);
  return performance.now() - startedAt;
}

/** Kills one of the command's processes at a random moment of about the time that it takes. */
async function killAtRandom(place: Place, words: readonly string[], milliseconds: number): Promise<void> {
  launch(place, 'node', words);
  await endAtRandom(place, { milliseconds: milliseconds * 1.1, signals: ['SIGKILL'] });
}

function withStore<Value>({ dataFolder }: Place, read: (store: Store) => Value): Value {
  const store = openStore(dataFolder);
  try {
    return read(store);
  } finally {
    store.close();
  }
}

/** Returns the status of every run by its name. */
function listNames(place: Place): Map<string, string> {
  return withStore(place, ({ db }) => new Map(listRuns(db).map(({ name, status }) => [name, status])));
}

/** Returns what two runs of one configuration have in common, to the last bit. */
function describeRun(place: Place, name: string) {
  return withStore(place, (store) => {
    const run = listRuns(store.db).find((one) => one.name === name);
    if (!run) throw new Error(`No run named "${name}".`);
    const metrics = readMetrics(store.db, run.id).map((point) => [point.step, point.name, point.value]);
    return {
      status: run.status,
      step: run.step,
      bestPsnr: run.bestPsnr,
      metrics,
      tensors: readNewestTensors(store.runFolder(run.id)),
    };
  });
}

/** The numbers of every evaluation, without times. */
function describeEvaluations(place: Place): unknown[] {
  return withStore(place, (store) =>
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
