/**
 * Groups of runs: by sweep, by setting (everything but the seed), by tag, by dataset, or by the value of one parameter; for the run
 * list and the terminal, and for comparisons of groups.
 */

import { z } from 'zod';
import { type RepeatedMean, repeatedMean } from './comparison/seedStatistics.ts';
import type { ScoreBasis } from './comparison/scoreBasis.ts';
import { type RunConfig, runConfigSchema } from './config/config.ts';
import { isSameValue } from './config/configParameters.ts';
import type { ParameterValue } from './config/describeSchema.ts';
import { configPaths, settablePaths } from './config/setParameters.ts';
import { describeSource } from './dataset.ts';
import { type RunStatus, runStatuses } from './run.ts';
import { runIdSchema, type RunQuery } from './runList.ts';
import {
  describeSetting,
  describeValues,
  formatSwept,
  formatValue,
  type SweepMember,
} from './sweep/expandSweep.ts';
import type { SweptValue } from './sweep/sweep.ts';

/** Groupings that are not by a parameter. Two runs have one setting if they differ in their seed only. */
export const namedGroupings = ['sweep', 'setting', 'tag', 'data'] as const;

/** Made when they are first needed: most commands and the first page need none. */
let groupablePaths: readonly string[] | null = null;

/** Returns the parameters by whose values runs are grouped; the source of the images is that of the grouping by `data`. */
export function listGroupablePaths(): readonly string[] {
  return (groupablePaths ??= settablePaths(runConfigSchema.parse({})).filter(
    (path) => path !== 'data.source',
  ));
}

/** One of `namedGroupings`, or the path of a parameter, such as `optim.learningRate`. */
export const groupingSchema = z
  .string()
  .max(60)
  .refine(
    (by) => [...namedGroupings, ...listGroupablePaths()].includes(by),
    `expected ${namedGroupings.join(', ')} or the path of a parameter, such as optim.learningRate`,
  );
export type Grouping = z.infer<typeof groupingSchema>;

/** The group that a run belongs to. */
export interface GroupValue {
  /** Identifies the group within its grouping; empty for runs without a value. */
  readonly key: string;
  /** `0.001`, `rates`, `CIFAR-10`; what is missing if there is no value, such as `no tag`. */
  readonly title: string;
}

/** What groups need to know of a run. */
export interface GroupedRun {
  readonly id: string;
  readonly status: RunStatus;
  readonly processSeconds: number;
  readonly bestPsnr: number | null;
  readonly bestSsim: number | null;
  readonly gain: number | null;
  readonly scores: ScoreBasis;
  /** Several only for tags. */
  readonly groups: readonly GroupValue[];
}

/** Scores of a group, averaged over its runs with the same data, masks and images. */
export interface GroupScores {
  /** What they are measured on: of several, that of the most runs. */
  readonly basis: ScoreBasis;
  /** Runs that are averaged, out of those with a score. The others were scored on something else, and are left out. */
  readonly averaged: number;
  readonly scored: number;
  /** dB, of the best evaluations while the runs trained. */
  readonly psnr: RepeatedMean;
  readonly ssim: RepeatedMean;
  /** dB above the thin plate. */
  readonly gain: RepeatedMean;
}

export interface RunGroup extends GroupValue {
  /** In the order of the list. */
  readonly ids: readonly string[];
  /** Numbers of runs by status. */
  readonly statuses: Readonly<Partial<Record<RunStatus, number>>>;
  /** Training time of all runs. */
  readonly processSeconds: number;
  /** null while no run has a score. */
  readonly scores: GroupScores | null;
}

/** Most groups that a setting remembers as open. */
export const mostOpenGroups = 200;
export const openGroupsSchema = z.array(z.string().max(400)).max(mostOpenGroups);

/** How titles of groups name the values of parameters. */
export interface GroupWords {
  /** A value by itself, where the parameter is named elsewhere. */
  readonly ofValue: (path: string, value: SweptValue) => string;
  /** Values with the names of their parameters. */
  readonly ofValues: (values: SweepMember['values']) => string;
}

/** As configurations do, for files and the terminal: `learningRate 0.001, kind unet`. */
export const configurationWords: GroupWords = {
  ofValue: (_, value) => formatSwept(value),
  ofValues: describeValues,
};

