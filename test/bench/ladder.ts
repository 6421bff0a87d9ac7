/** Quality against training time: one run that is given longer and longer, scored at each rung of the ladder. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { formatColumns } from '../../main/cli/format.ts';
import { openStore } from '../../main/store/store.ts';
import { listRuns } from '../../main/store/runs/runs.ts';
import { drawResamples, type Interval, meanInterval } from '../../shared/comparison/bootstrap.ts';
import { type Evaluation, evaluationSchema } from '../../shared/metric.ts';
import { runLab } from './labProcess.ts';
import { UsageError } from '../../main/cli/command.ts';

export interface LadderOptions {
  readonly preset: string;
  /** Data source, as `lab train --data`. */
  readonly data: string;
  /** Minutes of training at each rung. */
  readonly minutes: readonly number[];
  /** Number of images, and of samples of each. */
  readonly images: number;
  readonly samples: number;
  /** Folder of the results and of the run. */
  readonly folder: string;
}

const intervalSchema = z.tuple([z.number(), z.number()]).readonly();
const scoreSchema = z.strictObject({
  method: z.string(),
  nfe: z.number(),
  psnr: z.number().nullable(),
  psnrInterval: intervalSchema.nullable(),
  ssim: z.number(),
  ssimInterval: intervalSchema.nullable(),
  crps: z.number().nullable(),
  crpsInterval: intervalSchema.nullable(),
});
type Score = z.infer<typeof scoreSchema>;

const rungSchema = z.strictObject({
  minutes: z.number(),
  steps: z.number(),
  /** Load of the machine over the minute before the training and the one before its end. */
  load: z.tuple([z.number(), z.number()]).readonly(),
  scores: z.array(scoreSchema).readonly(),
});
export type Rung = z.infer<typeof rungSchema>;

const ladderSchema = z.strictObject({
  /** What all rungs have in common. */
  setting: z.strictObject({
    preset: z.string(),
    data: z.string(),
    images: z.number(),
    samples: z.number(),
  }),
  machine: z.strictObject({ cpu: z.string(), cores: z.number(), node: z.string() }),
  rungs: z.array(rungSchema).readonly(),
});
type Ladder = z.infer<typeof ladderSchema>;

const runName = 'ladder';

/**
 * Trains and scores what is missing in the folder, and returns all rungs. Each is written to `ladder.json` as soon as it is
 * scored; an interrupted ladder continues from the newest checkpoint of its run.
 * @throws UsageError if the folder holds a ladder of another setting.
 */
export async function climb(options: LadderOptions, note: (text: string) => void): Promise<Ladder> {
  const { folder, preset, data, images, samples } = options;
  const dataFolder = join(folder, 'data');
  mkdirSync(dataFolder, { recursive: true });
  const file = join(folder, 'ladder.json');
  const setting = { preset, data, images, samples };
  const machine = {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    node: process.versions.node,
  };
  let ladder: Ladder = { setting, machine, rungs: [], ...readLadder(file, setting) };
  for (const minutes of missingRungs(options.minutes, ladder.rungs)) {
    const before = loadavg()[0];
    note(`${minutes} min: training`);
    const status = await train({ minutes, preset, data, dataFolder });
    if (status !== 'finished') throw new Error(`The run is ${status}, expected finished. Start it again.`);
    const load = [before, loadavg()[0]] as const;
    note(`${minutes} min: scoring`);
    const answer = await runLab(
      ['evaluate', runName, '--images', String(images), '--samples', String(samples)],
      dataFolder,
    );
    const { step: steps, ...evaluation } = z
      .object({ step: z.number(), ...evaluationSchema.shape })
      .parse(answer.at(-1));
    const rung = { minutes, steps, load, scores: scoresOf(evaluation) };
    ladder = { ...ladder, rungs: [...ladder.rungs, rung].sort((a, b) => a.minutes - b.minutes) };
    writeFileSync(file, `${JSON.stringify(ladder, null, 2)}\n`);
    writeFileSync(join(folder, 'ladder.txt'), `${formatLadder(ladder)}\n`);
  }
  return ladder;
}

