/** Reads a configuration's schema as what a form needs: sections of parameters with title, unit, limits and default. */

export type ParameterValue = number | string | boolean | null | readonly number[];

/** Limits a number must keep; absent ones do not exist. */
export interface Limits {
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

export interface Parameter {
  /** From the root of the configuration, e.g. `optim.learningRate`. */
  readonly path: string;
  readonly title: string;
  /** Empty where there is none. */
  readonly unit: string;
  readonly control: 'number' | 'numbers' | 'switch' | 'choice' | 'text';
  readonly isInteger: boolean;
  /** May be null: its field may be empty. */
  readonly isOptional: boolean;
  readonly initial: ParameterValue;
  readonly limits: Limits;
  /** How many numbers it holds at most. */
  readonly most: number;
  /** What can be chosen; empty for other controls. */
  readonly choices: readonly string[];
}

export interface Section {
  /** Its key in the configuration; `general` holds what stands at the root. */
  readonly key: string;
  readonly title: string;
  readonly parameters: readonly Parameter[];
}

/** A zod schema, or anything that tells its JSON Schema. */
export interface DescribableSchema {
  toJSONSchema(options: { readonly io: 'input' }): object;
}

/** The part of JSON Schema our configurations consist of. */
interface SchemaNode extends Limits {
  readonly type?: string;
  readonly title?: string;
  readonly unit?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly anyOf?: readonly SchemaNode[];
  /** Of an array: what it holds, and how many of them at most. */
  readonly items?: SchemaNode;
  readonly maxItems?: number;
}

const sectionTitles: Readonly<Record<string, string>> = {
  general: 'General',
  data: 'Data',
  mask: 'Mask',
  field: 'Network',
  path: 'Path',
  objective: 'Objective',
  optim: 'Optimiser',
  train: 'Training',
  sampler: 'Sampler',
};

/**
 * The parameters of a schema of two levels, in its order.
 * @throws Error naming a parameter for which no control is known.
 */
export function describeSchema(schema: DescribableSchema): readonly Section[] {
  const root = schema.toJSONSchema({ io: 'input' }) as SchemaNode;
  const entries = Object.entries(root.properties ?? {});
  const loose = entries.filter(([, node]) => !node.properties);
  const general: Section = {
    key: 'general',
    title: sectionTitles.general,
    parameters: loose.map(([key, node]) => describeParameter(key, node)),
  };
  const sections = entries.flatMap(([key, node]) => (node.properties ? [describeSection(key, node)] : []));
  return loose.length > 0 ? [general, ...sections] : sections;
}

/** What a field of numbers accepts, in words: `whole number, at least 1`. */
export function describeLimits({ limits, isInteger, isOptional, control, most }: Parameter): string {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = limits;
  const parts = [
    control === 'numbers' ? `up to ${most} numbers separated by commas` : '',
    control !== 'numbers' ? (isInteger ? 'whole number' : 'number') : '',
    minimum === undefined ? '' : `at least ${minimum}`,
    exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`,
    maximum === undefined ? '' : `at most ${maximum}`,
    exclusiveMaximum === undefined ? '' : `below ${exclusiveMaximum}`,
    isOptional ? 'or empty' : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function describeSection(key: string, node: SchemaNode): Section {
  return {
    key,
    title: sectionTitles[key] ?? key,
    // A list of records is written by the program, not by a form.
    parameters: Object.entries(node.properties ?? {})
      .filter(([, leaf]) => leaf.items?.type !== 'object')
      .map(([name, leaf]) => describeParameter(`${key}.${name}`, leaf)),
  };
}

function describeParameter(path: string, node: SchemaNode): Parameter {
  const isOptional = node.anyOf?.some((option) => option.type === 'null') ?? false;
  const value = isOptional ? (node.anyOf?.find((option) => option.type !== 'null') ?? node) : node;
  return {
    path,
    title: node.title ?? '',
    unit: node.unit ?? '',
    control: controlOf(path, value),
    isInteger: value.type === 'integer',
    isOptional,
    initial: node.default as ParameterValue,
    limits: limitsOf(value.items ?? value),
    most: value.maxItems ?? 1,
    choices: value.enum ?? [],
  };
}

function controlOf(path: string, node: SchemaNode): Parameter['control'] {
  if (node.enum) return 'choice';
  if (node.type === 'boolean') return 'switch';
  if (node.type === 'string') return 'text';
  if (node.type === 'integer' || node.type === 'number') return 'number';
  if (node.type === 'array' && node.items?.type === 'number') return 'numbers';
  throw new Error(
    `${path} is of type ${String(node.type)}: forms know numbers and lists of them, choices, switches and texts only.`,
  );
}

/** Every whole number has the limits of exactly representable ones; nobody wants to read those. */
function limitsOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: SchemaNode): Limits {
  return {
    ...(isTelling(minimum) && { minimum }),
    ...(isTelling(exclusiveMinimum) && { exclusiveMinimum }),
    ...(isTelling(maximum) && { maximum }),
    ...(isTelling(exclusiveMaximum) && { exclusiveMaximum }),
  };
}

function isTelling(limit: number | undefined): boolean {
  return limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
}
