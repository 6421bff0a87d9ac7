/** `npm run bench`: measures the speed of training and sampling on this machine, compared with PyTorch if that is installed. */

import { availableParallelism, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type OptionValues, UsageError } from '../../main/cli/command.ts';
import { readChoice, readInteger, readPositive, readText } from '../../main/cli/options.ts';
import { createOutput } from '../../main/cli/output.ts';
import type { RunConfig } from '../../shared/config/config.ts';
import { type BackendInfo, backendVariable } from '../../shared/run.ts';
import { describeError } from '../../shared/text/describeError.ts';
import { type ContestResult, holdContest } from './contest.ts';
import { findTwin, openEngineProcess } from './contestants.ts';
import type { FlopCounts } from './engine/countFlops.ts';
import type { ProductSpeed } from './engine/work.ts';
import { formatReport } from './format.ts';
import { measureGrowth, measureLoop } from './stepCost.ts';
import { climb, formatLadder, ladderFolder, type LadderOptions } from './ladder.ts';
import { formatLoopCosts, measureLoopCosts } from './loopCost.ts';
import { findPreset } from '../../shared/config/presets.ts';
import { describeMachine, findDisturbance, measureMachine } from './machine.ts';
import { benchConfigs, type BenchPlan, planBench } from './plan.ts';
import { type BenchReport, type GrowthRow, type LoopShare, toRows } from './report.ts';

const names = [...benchConfigs.keys()];
const help = `npm run bench [-- --json --config NAME --rounds N]
npm run bench -- --card [--config NAME --rounds N --batch N]
npm run bench -- --ladder [--data SOURCE --minutes 3,10,30 --config NAME --images N --samples K --out FOLDER]
npm run bench -- --loop [--data SOURCE --minutes M --config NAME]

Without --ladder and --loop: a training step and samplings, next to PyTorch.
--card         The graphics card through WebGPU, with tiny, laptop, small and notebook, next to PyTorch on the same card; ten minutes.
--ladder       Train one run for longer and longer, and score it at each rung; a second call continues.
--loop         Train as "lab train" does, and show what is spent outside of the steps.

--json         Print only JSON on stdout.
--config NAME  Only this preset or network: ${names.join(', ')} (ladder: laptop).
--data SOURCE  Images to train on, as for "lab train" (default: synthetic).
--minutes M    Minutes of training: of each rung (3,10,30), or of each preset (1).
--images N     Images that the ladder scores (100).
--samples K    Samples of each (8).
--out FOLDER   Folder of the ladder's run and results (out/ladder).
--batch N      At most N images per step and per sampling (default: what the machine allows).
--rounds N     Exactly N rounds per measurement (default: up to 7 in about 25 seconds).
--help         Show this help.

SPARSE_FIELD_LAB_PYTHON names a Python with PyTorch to compare with (default: python3).`;

/** What is measured on a card, and the milliseconds that each measurement, and all of them together, may take. */
const cardPresets = ['tiny', 'laptop', 'small', 'notebook'];
const [cardBudget, cardLimit] = [10_000, 480_000];
/** The preset whose sizes are doubled. */
const grownPreset = 'tiny';
/** The preset whose training loop is analysed. */
const analysedPreset = 'small';

try {
  const values = readArguments(process.argv.slice(2));
  const output = createOutput(values['json'] === true);
  if (values['help'] === true) output.help(help);
  else {
    const config = readChoice(values, 'config', names);
    const isCard = values['card'] === true;
    if (isCard) process.env[backendVariable] = 'webgpu';
    const options = {
      rounds: readInteger(values, 'rounds') ?? null,
      most: readInteger(values, 'batch'),
      ...(isCard && { budget: cardBudget, limit: cardLimit }),
    };
    const measured = config === undefined && isCard ? cardPresets : [config];
    const chosen = [...benchConfigs.values()].filter(({ preset }) =>
      measured.some((name) => preset === (name ?? preset)),
    );
    if (values['ladder'] === true) {
      const ladder = await climb(readLadderOptions(values, config), output.note);
      output.json(ladder);
      output.text(formatLadder(ladder));
    } else if (values['loop'] === true) {
      const data = readText(values, 'data') ?? 'synthetic';
      const minutes = readPositive(values, 'minutes') ?? 1;
      const trained = chosen.filter(({ preset }) => findPreset(preset) !== undefined);
      const costs = await measureLoopCosts(trained, measureMachine('CPU'), {
        data,
        minutes,
        note: output.note,
      });
      output.json({ load: loadavg()[0], costs });
      output.text(formatLoopCosts(costs));
    } else {
      const report = await runBench(chosen, { ...options, note: output.note });
      output.json(report);
      output.text(formatReport(report));
    }
  }
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

function readArguments(args: readonly string[]): OptionValues {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean' },
        card: { type: 'boolean' },
        batch: { type: 'string' },
        config: { type: 'string' },
        rounds: { type: 'string' },
        ladder: { type: 'boolean' },
        loop: { type: 'boolean' },
        data: { type: 'string' },
        minutes: { type: 'string' },
        images: { type: 'string' },
        samples: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    const reason = describeError(error);
    throw new UsageError(`${reason} Try: npm run bench -- --help`);
  }
}

