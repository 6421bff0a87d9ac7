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
import { createSmallModel, imageSize, createRandomImages } from '../compute/smallModel.ts';
import { trainings } from '../engine/train/smallRun.ts';
import { exampleProtocol } from '../shared/comparison/exampleComparedRun.ts';
import { insertExampleRun, openExampleStore } from '../store/exampleStore.ts';

const upgraded = { ...trainings.upgraded, sampler: { steps: 2 } };
const bayer = { ...trainings.bayer, sampler: { steps: 2 } };

/** Returns the jobs that `lab evaluate <run> …` would queue. */
function readJobs(run: RunRecord, args: readonly string[]): EvaluateJob[] {
  const { values } = parseArgs({ args: [...args], options: evaluate.options, strict: true });
  return readEvaluateJobs(values, run, 'checkpoint');
}

/** Computes the evaluation of a job with an untrained model and random images. */
async function computeEvaluation(job: EvaluateJob): Promise<{ protocol: Protocol; rows: EvaluationRow[] }> {
  const { images, plans } = job;
  const random = createRandomImages(images);
  const protocol: Protocol = { ...exampleProtocol, ...job.protocol, imageSize, images };
  const rows = await evaluateModel(
    { ...createSmallModel(), weightsChoice: job.weights ?? null },
    {
      data: {
        truth: random.images,
        observations: random.observations,
        indices: random.indices,
        protocol,
      },
      plans,
      samples: job.samples,
      symmetries: plans[0].symmetries,
      seed: job.protocol.noiseSeed,
      knownClassical: [],
      onProgress: () => undefined,
    },
  );
  return { protocol, rows };
}

/** Returns the arguments of the `lab evaluate` commands for the run in a report, without its name. */
async function listCommands(store: Store, run: RunRecord): Promise<string[][]> {
  const other = insertExampleRun(store, 'other', run.config);
  const { runs } = await gatherComparison(store, [run.id, other.id]);
  const options = { title: 'Two', question: '', version: '1.2.3', createdAt: '2026-11-24T01:00:00.000Z' };
  return reproduceCommands(createReportModel(runs, options))
    .filter((line) => line.startsWith(`lab evaluate ${run.name} `))
    .map((line) => splitWords(line).slice(3));
}

/** Splits a command as a shell does; the only quotation marks are those around whole words. */
function splitWords(line: string): string[] {
  return Array.from(line.matchAll(/'([^']*)'|\S+/g), ([word, quoted]) => quoted ?? word);
}

/** Evaluates with the options, and parses the commands that a report prints for that. */
async function reproduce(options: string, config = upgraded) {
  const store = openExampleStore();
  const run = insertExampleRun(store, 'run', config);
  const jobs = readJobs(run, ['--images', '2', ...splitWords(options)]);
  for (const job of jobs)
    insertEvaluation(store.db, { ...(await computeEvaluation(job)), runId: run.id, step: 7 });
  const commands = await listCommands(store, run);
  return { jobs, commands, reproduced: commands.flatMap((args) => readJobs(run, args)) };
}

describe('the commands that a report prints', () => {
  it.each([
    '',
    '--samples 2 --grid cosine --solver euler --steps 3',
    '--data synthetic:7 --split train --mask-law counter --mask-seed 7 --keep 0.4 --seed 3 --no-paste',
    '--mask-law strokes --mark-size 0.1 --keep 0.7',
    '--mask-law block --blocks 3 --keep 0.7',
    "--mask-law mixture --mixture 'text 2, strokes size=0.02..0.1' --keep 0.7",
    "--mask-law mixture --mixture 'text keep=0.8, strokes keep=0.8'",
    '--noise 0.1 --samples 2',
    '--ema off --symmetries 8 --solver ddim --steps 2 --eta 0.5',
    '--ema 0.99 --samples 2',
    '--solver dopri5 --tolerance 0.25',
    '--solver langevin --steps 2 --corrections 2',
    '--symmetries 2 --curve 1,2 --solvers euler,heun --samples 2',
  ])('request the same evaluation: %s', async (options) => {
    const { jobs, reproduced } = await reproduce(options);
    expect(reproduced).toEqual(jobs);
  });

  it.each(['', '--phase BGGR', '--mask-law counter --keep 0.4'])(
    'request the same evaluation of a run that was trained on a Bayer pattern: %s',
    async (options) => {
      const { jobs, commands, reproduced } = await reproduce(options, bayer);
      expect(reproduced).toEqual(jobs);
      expect(commands[0].includes('--keep')).toBe(options.includes('--keep'));
    },
  );

  it('contain an option for a setting of the run only if it was changed', async () => {
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
    const sampler = { ...upgraded.sampler, grid: 'cosine', symmetries: 2 } as const;
    const [set] = (await reproduce('--grid uniform', { ...upgraded, sampler })).commands;
    expect(set.join(' ')).toMatch(/ --grid uniform$/);
  });

  it('contain the noise of an evaluation only if it is not that of the run', async () => {
    const { mask } = upgraded;
    const config = { ...upgraded, mask: { ...mask, observationNoise: 0.1 } };
    for (const [options, expected] of [
      ['', ''],
      ['--noise 0', '--noise 0'],
      ['--no-paste', ''],
    ]) {
      const { jobs, commands, reproduced } = await reproduce(options, config);
      expect(reproduced).toEqual(jobs);
      expect(
        commands[0]
          .join(' ')
          .match(/--(?:noise|no-paste)[ \d.]*/g)
          ?.join('')
          .trim() ?? '',
      ).toBe(expected);
    }
  });

  it('contain one line per evaluation, oldest first', async () => {
    const store = openExampleStore();
    const run = insertExampleRun(store, 'run', upgraded);
    const all = ['--steps 2', '--steps 3', '--steps 4'].flatMap((options) =>
      readJobs(run, ['--images', '2', ...options.split(' ')]),
    );
    for (const job of all)
      insertEvaluation(store.db, { ...(await computeEvaluation(job)), runId: run.id, step: 7 });
    expect((await listCommands(store, run)).flatMap((args) => readJobs(run, args))).toEqual(all);
  });

  it('train every run of compared groups under its own name, and group them again', async () => {
    const store = openExampleStore();
    const runs = ['one', 'two', 'wide one', 'wide two'].map((name, index) => {
      const optim = { ...upgraded.optim, learningRate: name.startsWith('wide') ? 0.002 : 0.001 };
      return insertExampleRun(store, name, { ...upgraded, optim, seed: index % 2 });
    });
    const gathered = await gatherComparison(
      store,
      runs.map(({ id }) => id),
    );
    const options = { title: 'Rates', question: '', version: '1.2.3', createdAt: '2026-11-24T01:00:00.000Z' };
    const commands = reproduceCommands(
      createReportModel(gathered.runs, { ...options, groupBy: 'optim.learningRate' }),
    );
    const trained = commands.filter((line) => line.startsWith('lab train'));
    expect(trained.map((line) => splitWords(line)[splitWords(line).indexOf('--name') + 1])).toEqual(
      runs.map(({ name }) => name),
    );
    expect(commands.at(-1)).toBe(
      "lab compare one two 'wide one' 'wide two' --group-by optim.learningRate --out report --title Rates",
    );
    const [, note] = reproduceCommands(
      createReportModel(gathered.runs, { ...options, groupBy: 'tag' }),
    ).toReversed();
    expect(note).toContain('tags in the application');
  });
});
