/**
 * Groups of runs compared with each other, such as the settings of a sweep with their seeds as repeats. A group is one row: the mean
 * of its runs, an interval over seeds and one over images. Differences between groups are tested over seeds: ten thousand images
 * scored by one trained network are still one repetition of the training.
 */

import type { RunConfig } from '../config/config.ts';
import { formatFixed, signed } from '../numbers/nonFinite.ts';
import { practicalDifference } from '../numbers/psnrMean.ts';
import {
  groupByData,
  type Grouping,
  groupOfValue,
  type GroupValue,
  type GroupWords,
  settingKey,
  titleSettings,
} from '../runGroups.ts';
import type { SweptValue } from '../sweep/sweep.ts';
import { drawResamples, type Interval, meanInterval } from './bootstrap.ts';
import type { ProtocolGroup } from './commonProtocols.ts';
import type { ComparedRun } from './comparison.ts';
import type { ComparisonColumn } from './comparisonColumns.ts';
import type { ComparisonOfRuns, RunRow } from './comparisonOfRuns.ts';
import type { ComparisonTable } from './comparisonTables.ts';
import { type PairedMetric, pairedMetrics } from './pairedStatistics.ts';
import {
  adjustByHolm,
  average,
  formatRepeatedMean,
  type RepeatedMean,
  repeatedMean,
  seedDifference,
  type SeedDifference,
} from './seedStatistics.ts';

/** Runs that are compared as one. */
export interface ComparedGroup<Run extends ComparedRun = ComparedRun> {
  readonly key: string;
  /** Unique among the groups. */
  readonly name: string;
  /** In the order of their seeds; the first one represents the group in images. */
  readonly runs: readonly Run[];
}

/** Explains the two intervals of every table of groups. */
export const twoIntervals =
  'The interval over seeds says how far the mean would move if the training were repeated with other seeds on these images (Student’s t); the interval over images, how far it would move on other images with these trained networks (bootstrap): neither contains the other.';

/** Groups runs in the order of the first of each group, whose names use `words`. Runs without a value are in a group of their own. */
export function groupComparedRuns<Run extends ComparedRun>(
  runs: readonly Run[],
  by: Grouping,
  words: GroupWords,
): ComparedGroup<Run>[] {
  const groupsOf = createGrouping(runs, by, words);
  const found = new Map<string, { name: string; runs: Run[] }>();
  for (const run of runs) {
    for (const { key, title } of groupsOf(run)) {
      const group = found.get(key) ?? { name: title, runs: [] };
      found.set(key, group);
      group.runs.push(run);
    }
  }
  return [...found].map(([key, { name, runs: own }]) => ({
    key,
    name,
    runs: own.toSorted((one, other) => one.config.seed - other.config.seed),
  }));
}

function settingTitles(runs: readonly ComparedRun[], words: GroupWords): ReadonlyMap<string, string> {
  const settings = new Map(
    runs.toReversed().map(({ config, summary }) => [settingKey(config), { config, name: summary.name }]),
  );
  const titles = titleSettings([...settings.values()], words);
  return new Map([...settings.keys()].map((key, index) => [key, titles[index]]));
}

type GroupsOf = (run: ComparedRun) => readonly GroupValue[];

function createGrouping(runs: readonly ComparedRun[], by: Grouping, words: GroupWords): GroupsOf {
  switch (by) {
    case 'setting': {
      const titles = settingTitles(runs, words);
      return ({ config, summary }) => {
        const key = settingKey(config);
        return [{ key, title: titles.get(key) ?? summary.name }];
      };
    }
    case 'tag':
      return ({ summary: { tags } }) =>
        tags.length === 0 ? [{ key: '', title: 'no tag' }] : tags.map((tag) => ({ key: tag, title: tag }));
    case 'sweep':
      return ({ sweep }) => [
        { key: sweep?.id ?? '', title: sweep ? (sweep.name ?? `sweep ${sweep.id}`) : 'no sweep' },
      ];
    case 'data': {
      const dataOf = new Map(
        runs.map((run) => [
          run.summary.id,
          { source: run.config.data.source, checksum: run.dataset?.checksum ?? null },
        ]),
      );
      const groupOf = groupByData([...dataOf.values()]);
      return ({ summary }) => [dataOf.get(summary.id)].flatMap((data) => (data ? [groupOf(data)] : []));
    }
    default:
      return ({ config }) => [valueGroup(config, by, words)];
  }
}

