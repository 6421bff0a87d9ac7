/** From the options of `lab sweep`, or a file, to the specification of a sweep. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { resolvePreset } from '../../../shared/config/presets.ts';
import { describeFaults } from '../../../shared/config/setParameters.ts';
import { dataSourceForms } from '../../../shared/dataset.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import { expandSweep } from '../../../shared/sweep/expandSweep.ts';
import {
  scoredRows,
  type SweepSpec,
  type SweepSpecInput,
  sweepSpecSchema,
  sweptMetricNames,
} from '../../../shared/sweep/sweep.ts';
import { resolveTypedPath } from '../../runtime/typedPath.ts';
import { type CommandOption, type OptionValues, UsageError } from '../command.ts';
import { applyOverrides, defaultPresetName, parseValue, requirePreset } from '../configOptions.ts';
import {
  flagOption,
  readBounded,
  readChoice,
  readInteger,
  readPositive,
  readText,
  readTexts,
  valueOption,
} from '../options.ts';
import { absoluteSource } from '../typedPaths.ts';

export const sweepOptions: Readonly<Record<string, CommandOption>> = {
  vary: {
    ...valueOption(
      'path=values',
      'Vary a parameter: 1e-3,2e-3, or 16..64:16, or 1e-4..1e-2*5 for equal factors; seed=1..5 repeats; a.b+c.d=1:2,3:4 varies two together. May be repeated.',
    ),
    multiple: true,
  },
  preset: valueOption('NAME', 'What the runs have in common.', 'that of "lab presets default"'),
  data: valueOption('SOURCE', `Images: ${dataSourceForms}.`, 'synthetic'),
  set: { ...valueOption('path=value', 'Set a parameter of all runs; may be repeated.'), multiple: true },
  name: valueOption('TEXT', 'Name of the sweep.', 'sweep'),
  steps: valueOption('N', 'Steps of every run.', 'those of the preset'),
  minutes: valueOption('M', 'Minutes of training of every run, in place of steps.'),
  random: valueOption('N', 'Compute so many combinations, chosen at random, in place of all.'),
  'random-seed': valueOption('N', 'Seed of that choice.', '0'),
  metric: valueOption('NAME', `What is optimised: ${sweptMetricNames.join(', ')}.`, 'psnr'),
  'score-of': valueOption('ROW', `Which result is scored: ${scoredRows.join(', ')}.`, scoredRows[0]),
  images: valueOption('N', 'Images of the evaluation of every run.', '100'),
  samples: valueOption('N', 'Samples for each image in that evaluation.', '1'),
  halving: valueOption(
    'MIN[:ETA]',
    'Stop runs early: score them after MIN steps (or minutes), MIN · ETA, … and continue the best 1/ETA.',
    'off; ETA 3',
  ),
  parallel: valueOption(
    'N',
    'Runs that are computed at a time.',
    'one for each graphics card, one on the CPU',
  ),
  'dry-run': flagOption('Show the runs, their time and the disk they need, and compute nothing.'),
  out: valueOption('FOLDER', 'For export: the folder to write to.'),
};

/** Returns the sweep of the options, or of a file with the options that it lacks. @throws UsageError, SweepError. */
export function readSweep(values: OptionValues, file: string | undefined): SweepSpec {
  const spec = file === undefined ? specOfOptions(values) : readSweepFile(file);
  expandSweep(spec);
  return spec;
}

function specOfOptions(values: OptionValues): SweepSpec {
  const base = applyOverrides(
    resolvePreset(requirePreset(readText(values, 'preset') ?? defaultPresetName())),
    readTexts(values, 'set'),
  );
  const source = absoluteSource(readText(values, 'data') ?? base.data.source);
  const { axes, seeds } = readVaried(readTexts(values, 'vary'));
  if (axes.length === 0 && seeds.length === 0)
    throw new UsageError(
      'Nothing varies. Give a file, or --vary path=value,value, such as --vary optim.learningRate=1e-3,2e-3 --vary seed=1..3.',
    );
  const count = readInteger(values, 'random');
  return checkSpec(
    {
      name: readText(values, 'name') ?? 'sweep',
      base: { ...base, data: { ...base.data, source } },
      axes,
      seeds,
      design:
        count === undefined
          ? { kind: 'grid' }
          : { kind: 'random', count, seed: readInteger(values, 'random-seed', 0) ?? 0 },
      budget: readBudget(values),
      objective: {
        metric: readChoice(values, 'metric', sweptMetricNames),
        row: readChoice(values, 'score-of', scoredRows),
        protocol: {
          images: readBounded(values, 'images', { min: 1, max: 10_000 }),
          samples: readBounded(values, 'samples', { min: 1, max: 64 }),
        },
      },
      halving: readHalving(values),
    },
    'The options',
  );
}

