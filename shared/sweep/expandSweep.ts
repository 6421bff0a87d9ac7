/** The members of a sweep: a pure function of its specification. */

import type { RunConfig } from '../config/config.ts';
import { findConfigParameter } from '../config/configParameters.ts';
import { applyBudget } from '../config/longerBudget.ts';
import {
  type Assignment,
  describeFaults,
  findForeignParameter,
  setParameters,
  settablePaths,
} from '../config/setParameters.ts';
import { randomPermutation, randomUniforms } from '../numbers/random.ts';
import { mostMembers, pathsOf, type SweepAxis, type SweepSpec, type SweptValue } from './sweep.ts';

/** One run of a sweep, without its configuration. */
export interface SweepMember {
  /** Number in the sweep, from 0: all settings with the first seed, then all with the second one. */
  readonly index: number;
  /** Number of the combination of values, from 0. */
  readonly setting: number;
  /** Values of the varied parameters by their paths. */
  readonly values: Readonly<Record<string, SweptValue>>;
  readonly seed: number;
  /** Of its run. */
  readonly name: string;
}

/** A member with its configuration, which is checked and has the sweep's budget and the seed. */
export interface ConfiguredMember extends SweepMember {
  readonly config: RunConfig;
}

/** A specification that cannot be computed. The message states what was found, what was expected, and the next step. */
export class SweepError extends Error {}

/** Returns the combinations of values. @throws SweepError if there are too many. */
export function listSettings(
  spec: Pick<SweepSpec, 'axes' | 'design' | 'seeds' | 'base'>,
): SweepMember['values'][] {
  const { axes, design } = spec;
  const steps = axes.map(valuesOf);
  const combinations = steps.reduce((product, values) => product * values.length, 1);
  const wanted = design.kind === 'grid' ? combinations : Math.min(combinations, design.count);
  const members = wanted * seedsOf(spec).length;
  if (members > mostMembers)
    throw new SweepError(
      `The sweep has ${members} runs, and at most ${mostMembers} are computed. Vary fewer values, or choose some at random.`,
    );
  const numbers =
    design.kind === 'grid'
      ? Array.from({ length: wanted }, (_, index) => index)
      : chooseNumbers(combinations, wanted, design.seed);
  return numbers.map((number) => combine(steps, number));
}

/** Returns the seeds of a sweep: at least one. */
export function seedsOf({ seeds, base }: Pick<SweepSpec, 'seeds' | 'base'>): readonly number[] {
  return seeds.length > 0 ? seeds : [base.seed];
}

/** Returns every member without its configuration, quickly. @throws SweepError if there are too many. */
export function listMembers(spec: SweepSpec): SweepMember[] {
  const settings = listSettings(spec);
  return seedsOf(spec).flatMap((seed, repeat) =>
    settings.map((values, setting) => ({
      index: repeat * settings.length + setting,
      setting,
      values,
      seed,
      name: nameOf(spec, values, seed),
    })),
  );
}

/** Returns the configuration of a member. @throws SweepError if it is not valid. */
export function configureMember(spec: SweepSpec, { values, seed }: SweepMember): RunConfig {
  return { ...configOf(spec, values), seed };
}

/**
 * Returns every member; the same for the same specification, everywhere. A random design with a larger count begins with
 * the settings of a smaller one.
 * @throws SweepError for an unknown parameter, a configuration that is not valid, and too many members.
 */
export function expandSweep(spec: SweepSpec): ConfiguredMember[] {
  checkPaths(spec);
  const members = listMembers(spec);
  // Members of one setting differ in their seed only.
  const configs = new Map<number, RunConfig>();
  return members.map((member) => {
    const config = configs.get(member.setting) ?? configOf(spec, member.values);
    configs.set(member.setting, config);
    return { ...member, config: { ...config, seed: member.seed } };
  });
}

/** Returns the values of an axis, each as assignments of its parameters. */
export function valuesOf(axis: SweepAxis): Readonly<Record<string, SweptValue>>[] {
  if (axis.kind === 'joint')
    return axis.rows.map((row) => Object.fromEntries(axis.paths.map((path, column) => [path, row[column]])));
  return singleValues(axis).map((value) => ({ [axis.path]: value }));
}

function singleValues(axis: Exclude<SweepAxis, { kind: 'joint' }>): readonly SweptValue[] {
  if (axis.kind === 'list') return axis.values;
  const isInteger = findConfigParameter(axis.path)?.isInteger ?? false;
  const { from, to } = axis;
  // A sum of steps may miss the last value by a rounding error.
  const count = axis.kind === 'log' ? axis.count : Math.floor((to - from) / axis.step + 1e-9) + 1;
  const values = Array.from({ length: count }, (_, index) =>
    axis.kind === 'log'
      ? tidy(from * (to / from) ** (index / (count - 1)), isInteger ? 15 : 4)
      : tidy(from + index * axis.step, 12),
  );
  // Ends are exact, and whole numbers close to each other become one.
  const exact = values.map((value, index) =>
    axis.kind === 'log' && index === 0 ? from : axis.kind === 'log' && index === count - 1 ? to : value,
  );
  return isInteger && axis.kind === 'log' ? [...new Set(exact.map(Math.round))] : exact;
}

