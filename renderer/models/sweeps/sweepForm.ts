/** The form of a sweep: its inputs as typed, and the specification that they describe, or what is wrong with each field. */

import type { RunConfig } from '../../../shared/config/config.ts';
import { findConfigParameter, listConfigParameters } from '../../../shared/config/configParameters.ts';
import type { Parameter } from '../../../shared/config/describeSchema.ts';
import { shortPath } from '../../../shared/sweep/expandSweep.ts';
import {
  metricOf,
  scoredRows,
  type SweepAxis,
  type SweepSpec,
  sweepSpecSchema,
  type SweptMetric,
  sweptMetricNames,
  type SweptValue,
} from '../../../shared/sweep/sweep.ts';
import { checkInputs, type Fault } from '../forms/checkInputs.ts';
import { parseNumber } from '../forms/numberText.ts';
import { inPageWords } from '../ui/pixelWords.ts';

/** Values of one parameter, or of several that vary together. */
export interface AxisInput {
  /** Unique in the form. */
  readonly key: number;
  readonly kind: 'list' | 'range' | 'log';
  /** `values`: separated as `separatorOf` says; those of several parameters vary together, value by value. */
  readonly parameters: readonly { readonly path: string; readonly values: string }[];
  readonly from: string;
  readonly to: string;
  readonly step: string;
  readonly count: string;
}

/** All inputs as they are typed. */
export interface SweepForm {
  readonly isOpen: boolean;
  /** Where the runs are computed. */
  readonly place: 'here' | 'cluster';
  readonly axes: readonly AxisInput[];
  readonly seeds: string;
  readonly design: 'grid' | 'random';
  readonly count: string;
  readonly budget: 'form' | 'steps' | 'minutes';
  readonly amount: string;
  readonly metric: SweptMetric;
  readonly row: (typeof scoredRows)[number];
  readonly samples: string;
  readonly images: string;
  readonly isHalving: boolean;
  readonly eta: string;
  readonly minimum: string;
}

export const emptySweepForm: SweepForm = {
  isOpen: false,
  place: 'here',
  axes: [],
  seeds: '1..3',
  design: 'grid',
  count: '20',
  budget: 'form',
  amount: '1000',
  metric: 'psnr',
  row: 'posterior mean',
  samples: '4',
  images: '100',
  isHalving: false,
  eta: '3',
  minimum: '100',
};

/** Parses stored inputs; returns the empty form if they are of another version. */
export function readSweepForm(stored: string): SweepForm {
  try {
    const parsed: unknown = JSON.parse(stored);
    return isForm(parsed) ? parsed : emptySweepForm;
  } catch {
    return emptySweepForm;
  }
}

function isForm(value: unknown): value is SweepForm {
  if (!hasTypesOf(value, emptySweepForm)) return false;
  const { axes, design, budget, metric, row, place } = value;
  const isAxis = (axis: unknown) =>
    hasTypesOf(axis, createAxis(1, '', '')) &&
    ['list', 'range', 'log'].includes(axis.kind) &&
    axis.parameters.every((parameter) => hasTypesOf(parameter, { path: '', values: '' })) &&
    axis.parameters.length > 0;
  return (
    axes.every(isAxis) &&
    ['here', 'cluster'].includes(place) &&
    ['grid', 'random'].includes(design) &&
    ['form', 'steps', 'minutes'].includes(budget) &&
    sweptMetricNames.includes(metric) &&
    scoredRows.includes(row)
  );
}

/** Whether a value has the properties of `example`, each a list, text, number or switch as there. */
function hasTypesOf<Example extends object>(value: unknown, example: Example): value is Example {
  if (typeof value !== 'object' || value === null) return false;
  const found = new Map<string, unknown>(Object.entries(value));
  return Object.entries(example).every(([key, wanted]) => {
    const own = found.get(key);
    return typeof own === typeof wanted && Array.isArray(own) === Array.isArray(wanted);
  });
}

