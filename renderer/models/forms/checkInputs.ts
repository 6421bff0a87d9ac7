/** Applies the inputs of a form to a configuration and checks the result against the schema. */

import { runConfigSchema, type RunConfig } from '../../../shared/config/config.ts';
import {
  compareConfigs,
  findConfigParameter,
  listConfigParameters,
  hasParameter,
  isSameValue,
  startingValue,
} from '../../../shared/config/configParameters.ts';
import type { Parameter, ParameterValue } from '../../../shared/config/describeSchema.ts';
import { fieldKinds, type FieldKind } from '../../../shared/config/networks/registry.ts';
import { withOtherNetworks } from '../../../shared/config/presets.ts';
import { inPageWords } from '../ui/pixelWords.ts';
import { formatNumber, parseNumber } from './numberText.ts';

/** Content of a field: text as typed, so that invalid input is kept, or the state of a switch. */
export type FieldInput = string | boolean;
/** Inputs by parameter path; only fields the user changed. */
export type Inputs = Readonly<Record<string, FieldInput>>;

export interface Fault {
  readonly path: string;
  readonly message: string;
}

export interface CheckedInputs {
  /** null while there are faults. */
  readonly config: RunConfig | null;
  readonly faults: readonly Fault[];
}

/**
 * Applies `inputs` to `base`, except those for parameters that the chosen network does not have. Returns the configuration,
 * or all faults in the order of the form.
 */
export function checkInputs(base: RunConfig, inputs: Inputs): CheckedInputs {
  const unread: Fault[] = [];
  const network = chosenNetwork(base, inputs);
  let candidate: unknown = withOtherNetworks(base);
  for (const parameter of listConfigParameters()) {
    const input = inputs[parameter.path];
    if (input === undefined || !hasParameter(network, parameter.path)) continue;
    const read = readInput(parameter, input);
    if ('problem' in read) unread.push({ path: parameter.path, message: read.problem });
    else candidate = withValue(candidate, parameter.path, read.value);
  }
  const parsed = runConfigSchema.safeParse(candidate);
  const faults = [...unread, ...(parsed.success ? [] : parsed.error.issues.map(explainIssue))];
  return { config: faults.length === 0 && parsed.success ? parsed.data : null, faults: inFormOrder(faults) };
}

/** Returns the network that the inputs choose, else that of `base`. */
export function chosenNetwork(base: RunConfig, inputs: Inputs): FieldKind {
  return fieldKinds.find((kind) => kind === inputs['field.kind']) ?? base.field.kind;
}

/** Returns the value of a parameter that a form has: that of the input if it is valid, else that of `base`. */
export function currentValue(base: RunConfig, inputs: Inputs, path: string): ParameterValue {
  const start = startingValue(base, path);
  const input = inputs[path];
  const parameter = input === undefined ? undefined : findConfigParameter(path);
  if (parameter === undefined || input === undefined) return start;
  const read = readInput(parameter, input);
  return 'problem' in read ? start : read.value;
}

/** Returns the inputs that turn `base` into `target`. */
export function inputsFor(base: RunConfig, target: RunConfig): Inputs {
  return Object.fromEntries(
    compareConfigs(base, target).map(({ parameter, to }) => [parameter.path, inputOf(to)]),
  );
}

/** Returns whether a field's content differs from `value`; invalid content always does. */
export function isChanged(parameter: Parameter, input: FieldInput | undefined, value: ParameterValue) {
  if (input === undefined) return false;
  const read = readInput(parameter, input);
  return 'problem' in read || !isSameValue(read.value, value);
}

/** Returns the content of a field for a value; empty for null. */
export function inputOf(value: ParameterValue): FieldInput {
  if (typeof value === 'boolean') return value;
  if (value === null) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? formatNumber(value) : value.map(formatNumber).join(', ');
}

type Tree = Readonly<Record<string, unknown>>;

function readInput(
  { control, isOptional }: Parameter,
  input: FieldInput,
): { readonly value: ParameterValue } | { readonly problem: string } {
  if (control === 'numbers') return readNumbers(String(input));
  if (control !== 'number') return { value: input };
  if (isOptional && String(input).trim() === '') return { value: null };
  const read = parseNumber(String(input));
  return read.ok ? { value: read.value } : { problem: read.problem };
}

/** Parses a comma-separated list of numbers, which may be empty. */
function readNumbers(text: string): { readonly value: number[] } | { readonly problem: string } {
  const value: number[] = [];
  for (const part of text.trim() === '' ? [] : text.split(',')) {
    const read = parseNumber(part);
    if (!read.ok) return { problem: read.problem };
    value.push(read.value);
  }
  return { value };
}

function withValue(tree: unknown, path: string, value: ParameterValue): Tree {
  const [key, ...rest] = path.split('.');
  const branch = tree as Tree;
  return { ...branch, [key]: rest.length === 0 ? value : withValue(branch[key], rest.join('.'), value) };
}

/** The parts of a schema's issue that are used here. */
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Turns an issue of the schema into a fault with a sentence as its message. */
export function explainIssue({ path, message }: Issue): Fault {
  // Faults of a list's elements are shown at the list.
  const names = path.filter((key) => typeof key !== 'number').map(String);
  return { path: names.join('.'), message: asSentence(message) };
}

/** Turns the message of a schema into a sentence with the words of the page. */
export function asSentence(message: string): string {
  const text = inPageWords(message);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

function inFormOrder(faults: readonly Fault[]): readonly Fault[] {
  const paths = listConfigParameters().map(({ path }) => path);
  const place = (path: string) => paths.indexOf(path);
  return [...faults].sort((one, other) => place(one.path) - place(other.path));
}