function readLadderOptions(values: OptionValues, config: string | undefined): LadderOptions {
  const minutes = (readText(values, 'minutes') ?? '3,10,30').split(',').map(Number);
  if (!minutes.every((one) => one > 0))
    throw new UsageError(
      `--minutes is "${readText(values, 'minutes')}", expected numbers above 0 such as 3,10,30.`,
    );
  return {
    preset: config ?? 'laptop',
    data: readText(values, 'data') ?? 'synthetic',
    minutes,
    images: readInteger(values, 'images') ?? 100,
    samples: readInteger(values, 'samples') ?? 8,
    folder: resolve(readText(values, 'out') ?? ladderFolder),
  };
}

interface BenchOptions {
  /** Number of rounds per measurement; null for as many as the time allows. */
  readonly rounds: number | null;
  /** Milliseconds after which no further round of a measurement begins. */
  readonly budget?: number;
  /** Milliseconds after which no further preset is measured. */
  readonly limit?: number;
  /** Most images of a batch. */
  readonly most?: number;
  /** Receives messages about the progress and about what is left out. */
  readonly note: (text: string) => void;
}

interface PresetResult extends Work, ContestResult {
  readonly config: string;
}

/** Amount of work of a preset, and the speed of a plain product before anything else. */
interface Work {
  readonly backend: BackendInfo;
  readonly flops: FlopCounts | null;
  readonly product: ProductSpeed;
}

/** Runs the whole benchmark, preset by preset. @throws Error if the engine does not run at all. */
async function runBench(configs: readonly RunConfig[], options: BenchOptions): Promise<BenchReport> {
  const { note } = options;
  const disturbance = findDisturbance(availableParallelism());
  if (disturbance) note(disturbance);
  const device = await findDevice(configs[0]);
  const size = measureMachine(device);
  const found = await findTwin(device);
  const twin = typeof found === 'string' ? null : found;
  if (typeof found === 'string') note(`PyTorch is not compared: ${found}.`);
  const results: PresetResult[] = [];
  let growth: GrowthRow[] = [];
  let loop: LoopShare | null = null;
  const startedAt = performance.now();
  for (const config of configs) {
    const name = config.preset;
    if (performance.now() - startedAt > (options.limit ?? Infinity)) {
      note(`${name} is left out, because the time is over. Measure it alone with --config ${name}.`);
      continue;
    }
    const plan = planBench(config, size, options.most);
    note(`${name}: batch ${plan.config.train.batchSize}, samplings of ${plan.images} images`);
    const work = await measureWork(plan);
    results.push({
      config: name,
      ...work,
      ...(await holdContest(plan, { ...options, twin })),
    });
    const isWhole = options.limit === undefined;
    if (isWhole && name === grownPreset) growth = await measureGrowth(plan, options);
    if (isWhole && name === analysedPreset) loop = await measureLoop(plan, note);
  }
  const fastest = results.flatMap(({ product, products }) => [product, ...products]).reduce(faster);
  const machine = describeMachine(size, { backend: results[0].backend, twin, product: fastest, disturbance });
  const rows = results.flatMap(({ config, measurements, flops }) =>
    measurements.flatMap((measurement) =>
      toRows(measurement, { config, flops, matmulGigaflops: fastest.gigaflops }),
    ),
  );
  return { machine, rows, growth, loop };
}

async function findDevice(config: RunConfig): Promise<BackendInfo['device']> {
  const plan = planBench(config, measureMachine('CPU'));
  const engine = await openEngineProcess(plan, 'eager');
  const { device } = await engine.ask<BackendInfo>({ describe: {} });
  engine.close();
  return device;
}

/** Measures in a separate process, so that no later measurement includes the memory of tracing. */
async function measureWork(plan: BenchPlan): Promise<Work> {
  const engine = await openEngineProcess(plan, 'eager');
  try {
    const backend = await engine.ask<BackendInfo>({ describe: {} });
    const product = await engine.ask<ProductSpeed>({ product: {} });
    const { flops } = await engine.ask<{ flops: FlopCounts | null }>({ count: {} });
    return { backend, product, flops };
  } finally {
    engine.close();
  }
}

function faster(a: ProductSpeed, b: ProductSpeed): ProductSpeed {
  return a.gigaflops >= b.gigaflops ? a : b;
}