function valueGroup(config: RunConfig, path: string, words: GroupWords): GroupValue {
  const value = path
    .split('.')
    .reduce<unknown>((tree, part) => (tree as Record<string, unknown> | undefined)?.[part], config);
  const { key, title } = groupOfValue(path, value, words);
  return { key, title: value === undefined ? title : words.ofValues({ [path]: value as SweptValue }) };
}

/**
 * Returns one run of each group, which represents it where single runs are shown, such as in images; it has the name of its group.
 * Of those that were evaluated by a protocol, the one with the smallest seed.
 */
export function representGroups<Run extends ComparedRun>(
  groups: readonly ComparedGroup<Run>[],
  protocol: ProtocolGroup | null,
): Run[] {
  const evaluated = new Set(protocol?.members.map(({ runId }) => runId));
  const found = groups.map(({ name, runs }) => {
    const run = runs.find(({ summary }) => evaluated.has(summary.id)) ?? runs[0];
    return { ...run, summary: { ...run.summary, name } };
  });
  // With tags, one run may be the first of several groups.
  return found.filter(
    (run, index) => found.findIndex(({ summary }) => summary.id === run.summary.id) === index,
  );
}

/** Returns a protocol with the evaluations of some runs only. */
export function protocolOf(protocol: ProtocolGroup, runs: readonly ComparedRun[]): ProtocolGroup {
  const members = runs.flatMap(
    ({ summary }) => protocol.members.find(({ runId }) => runId === summary.id) ?? [],
  );
  return { ...protocol, members, isShared: members.length === runs.length };
}

/** The scores of a group in one metric. */
export interface GroupScore {
  /** Of the means over images, with its interval over seeds; runs of one seed are averaged first. */
  readonly seeds: RepeatedMean;
  /** 95 % bootstrap interval of the mean over images, of these trained networks; null without numbers for each image. */
  readonly images: Interval | null;
  /** The mean over images by seed. */
  readonly bySeed: ReadonlyMap<number, number>;
}

/** A group that was evaluated by the protocol of the comparison. */
export interface GroupResult {
  readonly key: string;
  /** Its name in tables, as that of a run is. */
  readonly method: string;
  readonly runs: readonly ComparedRun[];
  /** The row that represents each run. */
  readonly rows: readonly RunRow[];
  /** Distinct seeds among the evaluated runs. */
  readonly seeds: readonly number[];
  readonly nfe: number;
  readonly scores: Readonly<Record<GroupMetric, GroupScore>>;
}

export const groupMetrics = ['psnr', 'ssim', 'mse', 'mae'] as const satisfies readonly PairedMetric[];
export type GroupMetric = (typeof groupMetrics)[number];

/** Returns the results of the groups of which a run was evaluated by the protocol of the comparison, in their order. */
export function groupResults(
  groups: readonly ComparedGroup[],
  { chosen }: Pick<ComparisonOfRuns, 'chosen'>,
): GroupResult[] {
  return groups.flatMap(({ key, name, runs }): GroupResult[] => {
    const evaluated = runs.flatMap((run) => {
      const row = chosen.find(({ runId }) => runId === run.summary.id);
      return row ? [{ row, seed: run.config.seed }] : [];
    });
    if (evaluated.length === 0) return [];
    const scores = groupMetrics.map((metric) => [metric, scoreGroup(evaluated, metric)] as const);
    return [
      {
        key,
        method: name,
        runs,
        rows: evaluated.map(({ row }) => row),
        seeds: [...new Set(evaluated.map(({ seed }) => seed))],
        nfe: average(evaluated.map(({ row }) => row.row.nfe)),
        scores: Object.fromEntries(scores) as Record<GroupMetric, GroupScore>,
      },
    ];
  });
}

interface SeededRow {
  readonly row: RunRow;
  readonly seed: number;
}

function scoreGroup(evaluated: readonly SeededRow[], metric: GroupMetric): GroupScore {
  const seeds = [...Map.groupBy(evaluated, ({ seed }) => seed)];
  const bySeed = new Map(
    seeds.flatMap(([seed, rows]) => {
      const values = rows.flatMap(({ row }) => row.row[metric] ?? []);
      return values.length === 0 ? [] : [[seed, average(values)] as const];
    }),
  );
  return {
    bySeed,
    seeds: repeatedMean([...bySeed.values()]),
    images: imageInterval(seeds.map(([, rows]) => rows.map(({ row }) => row.row.perImage?.[metric] ?? null))),
  };
}

