/** Presets that the user saved: their record, their names, and the file that holds one, in the configuration folder and for exchange. */

import { z } from 'zod';
import { describeError } from '../text/describeError.ts';
import { type RunConfig, runConfigSchema, withoutMeasurement } from './config.ts';
import { findPreset, type Preset, presets } from './presets.ts';

/** A preset of the user; its configuration has every parameter, and names the preset. */
export interface SavedPreset {
  /** By which the command line and configurations name it, such as `my-photographs`: follows from the title. */
  readonly name: string;
  readonly title: string;
  /** One line; may be empty. */
  readonly description: string;
  readonly config: RunConfig;
}

const longestTitle = 60;
export const presetTitleSchema = z.string().trim().min(1).max(longestTitle);
export const presetDescriptionSchema = z.string().trim().max(200);
export const presetNameSchema = z.string().regex(/^[a-z0-9-]{1,60}$/, 'expected the name of a preset');

/** All presets of the user. */
export interface PresetLibrary {
  /** By title. */
  readonly presets: readonly SavedPreset[];
  /** Name of the preset that a new run starts from unless another one is chosen; null: the first of the program. */
  readonly defaultName: string | null;
  /** What is wrong with files that cannot be used. */
  readonly findings: readonly string[];
}

/** Largest file that is read, in bytes: a configuration has a few thousand. */
export const largestPresetFile = 1_000_000;

const format = 'sparse-field-lab-preset';
const nextStep = 'Choose a file that was exported as a preset.';

const fileSchema = z.strictObject({
  format: z.literal(format),
  version: z.literal(1),
  title: presetTitleSchema,
  description: presetDescriptionSchema.default(''),
  config: z.looseObject({}),
});

/** Words of `lab presets`, which cannot be names. */
const reserved = ['save', 'rename', 'export', 'import', 'delete', 'default'];

/** Returns the name that follows from a title: `Café, 64 pixels` → `cafe-64-pixels`. */
export function nameOfTitle(title: string): string {
  const plain = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, longestTitle)
    .replace(/-$/, '');
  return plain === '' ? codePointName(title) : plain;
}

/** Returns a name for a title without Latin letters and digits, by its code points. */
function codePointName(title: string): string {
  const points = Array.from(title.trim(), (letter) => (letter.codePointAt(0) ?? 0).toString(36));
  return `preset-${points.join('-')}`.slice(0, longestTitle).replace(/-$/, '');
}

/** Explains why a title cannot be that of a new preset; null if it can. */
export function findTitleProblem(title: string, taken: readonly Pick<SavedPreset, 'name'>[]): string | null {
  const parsed = presetTitleSchema.safeParse(title);
  if (!parsed.success) return 'Give it a name of 1 to 60 characters.';
  const name = nameOfTitle(parsed.data);
  if (reserved.includes(name)) return `“${title}” is a command of the program. Choose another name.`;
  if (presets.some((preset) => preset.name === name)) {
    return `“${title}” is a preset of the program. Choose another name.`;
  }
  if (taken.some((preset) => preset.name === name)) {
    return `There is already a preset “${name}”. Choose another name.`;
  }
  return null;
}

/** Returns a preset of a configuration, without its dataset and what its run measured. */
export function createSavedPreset(
  { title, description }: Pick<SavedPreset, 'title' | 'description'>,
  config: RunConfig,
): SavedPreset {
  const name = nameOfTitle(title);
  const copied = withoutMeasurement(config);
  const { source } = runConfigSchema.parse({}).data;
  return {
    name,
    title: title.trim(),
    description: description.trim(),
    config: {
      ...copied,
      preset: name,
      data: { ...copied.data, source },
      optim: { ...copied.optim, extensions: [] },
    },
  };
}

/** Returns the text of a file with a preset. */
export function formatPresetFile({ title, description, config }: SavedPreset): string {
  const content = {
    format,
    version: 1,
    title,
    description,
    // The name follows from the title, and the dataset is chosen for each run.
    config: { ...without(config, 'preset'), data: without(config.data, 'source') },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function without(record: object, key: string): object {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

/**
 * Reads the text of a file with a preset; parameters that an earlier version did not have get their defaults.
 * @throws Error that states what was found and what was expected.
 */
export function parsePresetFile(text: string): SavedPreset {
  const parsed = fileSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new Error(`The file is no preset of this program: ${explain(parsed.error)}. ${nextStep}`);
  }
  const { title, description, config } = parsed.data;
  const read = runConfigSchema.safeParse(config);
  if (!read.success) {
    throw new Error(
      `The preset “${title}” cannot be used: ${explain(read.error)}. Correct the file, or, if it is from a newer version, update the program.`,
    );
  }
  return createSavedPreset({ title, description }, read.data);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`The file is not valid JSON: ${describeError(error)}. ${nextStep}`, {
      cause: error,
    });
  }
}

function explain({ issues: [issue] }: z.ZodError): string {
  const path = issue.path.join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

/** Returns a preset as the program's own are: `summary` replaces an empty description. */
export function asPreset({ name, title, description, config }: SavedPreset, summary = ''): Preset {
  return { name, title, summary: description || summary, description, config };
}

/** Returns a preset of the user or of the program by its name. */
export function findAnyPreset(name: string, saved: readonly SavedPreset[]): Preset | undefined {
  const own = saved.find((preset) => preset.name === name);
  return own ? asPreset(own) : findPreset(name);
}
