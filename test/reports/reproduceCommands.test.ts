/** The commands of a report, read back by the program that they are for. */

import { parseArgs } from 'node:util';
import { describe, expect, it } from 'vitest';
import { evaluate, readEvaluateJobs } from '../../main/cli/commands/evaluate.ts';
import { evaluateModel } from '../../main/compute/evaluation/evaluateModel.ts';
import type { EvaluateJob } from '../../main/compute/protocol.ts';
import { gatherComparison } from '../../main/reports/comparison/gatherComparison.ts';
import { createReportModel } from '../../main/reports/comparison/reportModel.ts';
import { reproduceCommands } from '../../main/reports/comparison/reproduceCommands.ts';
import { insertEvaluation } from '../../main/store/runs/evaluations.ts';
import type { Store } from '../../main/store/store.ts';
import type { EvaluationRow, Protocol } from '../../shared/metric.ts';
import type { RunRecord } from '../../shared/run.ts';
import { createSmallModel, imageSize, randomImages } from '../compute/smallModel.ts';
import { trainings } from '../engine/train/smallRun.ts';
import { exampleProtocol } from '../shared/exampleComparedRun.ts';
import { insertExampleRun, openExampleStore } from '../store/exampleStore.ts';

/** The jobs that `lab evaluate <run> …` makes. */
function readJobs(run: RunRecord, args: readonly string[]): EvaluateJob[] {
  const { values } = parseArgs({ args: [...args], options: evaluate.options, strict: true });
  return readEvaluateJobs(values, run, 'checkpoint');
}

/** The rows that the compute process finds, of an untrained model and random images. */
async function findRows(job: EvaluateJob): Promise<{ protocol: Protocol; rows: EvaluationRow[] }> {
  const { images, plans } = job;
  const pictures = randomImages(images);
  const protocol: Protocol = { ...exampleProtocol, ...job.protocol, imageSize, images };
  const rows = await evaluateModel(
    { ...createSmallModel(), weightsChoice: job.weights ?? null },
    {
      data: {
        truth: pictures.images,
        observations: pictures.observations,
        indices: pictures.indices,
        protocol,
      },
      plans,
      samples: job.samples,
      symmetries: plans[0].symmetries,
      seed: job.protocol.noiseSeed,
      onProgress: () => undefined,
    },
  );
  return { protocol, rows };
}

/** The `lab evaluate` commands of a report of the run and another one, without program, command and run. */
async function commandsOf(store: Store, run: RunRecord): Promise<string[][]> {
  const other = insertExampleRun(store, 'other', run.config);
  const { runs } = await gatherComparison(store, [run.id, other.id]);
  const made = { title: 'Two', question: '', version: '1.2.3', createdAt: '2026-11-24T01:00:00.000Z' };
  return reproduceCommands(createReportModel(runs, made))
    .filter((line) => line.startsWith(`lab evaluate ${run.name} `))
    .map((line) => line.split(' ').slice(3));
}

async function reproduce(words: string, config = trainings.upgraded) {
  const store = openExampleStore();
  const run = insertExampleRun(store, 'run', config);
  const jobs = readJobs(run, ['--images', '2', ...words.split(' ').filter(Boolean)]);
  for (const job of jobs) insertEvaluation(store.db, { ...(await findRows(job)), runId: run.id, step: 7 });
  const commands = await commandsOf(store, run);
  return { jobs, commands, again: commands.flatMap((args) => readJobs(run, args)) };
}

describe('the commands that a report prints', () => {
  it.each([
    '',
    '--samples 2 --grid cosine --solver euler --steps 3',
    '--data synthetic:7 --split train --mask-law counter --mask-seed 7 --keep 0.4 --seed 3 --no-paste',
    '--ema off --symmetries 8 --solver ddim --steps 2 --eta 0.5',
    '--ema 0.99 --samples 2',
    '--solver dopri5 --tolerance 0.25',
    '--solver langevin --steps 2 --corrections 2',
    '--symmetries 2 --curve 1,2 --solvers euler,heun --samples 2',
  ])('are understood as the same evaluation: %s', async (words) => {
    const { jobs, again } = await reproduce(words);
    expect(again).toEqual(jobs);
  });

  it('name what differs from the run, and only that', async () => {
    const [plain] = (await reproduce('')).commands;
    expect(plain.filter((word) => word.startsWith('--'))).toEqual([
      '--images',
      '--split',
      '--mask-law',
      '--mask-seed',
      '--keep',
      '--seed',
      '--samples',
      '--solver',
      '--steps',
    ]);
    const sampler = { ...trainings.upgraded.sampler, grid: 'cosine', symmetries: 2 } as const;
    const [set] = (await reproduce('--grid uniform', { ...trainings.upgraded, sampler })).commands;
    expect(set.join(' ')).toMatch(/ --grid uniform$/);
  });

  it('evaluate as often as the run was evaluated, the oldest first', async () => {
    const store = openExampleStore();
    const run = insertExampleRun(store, 'run', trainings.upgraded);
    const all = ['--steps 2', '--steps 3', '--steps 4'].flatMap((words) =>
      readJobs(run, ['--images', '2', ...words.split(' ')]),
    );
    for (const job of all) insertEvaluation(store.db, { ...(await findRows(job)), runId: run.id, step: 7 });
    expect((await commandsOf(store, run)).flatMap((args) => readJobs(run, args))).toEqual(all);
  });
});