/** Whether a form can vary a parameter; seeds have a field of their own. */
export function isVariable({ path }: Parameter): boolean {
  return path !== 'seed';
}

/** Returns what separates typed values: lists of numbers and texts have commas of their own. */
export function separatorOf({ control }: Pick<Parameter, 'control'>): ',' | ';' {
  return control === 'numbers' || control === 'text' ? ';' : ',';
}

/** Returns the inputs of an axis that varies one parameter around its value. */
export function createAxis(key: number, path: string, value: string): AxisInput {
  const axis = { key, parameters: [{ path, values: value }], from: value, to: value, step: '', count: '3' };
  return { ...axis, kind: 'list' };
}

/** What the form varies, and what it varies it of. */
export interface SweepInputs {
  readonly form: SweepForm;
  /** null while the form of the run has faults, which are reported there. */
  readonly config: RunConfig | null;
  /** Typed name of the runs; empty: named after the parameters. */
  readonly name: string;
  /** Tags of every run. */
  readonly tags?: readonly string[];
  /** Why each parameter without effect has none. */
  readonly inactive: ReadonlyMap<string, string>;
}

export interface CheckedSweep {
  /** null while there are faults. */
  readonly spec: SweepSpec | null;
  /** By the names of their fields, such as `axes.0.values`, in the order of the form. */
  readonly faults: readonly Fault[];
}

/** Returns the specification that the inputs describe, or all faults. */
export function checkSweep({ form, config, name, tags = [], inactive }: SweepInputs): CheckedSweep {
  if (config === null) return { spec: null, faults: [] };
  const faults: Fault[] = [];
  const report = (path: string, message: string) => void faults.push({ path, message });
  const axes = form.axes.map((axis, index) => readAxis(axis, { index, config, inactive, report }));
  const seeds = readSeeds(form.seeds, report);
  const rest = readChoices(form, report);
  if (form.axes.length === 0 && faults.length === 0 && seeds.length < 2)
    report('add', 'Nothing varies. Add a parameter, or several seeds.');
  if (faults.length > 0) return { spec: null, faults };
  const candidate = { name: name.trim() || nameOf(form), base: config, axes, seeds, tags, ...rest };
  const parsed = sweepSpecSchema.safeParse(candidate);
  for (const issue of parsed.error?.issues ?? []) report(fieldOf(issue.path), sentence(issue.message));
  return { spec: parsed.success ? parsed.data : null, faults };
}

/** Reads everything but the axes and the seeds. */
function readChoices(form: SweepForm, report: Report) {
  const read = createReader(report);
  if (form.isHalving && form.budget === 'form')
    report('minimum', 'Halving needs a budget in steps or minutes.');
  const samples = form.row === 'mean of samples' ? read('samples', form.samples, true) : 1;
  return {
    design:
      form.design === 'grid' ? { kind: 'grid' } : { kind: 'random', count: read('count', form.count, true) },
    budget:
      form.budget === 'form' ? null : { [form.budget]: read('amount', form.amount, form.budget === 'steps') },
    objective: {
      metric: form.metric,
      row: form.row,
      protocol: { images: read('images', form.images, true), samples },
    },
    halving: form.isHalving
      ? {
          eta: read('eta', form.eta, true),
          minimum: read('minimum', form.minimum, form.budget === 'steps'),
        }
      : null,
  };
}

/** Formats `learningRate × dim`, which names a sweep. */
export function nameOf({ axes }: Pick<SweepForm, 'axes'>): string {
  const paths = axes.flatMap(({ parameters }) => parameters.map(({ path }) => path));
  const names = paths.map((path) => shortPath(path, paths));
  return (names.join(' × ') || 'seeds').slice(0, 60);
}

type Report = (path: string, message: string) => void;

function createReader(report: Report) {
  return (path: string, input: string, isWhole: boolean): number => {
    const number = parseNumber(input);
    if (!number.ok) report(path, number.problem);
    else if (isWhole && !Number.isInteger(number.value))
      report(path, `Expected a whole number, found ${input}.`);
    else if (number.value <= 0) report(path, `Expected a number above 0, found ${input}.`);
    return number.ok ? number.value : 0;
  };
}

