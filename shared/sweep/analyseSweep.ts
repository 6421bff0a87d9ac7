/**
 * What the scores of a sweep say: mean and interval of every setting, which one is best and how surely, and which parameters
 * matter. Only members that were scored with their whole budget count.
 */

import { confidence, drawResamples, type Interval } from '../comparison/bootstrap.ts';
import { average, repeatedMean, seedDifference } from '../comparison/seedStatistics.ts';
import { describeValues, formatSwept } from './expandSweep.ts';
import { pathsOf, type SweepAxis, type SweepSpec, type SweptValue } from './sweep.ts';
import { compareScores, isHigherBetter } from './sweepScore.ts';

/** A member with its final score. */
export interface ScoredMember {
  readonly setting: number;
  readonly values: Readonly<Record<string, SweptValue>>;
  readonly seed: number;
  /** With the whole budget; null: not scored. */
  readonly score: number | null;
  readonly nfe: number | null;
  /** Training seconds. */
  readonly processSeconds: number;
}

/** A setting over its seeds. */
export interface SettingResult {
  readonly setting: number;
  readonly values: ScoredMember['values'];
  /** Scored members, out of so many. */
  readonly scored: number;
  readonly members: number;
  /** Of the scores; null without any. */
  readonly mean: number | null;
  /** Standard deviation over seeds; null for fewer than two. */
  readonly deviation: number | null;
  /** 95 % interval of the mean over seeds by Student's t; null for fewer than two. */
  readonly interval: Interval | null;
  /** Function evaluations for the scored image, and mean training seconds of the scored members; null without any. */
  readonly nfe: number | null;
  readonly seconds: number | null;
}

/** How much better the best setting is than the second. */
export interface Lead {
  /** Second best setting. */
  readonly setting: number;
  /** By how much the best is better, ≥ 0, in the unit of the metric, with its 95 % interval. */
  readonly difference: number;
  readonly interval: Interval | null;
  /** Of the best setting being better in truth, one-sided, from the t distribution; null for single seeds. */
  readonly probability: number | null;
  /** How it was found: pairs of equal seeds, or Welch's t; null as `probability`. */
  readonly method: 'paired by seed' | 'Welch' | null;
}

/** How much of the variance of the scores one axis explains by itself. */
export interface Importance {
  /** Index of the axis. */
  readonly axis: number;
  readonly paths: readonly string[];
  /** Fraction of the variance between its values, corrected for chance: ε² (Kelley 1935), 0 to 1. */
  readonly explained: number;
  /** 95 % bootstrap interval over settings; null for fewer than four of them. */
  readonly interval: Interval | null;
  /** The groups that were compared: its values, or ranges of them if there are many. */
  readonly levels: readonly { readonly label: string; readonly scored: number; readonly mean: number }[];
}

export interface SweepAnalysis {
  /** Best first; those without a score last, by their numbers. */
  readonly settings: readonly SettingResult[];
  /** Best setting of those with the most scored seeds; null without scores. */
  readonly best: number | null;
  /** null if no second setting has as many scored seeds. */
  readonly lead: Lead | null;
  /** The most important axis first. Empty while fewer than three settings are scored. */
  readonly importance: readonly Importance[];
}

/**
 * Analyses the members of a sweep. The lead is that of the best two means: of many settings, the best one looks better than it
 * is, and a probability near 0.5 means that other seeds may turn them round.
 */
export function analyseSweep(
  members: readonly ScoredMember[],
  spec: Pick<SweepSpec, 'axes' | 'objective'>,
): SweepAnalysis {
  const groups = [...Map.groupBy(members, ({ setting }) => setting).values()];
  const settings = groups
    .map(summarise)
    .sort((one, other) => compareScores(one.mean, other.mean, spec.objective) || one.setting - other.setting);
  const most = Math.max(0, ...settings.map(({ scored }) => scored));
  const [best, second] = most === 0 ? [] : settings.filter(({ scored }) => scored === most);
  const scoresOf = (setting: number) => members.filter((member) => member.setting === setting);
  return {
    settings,
    best: best?.setting ?? null,
    lead:
      best && second
        ? compareBest(scoresOf(best.setting), scoresOf(second.setting), isHigherBetter(spec.objective))
        : null,
    importance: rankAxes(members, spec.axes),
  };
}

function summarise(members: readonly ScoredMember[]): SettingResult {
  const [{ setting, values }] = members;
  const scored = members.filter((member) => member.score !== null);
  const known = scored.flatMap(({ nfe }) => (nfe === null ? [] : [nfe]));
  return {
    setting,
    values,
    scored: scored.length,
    members: members.length,
    ...repeatedMean(scored.map(({ score }) => score as number)),
    nfe: known.length === 0 ? null : average(known),
    seconds: scored.length === 0 ? null : average(scored.map(({ processSeconds }) => processSeconds)),
  };
}

/** The lead of the best setting over the second; the two change places if smaller scores are better. */
function compareBest(
  best: readonly ScoredMember[],
  second: readonly ScoredMember[],
  isHigher: boolean,
): Lead {
  const [one, other] = isHigher ? pairOf(best, second) : pairOf(second, best);
  const { difference, interval, probability, method } = seedDifference(one, other);
  return { setting: second[0].setting, difference, interval, probability, method };
}