/** Returns the rungs that have no scores yet, shortest first. @throws UsageError if one is shorter than the run already is. */
export function missingRungs(wanted: readonly number[], done: readonly Pick<Rung, 'minutes'>[]): number[] {
  const longest = Math.max(0, ...done.map(({ minutes }) => minutes));
  const missing = [...new Set(wanted)]
    .filter((minutes) => done.every((rung) => rung.minutes !== minutes))
    .sort((a, b) => a - b);
  const tooShort = missing.find((minutes) => minutes < longest);
  if (tooShort === undefined) return missing;
  throw new UsageError(
    `The run has been trained for ${longest} min, so that it cannot be scored at ${tooShort}. Choose longer rungs or another --out.`,
  );
}

function readLadder(file: string, setting: Ladder['setting']): Ladder | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const ladder = ladderSchema.parse(JSON.parse(text));
  const [found, expected] = [ladder.setting, setting].map((part) => JSON.stringify(part));
  if (found === expected) return ladder;
  throw new UsageError(`${file} is a ladder of ${found}, expected ${expected}. Choose another --out.`);
}

/** Trains the run until it has been trained for so many minutes. Returns its status. */
async function train(of: {
  minutes: number;
  preset: string;
  data: string;
  dataFolder: string;
}): Promise<string | undefined> {
  const find = () => {
    const store = openStore(of.dataFolder);
    try {
      return listRuns(store.db).find(({ name }) => name === runName);
    } finally {
      store.close();
    }
  };
  const run = find();
  const isReached = run?.status === 'finished' && (run.config.train.minutes ?? 0) >= of.minutes;
  const budget = ['--minutes', String(of.minutes)];
  if (!run)
    await runLab(
      ['train', '--preset', of.preset, '--data', of.data, '--name', runName, ...budget],
      of.dataFolder,
    );
  else if (!isReached)
    await runLab(
      ['resume', runName, ...(run.config.train.minutes === of.minutes ? [] : budget)],
      of.dataFolder,
    );
  return find()?.status;
}

function scoresOf({ rows }: Evaluation): Score[] {
  return rows.map(({ method, nfe, psnr, psnrInterval, ssim, ssimInterval, distribution, perImage }) => {
    const each = perImage?.crps;
    const crpsInterval: Interval | null = each ? meanInterval(each, drawResamples(each.length)) : null;
    return {
      method,
      nfe,
      psnr,
      psnrInterval,
      ssim,
      ssimInterval,
      crps: distribution?.crps ?? null,
      crpsInterval,
    };
  });
}

/** Formats the rungs as a table; the classical methods, which do not change, once at its end. */
export function formatLadder({ setting, machine, rungs }: Ladder): string {
  const head = ['minutes', 'steps', 'load', 'method', 'NFE', 'PSNR, dB', 'SSIM', 'CRPS'];
  const line = (rung: readonly string[], score: Score) => [
    ...rung,
    score.method,
    String(score.nfe),
    withInterval(score.psnr, score.psnrInterval, 2),
    withInterval(score.ssim, score.ssimInterval, 3),
    withInterval(score.crps, score.crpsInterval, 4),
  ];
  const trained = rungs.flatMap(({ minutes, steps, load, scores }) =>
    scores
      .filter(({ nfe }) => nfe > 0)
      .map((score) =>
        line([String(minutes), String(steps), load.map((one) => one.toFixed(1)).join(' to ')], score),
      ),
  );
  const classical = (rungs.at(-1)?.scores ?? [])
    .filter(({ nfe }) => nfe === 0)
    .map((score) => line(['–', '–', '–'], score));
  return [
    `${setting.preset} on ${setting.data}: ${setting.images} images, ${setting.samples} samples; 95 % intervals in brackets`,
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`,
    '',
    formatColumns([head, ...trained, ...classical]),
  ].join('\n');
}

function withInterval(value: number | null, interval: Interval | null, digits: number): string {
  if (value === null) return '–';
  if (!interval) return value.toFixed(digits);
  return `${value.toFixed(digits)} (${interval.map((end) => end.toFixed(digits)).join(' to ')})`;
}

/** Where a ladder is kept unless another folder is named. */
export const ladderFolder = resolve(import.meta.dirname, '../../out/ladder');