interface AxisContext {
  readonly index: number;
  readonly config: RunConfig;
  readonly inactive: ReadonlyMap<string, string>;
  readonly report: Report;
}

/** Returns null if a fault was reported. */
function readAxis(axis: AxisInput, context: AxisContext): SweepAxis | null {
  const { index, report } = context;
  let isFaulty = false;
  const reportOwn = (field: string, message: string) => {
    isFaulty = true;
    report(`axes.${index}.${field}`, message);
  };
  const own = { ...context, report: reportOwn };
  axis.parameters.forEach(({ path }, place) => checkEffect(path, place, own));
  const read = axis.parameters.length > 1 ? readJoint(axis, own) : readSingle(axis, own);
  return isFaulty ? null : read;
}

function checkEffect(path: string, place: number, { inactive, report }: AxisContext): void {
  const reason = inactive.get(path);
  if (reason !== undefined) report(`path.${place}`, `It has no effect here: ${reason}.`);
}

function readSingle({ kind, parameters, ...fields }: AxisInput, context: AxisContext): SweepAxis {
  const [{ path, values }] = parameters;
  if (kind === 'list') {
    const list = readValues(path, values, 'values.0', context);
    const texts = list.map((value) => (Array.isArray(value) ? value.join(', ') : String(value)));
    const twice = texts.find((value, index) => texts.indexOf(value) < index);
    if (twice !== undefined) context.report('values.0', `${twice} is there twice.`);
    return { kind, path, values: list };
  }
  const parameter = parameterAt(path);
  const number = (field: 'from' | 'to' | 'step' | 'count') => {
    const read = parseNumber(fields[field]);
    if (!read.ok) context.report(field, read.problem);
    return read.ok ? read.value : 1;
  };
  const [from, to] = [number('from'), number('to')];
  for (const field of ['from', 'to'] as const)
    checkValue(parameter, fields[field], (message) => context.report(field, message), context.config);
  if (kind === 'range') return readRange({ path, from, to, step: number('step') }, parameter, context);
  const count = number('count');
  if (from <= 0) context.report('from', 'A logarithmic range begins above 0.');
  if (to <= 0) context.report('to', 'A logarithmic range ends above 0.');
  if (!Number.isInteger(count) || count < 2 || count > 1000)
    context.report('count', `Expected a whole number from 2 to 1000, found ${fields.count}.`);
  return { kind: 'log', path, from, to, count };
}

function readRange(
  range: { readonly path: string; readonly from: number; readonly to: number; readonly step: number },
  { isInteger }: Parameter,
  { report }: AxisContext,
): SweepAxis {
  const { from, to, step } = range;
  if (step === 0 || (to - from) / step < 0)
    report('step', `Expected a step that leads from ${from} to ${to}, found ${step}.`);
  else if ((to - from) / step >= 1000)
    report('step', 'It gives more than 1000 values. Expected a larger step.');
  else if (isInteger && !Number.isInteger(step)) report('step', `Expected a whole number, found ${step}.`);
  return { kind: 'range', ...range };
}

function readJoint({ parameters }: AxisInput, context: AxisContext): SweepAxis {
  const columns = parameters.map(({ path, values }, place) =>
    readValues(path, values, `values.${place}`, context),
  );
  const [first] = columns;
  columns.forEach((column, place) => {
    if (column.length !== first.length)
      context.report(
        `values.${place}`,
        `Expected ${first.length} values, as many as of the first parameter, found ${column.length}.`,
      );
  });
  const rows = first.map((_, row) => columns.map((column) => column[row] ?? null));
  return { kind: 'joint', paths: parameters.map(({ path }) => path), rows };
}