function readBudget(values: OptionValues): SweepSpecInput['budget'] {
  const steps = readInteger(values, 'steps');
  const minutes = readPositive(values, 'minutes');
  if (steps !== undefined && minutes !== undefined)
    throw new UsageError('--steps and --minutes exclude each other. Give one of them.');
  if (steps !== undefined) return { steps };
  return minutes === undefined ? null : { minutes };
}

function readHalving(values: OptionValues): SweepSpecInput['halving'] {
  const text = readText(values, 'halving');
  if (text === undefined) return null;
  const found = /^(\d+(?:\.\d+)?)(?::(\d+))?$/.exec(text);
  if (!found) throw new UsageError(`--halving is "${text}", expected MIN or MIN:ETA, such as 100 or 100:4.`);
  return { minimum: Number(found[1]), ...(found[2] !== undefined && { eta: Number(found[2]) }) };
}

/** @throws UsageError that names the option and what was expected. */
export function readVaried(texts: readonly string[]): {
  axes: NonNullable<SweepSpecInput['axes']>;
  seeds: number[];
} {
  const axes: NonNullable<SweepSpecInput['axes']> = [];
  let seeds: number[] = [];
  for (const text of texts) {
    const equals = text.indexOf('=');
    if (equals < 1) throw expected(text, 'path=values, such as optim.learningRate=1e-3,2e-3');
    const [path, list] = [text.slice(0, equals), text.slice(equals + 1)];
    if (path === 'seed') seeds = readSeeds(text, list);
    else axes.push(path.includes('+') ? readJoint(path, list) : readAxis(path, list));
  }
  return { axes, seeds };
}

const number = String.raw`(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)`;
const rangePattern = new RegExp(String.raw`^${number}\.\.${number}(?:([:*])${number})?$`, 'i');

function readAxis(path: string, list: string): NonNullable<SweepSpecInput['axes']>[number] {
  const range = rangePattern.exec(list);
  if (!range)
    return { kind: 'list', path, values: list.split(',').map((value) => parseValue(value) as string) };
  const [from, to] = [Number(range[1]), Number(range[2])];
  if (range[3] === '*') return { kind: 'log', path, from, to, count: Number(range[4]) };
  return {
    kind: 'range',
    path,
    from,
    to,
    step: range[4] === undefined ? Math.sign(to - from) || 1 : Number(range[4]),
  };
}

function readJoint(path: string, list: string): NonNullable<SweepSpecInput['axes']>[number] {
  const rows = list.split(',').map((row) => row.split(':').map((value) => parseValue(value) as string));
  return { kind: 'joint', paths: path.split('+'), rows };
}

function readSeeds(text: string, list: string): number[] {
  const range = /^(\d+)\.\.(\d+)$/.exec(list);
  if (range) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    if (to < from || to - from >= 1000)
      throw expected(text, 'seeds from a smaller to a larger one, such as seed=1..5');
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  }
  if (!/^\d+(,\d+)*$/.test(list)) throw expected(text, 'whole numbers, such as seed=1..5 or seed=1,2,3');
  return list.split(',').map(Number);
}

function expected(text: string, what: string): UsageError {
  return new UsageError(`--vary is "${text}", expected ${what}.`);
}

/** Fields of a file besides those of the specification: what its base is made of. */
const fileSchema = z.looseObject({
  preset: z.string().optional(),
  data: z.string().optional(),
  set: z.record(z.string(), z.unknown()).optional(),
});

/** Reads `sweep.json`. `base` may be a whole configuration, or `preset`, `data` and `set` say what it is. */
function readSweepFile(text: string): SweepSpec {
  const path = resolveTypedPath(text);
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path}: ${describeError(error)} A file with a sweep was expected.`);
  }
  const fields = fileSchema.safeParse(parsed);
  if (!fields.success) throw new UsageError(`${path}: ${describeFaults(fields.error)}.`);
  const { preset, data, set = {}, ...rest } = fields.data;
  if ('base' in rest) return checkSpec(rest, path);
  const assignments = Object.entries(set).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const base = applyOverrides(resolvePreset(requirePreset(preset ?? defaultPresetName())), assignments);
  const source = absoluteSource(data ?? base.data.source);
  return checkSpec({ ...rest, base: { ...base, data: { ...base.data, source } } }, path);
}

function checkSpec(input: unknown, where: string): SweepSpec {
  const result = sweepSpecSchema.safeParse(input);
  if (result.success) return result.data;
  throw new UsageError(`${where}: ${describeFaults(result.error)}. "lab help sweep" explains the options.`);
}

/** Returns the number of runs at a time that was asked for; undefined if none was. */
export function readParallel(values: OptionValues): number | undefined {
  return readBounded(values, 'parallel', { min: 1, max: 16 });
}