function pairOf(one: readonly ScoredMember[], other: readonly ScoredMember[]) {
  return [scoresBySeed(one), scoresBySeed(other)] as const;
}

function scoresBySeed(members: readonly ScoredMember[]): Map<number, number> {
  return new Map(members.flatMap(({ seed, score }) => (score === null ? [] : [[seed, score] as const])));
}

/** Axes are compared from so many scored settings on, and get an interval from so many on. */
const [fewestSettings, fewestForInterval] = [3, 4];
const draws = 500;

function rankAxes(members: readonly ScoredMember[], axes: readonly SweepAxis[]): Importance[] {
  const scored = members.filter(({ score }) => score !== null && Number.isFinite(score));
  const settings = [...Map.groupBy(scored, ({ setting }) => setting).values()];
  if (settings.length < fewestSettings) return [];
  return axes
    .map((axis, index) => rateAxis(axis, index, settings))
    .filter(({ levels }) => levels.length > 1)
    .sort((one, other) => other.explained - one.explained || one.axis - other.axis);
}

/** `settings`: the scored members of each. Settings are drawn again for the interval, because seeds of one setting belong together. */
function rateAxis(
  axis: SweepAxis,
  index: number,
  settings: readonly (readonly ScoredMember[])[],
): Importance {
  const paths = pathsOf(axis);
  const { levels: labels, levelOf } = groupLevels(
    paths,
    settings.map(([first]) => first.values),
  );
  const placed = settings.map((members) => ({
    level: levelOf(members[0].values),
    scores: members.map(({ score }) => score as number),
  }));
  const { indices, count } = drawResamples(settings.length, { draws });
  const drawn = Array.from({ length: draws }, (_, draw) => {
    const chosen = Array.from(indices.subarray(draw * count, (draw + 1) * count), (place) => placed[place]);
    return explainedVariance(chosen, labels.length);
  }).sort((one, other) => one - other);
  return {
    axis: index,
    paths,
    explained: explainedVariance(placed, labels.length),
    interval:
      settings.length < fewestForInterval
        ? null
        : [
            drawn[Math.floor(((1 - confidence) / 2) * draws)],
            drawn[Math.ceil(((1 + confidence) / 2) * draws) - 1],
          ],
    levels: labels.map((label, level) => {
      const scores = placed.filter((each) => each.level === level).flatMap((each) => each.scores);
      return { label, scored: scores.length, mean: average(scores) };
    }),
  };
}

/** ε² = (between − (k − 1) · within / (n − k)) / total, of sums of squares over k levels and n scores; at least 0. */
function explainedVariance(
  placed: readonly { readonly level: number; readonly scores: readonly number[] }[],
  count: number,
): number {
  const sums = Array.from({ length: count }, () => ({ scores: 0, sum: 0 }));
  for (const { level, scores } of placed) {
    for (const score of scores) {
      sums[level].scores += 1;
      sums[level].sum += score;
    }
  }
  const used = sums.filter(({ scores }) => scores > 0);
  const total = used.reduce((all, { scores }) => all + scores, 0);
  const mean = used.reduce((all, { sum }) => all + sum, 0) / total;
  let between = 0;
  for (const { scores, sum } of used) between += scores * (sum / scores - mean) ** 2;
  let whole = 0;
  for (const { scores } of placed) for (const score of scores) whole += (score - mean) ** 2;
  if (whole === 0 || total <= used.length) return 0;
  const within = (whole - between) / (total - used.length);
  return Math.min(1, Math.max(0, (between - (used.length - 1) * within) / whole));
}

/** Numbers with more distinct values than this are grouped into ranges of about equally many settings. */
const mostLevels = 6;
const rangesOfMany = 4;

/** Returns the levels of an axis and the level of each setting's values. */
function groupLevels(
  paths: readonly string[],
  settings: readonly ScoredMember['values'][],
): { levels: string[]; levelOf: (values: ScoredMember['values']) => number } {
  const own = (values: ScoredMember['values']) =>
    Object.fromEntries(paths.map((path) => [path, values[path]]));
  const [path] = paths;
  const numbers = settings.map((values) => values[path]).filter((value) => typeof value === 'number');
  const distinct = [...new Set(settings.map((values) => JSON.stringify(own(values))))];
  if (paths.length === 1 && numbers.length === settings.length && distinct.length > mostLevels) {
    const sorted = numbers.toSorted((one, other) => one - other);
    const starts = [
      ...new Set(
        Array.from(
          { length: rangesOfMany },
          (_, range) => sorted[Math.floor((range * sorted.length) / rangesOfMany)],
        ),
      ),
    ];
    const levelOf = (values: ScoredMember['values']) =>
      starts.findLastIndex((start) => start <= (values[path] as number));
    const levels = starts.map((start, level) => {
      const inside = sorted.filter((value) => levelOf({ [path]: value }) === level);
      return start === inside.at(-1) ? String(start) : `${start} to ${inside.at(-1)}`;
    });
    return { levels, levelOf };
  }
  return {
    levels: distinct.map((text) => {
      const values = JSON.parse(text) as ScoredMember['values'];
      return paths.length === 1 ? formatSwept(values[path]) : describeValues(values);
    }),
    levelOf: (values) => distinct.indexOf(JSON.stringify(own(values))),
  };
}