/** Parses separated values, as many as there are. */
function readValues(
  path: string,
  list: string,
  field: string,
  { report, config }: AxisContext,
): SweptValue[] {
  const parameter = parameterAt(path);
  const separator = separatorOf(parameter);
  const parts = list
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const marks = separator === ',' ? 'commas' : 'semicolons';
  if (parts.length === 0) report(field, `Enter one or more values, separated by ${marks}.`);
  for (const part of parts)
    checkValue(parameter, part, (message) => report(field, `${part}: ${message}`), config);
  return parts.map((part) => valueOf(parameter, part));
}

function checkValue(
  { path, control, choices, titles }: Parameter,
  part: string,
  report: (message: string) => void,
  config: RunConfig,
): void {
  if (control === 'switch' && !['on', 'off'].includes(part)) return report('Expected on or off.');
  if (control === 'choice') {
    if (!choices.some((choice) => isNamed(choice, titles, part)))
      report(`Expected ${choices.map((choice) => titles[choice] ?? choice).join(', ')}.`);
    return;
  }
  if (control === 'switch') return;
  const isEmpty = isNothing(part) && control !== 'text';
  const { faults } = checkInputs(config, { [path]: isEmpty ? '' : part });
  const own = faults.find((fault) => fault.path === path || fault.path.startsWith(`${path}.`));
  if (own) report(own.message);
}

/** Whether a typed text is the name or the title of an option. */
function isNamed(choice: string, titles: Parameter['titles'], text: string): boolean {
  return [choice, titles[choice]].some((name) => name?.toLowerCase() === text.toLowerCase());
}

function valueOf({ control, choices, titles }: Parameter, part: string): SweptValue {
  if (control === 'switch') return part === 'on';
  if (control === 'choice') return choices.find((choice) => isNamed(choice, titles, part)) ?? part;
  if (control === 'text') return part;
  if (control === 'numbers')
    return isNothing(part) ? [] : part.split(',').map((number) => Number(number.trim()));
  if (isNothing(part)) return null;
  const read = parseNumber(part);
  return read.ok ? read.value : null;
}

const isNothing = (part: string) => part === 'none';

function parameterAt(path: string): Parameter {
  return findConfigParameter(path) ?? listConfigParameters()[0];
}

/** Parses `1..5` and `1, 2, 7`. */
function readSeeds(input: string, report: Report): number[] {
  const parts = input
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const seeds = parts.flatMap((part) => {
    const [, low, high] = /^(\d+)(?:\s*\.\.\s*(\d+))?$/.exec(part) ?? [];
    if (low === undefined) {
      report(
        'seeds',
        `“${part}” is no seed. Expected whole numbers such as 1, 2, 3 or a range such as 1..5.`,
      );
      return [];
    }
    const [first, last] = [Number(low), Number(high ?? low)];
    if (last < first || last - first >= 1000) {
      report('seeds', `“${part}” is no range of at most 1000 seeds. Expected a range such as 1..5.`);
      return [];
    }
    return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
  });
  return [...new Set(seeds)];
}

/** Returns the field that an issue of the schema is shown at. */
function fieldOf(path: readonly PropertyKey[]): string {
  const [section, ...rest] = path.map(String);
  const last = rest.at(-1);
  if (section === 'axes' && rest.length > 1)
    return `axes.${rest[0]}.${last === 'step' ? 'step' : 'values.0'}`;
  if (section === 'axes') return 'add';
  if (section === 'halving') return last === 'eta' ? 'eta' : 'minimum';
  if (section === 'design') return 'count';
  if (section === 'budget') return 'amount';
  if (section === 'objective') return last === 'samples' || last === 'images' ? last : 'row';
  return section;
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}

/** `PSNR, dB · higher is better`. */
export function describeMetric(metric: SweptMetric): string {
  return `${metricTitle(metric)} · ${metricOf(metric).better === 'higher' ? 'higher' : 'lower'} is better`;
}

/** `PSNR, dB`. */
export function metricTitle(metric: SweptMetric): string {
  const { heading, unit } = metricOf(metric);
  const title = inPageWords(heading.join(' '));
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}${unit ? `, ${unit}` : ''}`;
}