/** Rounds to significant digits, so that a value can be read and typed. */
function tidy(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/** Returns the combination of a number; the last axis varies fastest. */
function combine(
  steps: readonly (readonly Readonly<Record<string, SweptValue>>[])[],
  number: number,
): SweepMember['values'] {
  let rest = number;
  const chosen = steps.toReversed().map((values) => {
    const value = values[rest % values.length];
    rest = Math.floor(rest / values.length);
    return value;
  });
  return Object.assign({}, ...chosen.toReversed()) as SweepMember['values'];
}

/** Grids up to this size are permuted; numbers of larger ones are drawn until enough are distinct. */
const largestPermutation = 200_000;

function chooseNumbers(combinations: number, count: number, seed: number): number[] {
  const key = { seed, stream: 'sweep' } as const;
  if (combinations <= largestPermutation)
    return [...randomPermutation({ ...key, step: 0 }, combinations).subarray(0, count)];
  const chosen = new Set<number>();
  for (let step = 1; chosen.size < count; step++) {
    // Two float32 of 24 bits reach every number below 2^48.
    const [high, low] = randomUniforms({ ...key, step }, 2);
    chosen.add(Math.min(combinations - 1, Math.floor((high + low / 2 ** 24) * combinations)));
  }
  return [...chosen];
}

function checkPaths({ axes, base }: SweepSpec): void {
  const known = settablePaths(base);
  for (const path of axes.flatMap(pathsOf)) {
    if (!known.includes(path))
      throw new SweepError(
        `No parameter "${path}". Vary one of a run's parameters, such as optim.learningRate or field.dim.`,
      );
  }
}

function configOf({ base, budget }: SweepSpec, values: SweepMember['values']): RunConfig {
  const assignments: Assignment[] = Object.entries(values).map(([path, value]) => ({ path, value }));
  const result = setParameters(base, assignments);
  const where = describeValues(values);
  if (!result.success)
    throw new SweepError(
      `${where} is no valid configuration: ${describeFaults(result.error)}. Leave these values out, or vary the parameters together.`,
    );
  for (const { path } of assignments) {
    const problem = findForeignParameter(result.data.field.kind, path);
    if (problem !== null) throw new SweepError(`${where} has no effect: ${problem}. Vary another parameter.`);
  }
  return budget === null ? result.data : applyBudget(result.data, budget);
}

const longestRunName = 120;

function nameOf({ name, seeds }: SweepSpec, values: SweepMember['values'], seed: number): string {
  const parts = [name, describeValues(values), ...(seeds.length > 1 ? [`seed ${seed}`] : [])];
  const full = parts.filter((part) => part !== '').join(' · ');
  return full.length <= longestRunName ? full : `${full.slice(0, longestRunName - 1).trimEnd()}…`;
}

/** `learningRate 0.001, dim 32`; empty if nothing varies. */
export function describeValues(values: SweepMember['values']): string {
  const paths = Object.keys(values);
  return paths.map((path) => `${shortPath(path, paths)} ${formatSwept(values[path])}`).join(', ');
}

/** Returns the last part of a path, unless another of the paths has the same. */
export function shortPath(path: string, paths: readonly string[]): string {
  const last = (text: string) => text.slice(text.lastIndexOf('.') + 1);
  return paths.filter((other) => last(other) === last(path)).length > 1 ? path : last(path);
}

/** Formats a value as it is typed: `0.001`, `unet`, `none` for null. */
export function formatSwept(value: SweptValue): string {
  if (value === null) return 'none';
  return Array.isArray(value) ? value.join(' ') : String(value);
}

/** Title of a parameter on the page, such as `Learning rate`. */
export function titleOf(path: string): string {
  return findConfigParameter(path)?.title ?? path;
}

/** Formats the value of a parameter as the page does; that of a choice as its title. */
export function formatValue(path: string, value: SweptValue | undefined): string {
  if (value === undefined || value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.join(' ');
  return findConfigParameter(path)?.titles[String(value)] ?? String(value);
}

/** `Learning rate 0.002, Width 32`, as the page does; `all runs` if nothing varies but the seed. */
export function describeSetting(values: SweepMember['values']): string {
  const texts = Object.entries(values).map(([path, value]) => `${titleOf(path)} ${formatValue(path, value)}`);
  return texts.join(', ') || 'all runs';
}
