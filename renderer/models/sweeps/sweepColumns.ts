/**
 * The varied parameters and the score of a sweep as axes that its members are placed on: in parallel coordinates, in one
 * chart a parameter, and in filters.
 */

import { formatValue } from '../../../shared/sweep/expandSweep.ts';
import { pathsOf, type SweepSpec, type SweptValue } from '../../../shared/sweep/sweep.ts';
import type { SweepDetail, SweepMemberView } from '../../../shared/sweep/sweepViews.ts';
import { metricTitle } from './sweepForm.ts';
import { titleWithUnit } from './sweepTexts.ts';

/** Numbers on a line, or names in a row. */
export type SweepColumn = {
  /** A path, or `score`. */
  readonly key: string;
  readonly title: string;
} & (
  | {
      readonly kind: 'number';
      readonly isLogarithmic: boolean;
      readonly low: number;
      readonly high: number;
      /** Values in ascending order, each once. */
      readonly values: readonly number[];
    }
  | { readonly kind: 'names'; readonly names: readonly string[] }
);

export const scoreKey = 'score';

/** Returns a column for each varied parameter, then that of the score; the seed is none. */
export function sweepColumns({ spec, list }: Pick<SweepDetail, 'spec' | 'list'>): SweepColumn[] {
  const varied = spec.axes.flatMap(pathsOf).map((path): SweepColumn => {
    const values = list.map((member) => member.values[path]);
    return parameterColumn(path, values, isLogAxis(spec, path));
  });
  const scores = finiteScores(list);
  if (scores.length === 0) return varied;
  const title = metricTitle(spec.objective.metric);
  return [...varied, numberColumn(scoreKey, title, scores, false)];
}

function isLogAxis({ axes }: Pick<SweepSpec, 'axes'>, path: string): boolean {
  return axes.some((axis) => axis.kind === 'log' && axis.path === path);
}

function parameterColumn(path: string, values: readonly SweptValue[], isLog: boolean): SweepColumn {
  const title = titleWithUnit(path);
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length === values.length && numbers.length > 0)
    return numberColumn(path, title, numbers, isLog || isSpacedByFactors(numbers));
  return {
    key: path,
    title,
    kind: 'names',
    names: [...new Set(values.map((value) => formatValue(path, value)))],
  };
}

function numberColumn(
  key: string,
  title: string,
  all: readonly number[],
  isLogarithmic: boolean,
): SweepColumn {
  const values = [...new Set(all)].sort((one, other) => one - other);
  const [low, high] = [values[0], values[values.length - 1]];
  return { key, title, kind: 'number', isLogarithmic, low, high, values };
}

/** Whether positive values are more evenly spaced by factors than by differences, as 1, 2, 4, 8 are. */
export function isSpacedByFactors(all: readonly number[]): boolean {
  const values = [...new Set(all)].sort((one, other) => one - other);
  if (values.length < 2 || values[0] <= 0) return false;
  const ratio = values[values.length - 1] / values[0];
  if (values.length === 2) return ratio >= 10;
  return ratio > 2 && unevenness(values.map(Math.log)) < unevenness(values);
}

/** Standard deviation of the gaps between ascending values, relative to their mean. */
function unevenness(values: readonly number[]): number {
  const gaps = values.slice(1).map((value, index) => value - values[index]);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  return Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length) / mean;
}

export function finiteScores(list: readonly Pick<SweepMemberView, 'score'>[]): number[] {
  return list.flatMap(({ score }) => (score !== null && Number.isFinite(score) ? [score] : []));
}

/** Returns where a member is on a column, 0 at the bottom to 1 at the top; null: nowhere, as it has no score. */
export function placeOn(
  column: SweepColumn,
  { values, score }: Pick<SweepMemberView, 'values' | 'score'>,
): number | null {
  if (column.kind === 'names') {
    const row = column.names.indexOf(formatValue(column.key, values[column.key]));
    return 1 - (row + 0.5) / column.names.length;
  }
  const value = column.key === scoreKey ? score : values[column.key];
  return typeof value === 'number' && Number.isFinite(value) ? fractionOf(column, value) : null;
}

type NumberColumn = Extract<SweepColumn, { kind: 'number' }>;

/** Returns the place of a number between the lowest and the highest value; a single value is in the middle. */
export function fractionOf({ isLogarithmic, low, high }: NumberColumn, value: number): number {
  if (high === low) return 0.5;
  const scaled = isLogarithmic ? Math.log : (number: number) => number;
  return (scaled(value) - scaled(low)) / (scaled(high) - scaled(low));
}

/** Returns the number at a place; the inverse of `fractionOf`. */
export function valueAtFraction({ isLogarithmic, low, high }: NumberColumn, fraction: number): number {
  if (high === low) return low;
  return isLogarithmic
    ? Math.exp(Math.log(low) + fraction * (Math.log(high) - Math.log(low)))
    : low + fraction * (high - low);
}

/** What a column lets through: a range of numbers (null: without an end), or some of its names. */
export type SweepBrush =
  | { readonly kind: 'number'; readonly from: number | null; readonly to: number | null }
  | { readonly kind: 'names'; readonly names: readonly string[] };
/** By the keys of columns; without a brush, a column lets everything through. */
export type SweepBrushes = Readonly<Record<string, SweepBrush>>;

/** Returns whether all brushes let a member through. */
export function isBrushed(
  { values, score }: Pick<SweepMemberView, 'values' | 'score'>,
  brushes: SweepBrushes,
): boolean {
  return Object.entries(brushes).every(([key, brush]) => {
    const value = key === scoreKey ? score : values[key];
    if (brush.kind === 'names') return brush.names.includes(formatValue(key, value));
    if (typeof value !== 'number') return false;
    // A value that was typed or dragged to the same digits is inside.
    return value >= (brush.from ?? -Infinity) && value <= (brush.to ?? Infinity);
  });
}

/** A drag that ends this near to an end of its axis means the end. */
const edge = 0.03;

/** Returns the brush of a drag along a column between two places, rounded to four digits; null: too short to be one. */
export function brushOf(column: SweepColumn, one: number, other: number): SweepBrush | null {
  const [low, high] = [Math.min(one, other), Math.max(one, other)];
  if (high - low < 0.01) return null;
  if (column.kind === 'names') {
    const names = column.names.filter((_, row) => {
      const place = 1 - (row + 0.5) / column.names.length;
      return place >= low && place <= high;
    });
    return names.length > 0 ? { kind: 'names', names } : null;
  }
  const end = (fraction: number) => Number(valueAtFraction(column, fraction).toPrecision(4));
  return { kind: 'number', from: low < edge ? null : end(low), to: high > 1 - edge ? null : end(high) };
}

/** Returns brushes with one more, or without that of a column. */
export function withBrush(brushes: SweepBrushes, key: string, brush: SweepBrush | null): SweepBrushes {
  const others = Object.fromEntries(Object.entries(brushes).filter(([name]) => name !== key));
  const isOpen = brush === null || (brush.kind === 'number' && brush.from === null && brush.to === null);
  return isOpen ? others : { ...others, [key]: brush };
}