/** As the page does: `Learning rate 0.001, Network U-Net`. */
export const pageWords: GroupWords = { ofValue: formatValue, ofValues: describeSetting };

/** Returns the group of a parameter's value; `undefined`: the network of the run does not have the parameter. */
export function groupOfValue(path: string, value: unknown, words: GroupWords): GroupValue {
  if (value === undefined) return { key: '', title: 'no such parameter' };
  return { key: JSON.stringify(value), title: words.ofValue(path, value as SweptValue) };
}

/** What identifies the images that a run is trained on. */
export interface GroupedData {
  readonly source: string;
  /** Of the images; null before the run has read them. */
  readonly checksum: string | null;
}

/**
 * Groups runs by their images: data are the same if their checksums are; before a run has read them, if another run has read
 * the same source. Groups are named by the source of their first run, and by the checksum where several would have one name.
 */
export function groupByData<Run extends GroupedData>(runs: readonly Run[]): (run: Run) => GroupValue {
  const checksums = new Map(runs.flatMap(({ source, checksum }) => (checksum ? [[source, checksum]] : [])));
  const keyOf = ({ source, checksum }: GroupedData) => checksum ?? checksums.get(source) ?? source;
  const titles = new Map<string, string>();
  for (const run of runs) {
    const [key, title] = [keyOf(run), describeSource(run.source)];
    if (titles.has(key)) continue;
    const isTaken = [...titles.values()].includes(title);
    titles.set(key, isTaken ? `${title}, checksum ${key.slice(0, 12)}` : title);
  }
  return (run) => ({ key: keyOf(run), title: titles.get(keyOf(run)) ?? run.source });
}

/** Paths that do not distinguish settings: the seed, where the configuration came from, and what the run itself notes in it. */
const outsideSettings: readonly string[] = ['seed', 'preset', 'optim.extensions', 'path.measured'];

/** Returns the same key for configurations that differ in their seed only. */
export function settingKey(config: Pick<RunConfig, 'optim' | 'path'>): string {
  const parts = { ...config, seed: 0, preset: '' };
  return JSON.stringify({
    ...parts,
    optim: { ...config.optim, extensions: [] },
    path: { ...config.path, measured: null },
  });
}

/** A setting is named by its parameters while so many differ between the settings that are listed. */
const mostNamedParameters = 4;

/**
 * Returns titles of settings: the values of the parameters in which they differ from each other, such as
 * `learningRate 0.001, dim 32`; the name of a run, without its seed, if those are many.
 */
export function titleSettings(
  settings: readonly { readonly config: RunConfig; readonly name: string }[],
  words: GroupWords,
): string[] {
  const values = settings.map(({ config }) => readValues(config));
  const paths = [...new Set(values.flatMap((each) => [...each.keys()]))];
  const varied = paths.filter((path) =>
    values.some((each) => !isSameValue(each.get(path), values[0].get(path))),
  );
  const titles = settings.map(({ name }, index) =>
    varied.length === 0 || varied.length > mostNamedParameters
      ? withoutSeed(name)
      : words.ofValues(pick(values[index], varied)),
  );
  // Runs of different settings may have the same name.
  return titles.map((title, index) => {
    const before = titles.slice(0, index).filter((other) => other === title).length;
    return before === 0 ? title : `${title} (${before + 1})`;
  });
}

function readValues(config: RunConfig): Map<string, ParameterValue> {
  const paths = configPaths(config).filter((path) => !outsideSettings.includes(path));
  const read = (path: string) =>
    path.split('.').reduce<unknown>((tree, key) => (tree as Record<string, unknown>)[key], config);
  return new Map(paths.map((path) => [path, read(path) as ParameterValue]));
}

function pick(values: ReadonlyMap<string, ParameterValue>, paths: readonly string[]) {
  return Object.fromEntries(
    paths.flatMap((path) => (values.has(path) ? [[path, values.get(path) as SweptValue]] : [])),
  );
}

/** `rates · dim 32 · seed 3` → `rates · dim 32`. */
function withoutSeed(name: string): string {
  return name.replace(/[\s·,_-]*\bseed[\s=_-]*\d+$/i, '') || name;
}