/** `seeds`: for each seed the values of each of its runs, image by image. Every seed has the same weight. */
function imageInterval(seeds: readonly (readonly (readonly (number | null)[] | null)[])[]): Interval | null {
  const [first] = seeds.flat();
  if (!first || seeds.flat().some((values) => values?.length !== first.length)) return null;
  const means = first.map((_, image) =>
    average(seeds.map((runs) => average(runs.map((values) => values?.[image] ?? NaN)))),
  );
  return meanInterval(means, drawResamples(means.length));
}

/** A group against the reference, over seeds. */
export interface GroupDifference extends SeedDifference {
  readonly group: GroupResult;
  readonly reference: GroupResult;
  readonly metric: GroupMetric;
  /** `pValue` adjusted for the number of groups that are compared with the reference, by Holm's method. */
  readonly adjusted: number | null;
  /** Why nothing can be said of how surely; null if something can. */
  readonly caveat: string | null;
}

/**
 * Compares every group with the reference, by default the first. Groups with a run in common are not compared: their means depend
 * on each other.
 */
export function groupDifferences(
  results: readonly GroupResult[],
  metric: GroupMetric,
  reference: GroupResult | undefined = results.at(0),
): GroupDifference[] {
  if (!reference) return [];
  const found = results
    .filter((group) => group !== reference)
    .map((group) => {
      const difference = seedDifference(group.scores[metric].bySeed, reference.scores[metric].bySeed);
      const caveat = caveatOf(group, reference, difference);
      const isShared = caveat === sharedRuns;
      const unknown = { interval: null, probability: null, pValue: null, method: null };
      return { group, reference, metric, ...difference, ...(isShared && unknown), caveat };
    });
  const adjusted = adjustByHolm(found.map(({ pValue }) => pValue));
  return found.map((each, index) => ({ ...each, adjusted: adjusted[index] }));
}

const sharedRuns = 'they have runs in common';

function caveatOf(one: GroupResult, other: GroupResult, { method }: SeedDifference): string | null {
  const ids = new Set(one.rows.map(({ runId }) => runId));
  if (other.rows.some(({ runId }) => ids.has(runId))) return sharedRuns;
  if (method !== null) return null;
  return 'a group with one seed says nothing of how much other seeds would change';
}

/** Says which group is best, by how much and how surely over seeds; null with fewer than two groups. */
export function describeGroups(results: readonly GroupResult[]): string | null {
  const known = results.filter(({ scores }) => scores.psnr.seeds.mean !== null);
  const [best, second] = known.toSorted((one, other) => meanOf(other) - meanOf(one));
  if (!best || !second) return null;
  const [{ difference, interval, pValue, method, caveat }] = groupDifferences([second, best], 'psnr');
  const by = `${formatFixed(difference, 2)} dB PSNR`;
  const name = `“${best.method}”`;
  const rank = known.length > 2 ? `, the next best of ${known.length} groups,` : '';
  const against = `“${second.method}”${rank}`;
  const seeds = `${best.seeds.length} and ${second.seeds.length} seeds`;
  if (interval === null || pValue === null)
    return `${name} is ahead of ${against} by ${by} (${seeds}). How surely is not known: ${caveat}.`;
  const [low, high] = interval.map((end) => signed(end, 2));
  const how = method === 'paired by seed' ? 'paired by seed' : 'Welch’s t';
  const range = `95 % interval ${low} to ${high} over ${seeds}, ${how}`;
  if (interval[0] <= 0)
    return `No clear difference: ${name} is ahead of ${against} by ${by}, but the ${range}, holds zero.`;
  const small =
    difference < practicalDifference
      ? `, which is less than ${practicalDifference} dB and hardly visible`
      : '';
  const caution = known.length > 2 ? ' The best of several groups looks better than it is.' : '';
  return `${name} is better than ${against} by ${by}${small} (${range}).${caution}`;
}

function meanOf({ scores }: GroupResult): number {
  return scores.psnr.seeds.mean ?? -Infinity;
}

