/** Reads a schema as a form needs it: sections of parameters with title, unit, limits and default. */

export type ParameterValue = number | string | boolean | null | readonly number[];

/** Limits of a number; absent if there is no limit. */
export interface Limits {
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

export interface Parameter {
  /** Path from the root of the configuration, e.g. `optim.learningRate`. */
  readonly path: string;
  readonly title: string;
  /** What it does, in a sentence or two. */
  readonly help: string;
  /** Values that usually work. */
  readonly typical: string;
  /** Author and year of the paper; empty if there is none. */
  readonly source: string;
  /** Empty if it has no unit. */
  readonly unit: string;
  readonly control: 'number' | 'numbers' | 'switch' | 'choice' | 'text';
  readonly isInteger: boolean;
  /** Whether it may be null, so that its field may be empty. */
  readonly isOptional: boolean;
  readonly initial: ParameterValue;
  readonly limits: Limits;
  /** Most numbers that it holds. */
  readonly most: number;
  /** Options of a choice as a configuration names them; empty for other controls. */
  readonly choices: readonly string[];
  /** Titles of the options by name. */
  readonly titles: Readonly<Record<string, string>>;
}

export interface Section {
  /** Its key in the configuration; `general` holds the parameters at the root. */
  readonly key: string;
  readonly title: string;
  readonly parameters: readonly Parameter[];
}

/** A zod schema, or anything that can be converted to JSON Schema. */
export interface DescribableSchema {
  toJSONSchema(options: { readonly io: 'input' }): object;
}

/** The part of JSON Schema that configurations use. */
interface SchemaNode extends Limits {
  readonly type?: string;
  readonly title?: string;
  readonly unit?: string;
  readonly help?: string;
  readonly typical?: string;
  readonly source?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  /** Titles of the options of `enum` or `const`. */
  readonly titles?: Readonly<Record<string, string>>;
  readonly const?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  /** For a section whose parameters depend on a choice: one record per option, which is a constant of the record. */
  readonly oneOf?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  /** For an array: its members, and their greatest number. */
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
 * Returns the parameters of a schema with two levels, in its order. A section whose parameters depend on a choice has those
 * of every option.
 * @throws Error naming a parameter for which no control is known.
 */
export function describeSchema(schema: DescribableSchema): readonly Section[] {
  const root = schema.toJSONSchema({ io: 'input' }) as SchemaNode;
  const entries = Object.entries(root.properties ?? {});
  const isSection = (node: SchemaNode) => node.properties !== undefined || node.oneOf !== undefined;
  const loose = entries.filter(([, node]) => !isSection(node));
  const general: Section = {
    key: 'general',
    title: sectionTitles.general,
    parameters: loose.map(([key, node]) => describeParameter(key, node)),
  };
  const sections = entries.flatMap(([key, node]) => (isSection(node) ? [describeSection(key, node)] : []));
  return loose.length > 0 ? [general, ...sections] : sections;
}

/** Describes what a field of numbers accepts: `whole number, at least 1`. */
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
    // Records and lists of them are written by the program, not by a form.
    parameters: Object.entries(node.properties ?? joinOptions(node.oneOf ?? []))
      .filter(([, leaf]) => ![leaf.items, ...(leaf.anyOf ?? [])].some((part) => part?.type === 'object'))
      .map(([name, leaf]) => describeParameter(`${key}.${name}`, leaf)),
  };
}

/** Joins the parameters of all options; their constants become the choices of one parameter, the first one its default. */
function joinOptions(options: readonly SchemaNode[]): Readonly<Record<string, SchemaNode>> {
  const joined: Record<string, SchemaNode> = {};
  for (const [name, leaf] of options.flatMap(({ properties = {} }) => Object.entries(properties))) {
    const known = joined[name] ?? { ...leaf, default: leaf.const ?? leaf.default };
    joined[name] =
      leaf.const === undefined
        ? known
        : {
            ...known,
            enum: [...(known.enum ?? []), leaf.const],
            titles: { ...known.titles, ...leaf.titles },
          };
  }
  return joined;
}

function describeParameter(path: string, node: SchemaNode): Parameter {
  const isOptional = node.anyOf?.some((option) => option.type === 'null') ?? false;
  const value = isOptional ? (node.anyOf?.find((option) => option.type !== 'null') ?? node) : node;
  return {
    path,
    title: node.title ?? '',
    unit: node.unit ?? '',
    ...textsOf(node),
    control: controlOf(path, value),
    isInteger: value.type === 'integer',
    isOptional,
    initial: node.default as ParameterValue,
    limits: limitsOf(value.items ?? value),
    most: value.maxItems ?? 1,
    choices: value.enum ?? [],
    titles: node.titles ?? {},
  };
}

function textsOf({ help = '', typical = '', source = '' }: SchemaNode) {
  return { help, typical, source };
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

/** Omits the limits of exactly representable integers, which every integer in a schema has. */
function limitsOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: SchemaNode): Limits {
  return {
    ...(isInformative(minimum) && { minimum }),
    ...(isInformative(exclusiveMinimum) && { exclusiveMinimum }),
    ...(isInformative(maximum) && { maximum }),
    ...(isInformative(exclusiveMaximum) && { exclusiveMaximum }),
  };
}

function isInformative(limit: number | undefined): boolean {
  return limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
}