/** Groups runs, which are in the order of the list. Groups are in the order that `sort` and the grouping say. */
export function groupRuns(
  runs: readonly GroupedRun[],
  { by, sort }: { readonly by: Grouping; readonly sort: RunQuery['sort'] },
): RunGroup[] {
  const found = new Map<string, { value: GroupValue; runs: GroupedRun[] }>();
  for (const run of runs) {
    for (const value of run.groups) {
      const group = found.get(value.key) ?? { value, runs: [] };
      found.set(value.key, group);
      group.runs.push(run);
    }
  }
  const groups = [...found.values()].map(({ value, runs: own }) => ({ ...value, ...summarise(own) }));
  return sortGroups(groups, { by, sort });
}

function summarise(runs: readonly GroupedRun[]): Omit<RunGroup, 'key' | 'title'> {
  const statuses: Partial<Record<RunStatus, number>> = {};
  for (const { status } of runs) statuses[status] = (statuses[status] ?? 0) + 1;
  return {
    ids: runs.map(({ id }) => id),
    statuses,
    processSeconds: runs.reduce((sum, run) => sum + run.processSeconds, 0),
    scores: averageScores(runs.filter(({ bestPsnr }) => bestPsnr !== null)),
  };
}

/** Averages the scores of the largest set of runs that were scored on the same; numbers of different data are never averaged. */
function averageScores(scored: readonly GroupedRun[]): GroupScores | null {
  const bases = [...Map.groupBy(scored, ({ scores }) => scores.key).values()];
  const [like] = bases.sort((one, other) => other.length - one.length);
  if (!like) return null;
  const meanOf = (key: 'bestPsnr' | 'bestSsim' | 'gain') =>
    repeatedMean(like.flatMap((run) => (run[key] === null ? [] : [run[key]])));
  return {
    basis: like[0].scores,
    averaged: like.length,
    scored: scored.length,
    psnr: meanOf('bestPsnr'),
    ssim: meanOf('bestSsim'),
    gain: meanOf('gain'),
  };
}

/** `3 running, 9 finished`: in the order of the statuses. */
export function describeStatuses(statuses: RunGroup['statuses']): string {
  return runStatuses
    .flatMap((status) => (statuses[status] ? [`${statuses[status]} ${status}`] : []))
    .join(', ');
}

const scoreOf = { bestPsnr: 'psnr', bestSsim: 'ssim', gain: 'gain' } as const;

/**
 * By the mean score if the list is sorted by one, within equal data; else by the values of a parameter or by title; sweeps and
 * settings stay in the order of their first runs. Groups without a value or a score are last.
 */
function sortGroups(
  groups: readonly RunGroup[],
  { by, sort }: { readonly by: Grouping; readonly sort: RunQuery['sort'] },
): RunGroup[] {
  const first = sort.at(0);
  if (first && Object.hasOwn(scoreOf, first.by)) {
    const key = scoreOf[first.by as keyof typeof scoreOf];
    const sign = first.descending ? -1 : 1;
    const meanOf = ({ scores }: RunGroup) => scores?.[key].mean ?? null;
    return groups.toSorted((one, other) => {
      const [mean, otherMean] = [meanOf(one), meanOf(other)];
      if (mean === null || otherMean === null) return Number(mean === null) - Number(otherMean === null);
      const [basis, otherBasis] = [one, other].map(({ scores }) => scores?.basis.key ?? '');
      return basis === otherBasis ? sign * (mean - otherMean) : basis < otherBasis ? -1 : 1;
    });
  }
  const isInOrder = by === 'sweep' || by === 'setting';
  return groups.toSorted((one, other) => {
    if (one.key === '' || other.key === '') return Number(one.key === '') - Number(other.key === '');
    return isInOrder ? 0 : compareTitles(one.title, other.title);
  });
}

function compareTitles(one: string, other: string): number {
  const difference = Number(one) - Number(other);
  return Number.isFinite(difference) ? difference : one.localeCompare(other, 'en');
}

/** IDs of several runs, at most a page of a list. */
export const rowIdsSchema = z.array(runIdSchema).min(1).max(500);