/** Returns the tables of groups: one row each, with the two intervals of every metric. */
export function groupTables(results: readonly GroupResult[]): ComparisonTable<GroupResult>[] {
  const counts = [
    number(['runs'], ({ rows }) => rows.length),
    number(['seeds'], ({ seeds }) => seeds.length),
    number(['NFE'], ({ nfe }) => Number(nfe.toFixed(1))),
  ];
  const scores = (['psnr', 'ssim'] as const).flatMap(scoreColumns);
  const errors = (['mse', 'mae'] as const).flatMap(scoreColumns);
  return [
    { title: 'Groups', note: twoIntervals, rows: results, columns: [...counts, ...scores] },
    { title: 'Errors of groups', note: 'Intervals as above.', rows: results, columns: errors },
  ];
}

function number(
  heading: readonly string[],
  value: (row: GroupResult) => number,
): ComparisonColumn<GroupResult> {
  return { heading, format: (row) => String(value(row)), numbers: [{ heading: heading.join(' '), value }] };
}

function scoreColumns(metric: GroupMetric): ComparisonColumn<GroupResult>[] {
  const { title, unit, digits, largerIsBetter } = pairedMetrics[metric];
  const name = unit === '' ? title : `${title} ${unit}`;
  const read = ({ scores }: GroupResult) => scores[metric];
  const end = (which: 'seeds' | 'images', place: 0 | 1) => (row: GroupResult) => {
    const score = read(row);
    return (which === 'seeds' ? score.seeds.interval : score.images)?.[place] ?? null;
  };
  return [
    {
      heading: [name, '± seeds'],
      format: (row) => formatRepeatedMean(read(row).seeds, digits),
      numbers: [
        { heading: name, value: (row) => read(row).seeds.mean },
        { heading: `${name} standard deviation over seeds`, value: (row) => read(row).seeds.deviation },
        { heading: `${name} 95 % over seeds low`, value: end('seeds', 0) },
        { heading: `${name} 95 % over seeds high`, value: end('seeds', 1) },
      ],
      quality: (row) => {
        const { mean } = read(row).seeds;
        return mean === null ? null : largerIsBetter ? mean : -mean;
      },
    },
    {
      heading: [title, 'over images'],
      format: (row) => {
        const { images } = read(row);
        return images ? `[${images.map((value) => formatFixed(value, digits)).join(', ')}]` : '–';
      },
      numbers: [
        { heading: `${name} 95 % over images low`, value: end('images', 0) },
        { heading: `${name} 95 % over images high`, value: end('images', 1) },
      ],
    },
  ];
}

/** Headings and lines of the differences between groups, for terminals, the page and reports. */
export const differenceHeadings = [
  'Group',
  'against',
  'difference',
  '95 % interval over seeds',
  'p',
  'p adjusted',
  'how',
] as const;

export function differenceLines(differences: readonly GroupDifference[]): string[][] {
  return differences.map(
    ({ group, reference, metric, difference, interval, pValue, adjusted, method, caveat }) => {
      const { digits, unit, title } = pairedMetrics[metric];
      const text = (value: number) => signed(value, digits);
      return [
        group.method,
        reference.method,
        `${text(difference)} ${unit || title}`,
        interval ? `[${interval.map(text).join(', ')}]` : '–',
        formatP(pValue),
        formatP(adjusted),
        caveat ?? (method === 'Welch' ? 'Welch’s t' : 'paired by seed'),
      ];
    },
  );
}

function formatP(value: number | null): string {
  if (value === null) return '–';
  return value < 0.001 ? '< 0.001' : value.toFixed(value < 0.1 ? 3 : 2);
}

/** Explains a table of differences. */
export const differencesNote =
  'Differences of means over seeds: the unit of replication is the seed, not the image. Groups with the same seeds are paired by seed, others compared by Welch’s t; the adjusted p allows for the number of comparisons (Holm 1979).';

/** Every number of the groups, for JSON. */
export function groupNumbers(results: readonly GroupResult[]): object {
  return {
    groups: results.map(({ method, rows, seeds, nfe, scores }) => ({
      name: method,
      runs: rows.map(({ runId, step }) => ({ runId, step })),
      seeds,
      nfe,
      scores: Object.fromEntries(
        groupMetrics.map((metric) => {
          const { seeds: over, images, bySeed } = scores[metric];
          return [
            metric,
            {
              mean: over.mean,
              deviation: over.deviation,
              overSeeds: over.interval,
              overImages: images,
              bySeed: [...bySeed],
            },
          ];
        }),
      ),
    })),
    differences: (['psnr', 'ssim'] as const).flatMap((metric) =>
      groupDifferences(results, metric).map(({ group, reference, ...rest }) => ({
        group: group.method,
        reference: reference.method,
        ...rest,
      })),
    ),
  };
}
