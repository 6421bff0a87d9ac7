/** Reading options: each value is checked once, here, and an error names value, expectation and option. */

import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { type CommandOption, type OptionValues, UsageError } from './command.ts';

export const commonOptions = {
  json: { type: 'boolean', description: 'Print JSON on stdout, and nothing else there.' },
  'data-dir': {
    type: 'string',
    value: 'PATH',
    description: 'Where runs are kept (else SPARSE_FIELD_LAB_DATA, else the user data folder).',
  },
  help: { type: 'boolean', short: 'h', description: 'Show this help.' },
} as const satisfies Record<string, CommandOption>;

/** An option that takes a value. */
export function valueOption(value: string, description: string): CommandOption {
  return { type: 'string', value, description };
}

export function flagOption(description: string): CommandOption {
  return { type: 'boolean', description };
}

export const changedDataName = 'accept-changed-data';
export const changedDataOption = {
  [changedDataName]: flagOption('Continue though the images are not those the run was trained with.'),
};

export function readText(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

export function readFlag(values: OptionValues, name: string): boolean {
  return values[name] === true;
}

export function readTexts(values: OptionValues, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/** A whole number ≥ `min`; undefined where the option is absent. */
export function readInteger(values: OptionValues, name: string, min = 1): number | undefined {
  return readChecked(values, name, {
    schema: z
      .string()
      .regex(/^-?\d+$/)
      .transform(Number)
      .pipe(z.int().min(min)),
    expected: `a whole number ≥ ${min}`,
  });
}

/** A whole number from `min` to `max`; undefined where the option is absent. */
export function readBounded(
  values: OptionValues,
  name: string,
  { min, max }: { min: number; max: number },
): number | undefined {
  return readChecked(values, name, {
    schema: z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(min).max(max)),
    expected: `a whole number from ${min} to ${max}`,
  });
}

/** A number of a TCP port. */
export function readPort(values: OptionValues, name: string): number | undefined {
  return readChecked(values, name, {
    schema: z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(1).max(65_535)),
    expected: 'a port, 1 to 65535',
  });
}

/** `white`, `black` or `#rrggbb`. */
export function readColour(values: OptionValues, name: string): string | undefined {
  return readChecked(values, name, {
    schema: z.string().regex(/^(?:white|black|#[0-9a-f]{6})$/i),
    expected: 'white, black or #rrggbb',
  })?.toLowerCase();
}

/** A number > 0. */
export function readPositive(values: OptionValues, name: string): number | undefined {
  return readChecked(values, name, {
    schema: z.string().min(1).transform(Number).pipe(z.number().positive()),
    expected: 'a number > 0',
  });
}

/** A number in (0, 1]. */
export function readShare(values: OptionValues, name: string): number | undefined {
  return readChecked(values, name, {
    schema: z.string().min(1).transform(Number).pipe(z.number().gt(0).max(1)),
    expected: 'a share > 0 and ≤ 1, such as 0.2',
  });
}

/** A number in [0, 1]. */
export function readFraction(values: OptionValues, name: string): number | undefined {
  return readChecked(values, name, {
    schema: z.string().min(1).transform(Number).pipe(z.number().min(0).max(1)),
    expected: 'a number from 0 to 1',
  });
}

/** A number in (0, 1), or off. */
export function readDecay(values: OptionValues, name: string): number | 'off' | undefined {
  const decay = z.string().min(1).transform(Number).pipe(z.number().gt(0).lt(1));
  return readChecked(values, name, {
    schema: z.union([z.literal('off'), decay]),
    expected: 'a decay above 0 and below 1, such as 0.995, or off',
  });
}

/** One of some words. */
export function readChoice<Word extends string>(
  values: OptionValues,
  name: string,
  words: readonly Word[],
): Word | undefined {
  return readChecked(values, name, { schema: z.enum(words), expected: formatChoice(words) }) as
    Word | undefined;
}

/** Whole numbers ≥ 0 separated by commas. */
export function readIndices(values: OptionValues, name: string): number[] | undefined {
  return readChecked(values, name, {
    schema: z
      .string()
      .regex(/^\d+(,\d+)*$/)
      .transform((text) => text.split(',').map(Number)),
    expected: 'image numbers separated by commas, such as 0,5,17',
  });
}

/** Whole numbers ≥ `min` separated by commas. */
export function readIntegers(values: OptionValues, name: string, min = 0): number[] | undefined {
  return readChecked(values, name, {
    schema: listOf(z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(min))),
    expected: `whole numbers ≥ ${min} separated by commas, such as 1,2,8`,
  });
}

/** Numbers in (0, 1] separated by commas. */
export function readShares(values: OptionValues, name: string): number[] | undefined {
  return readChecked(values, name, {
    schema: listOf(z.string().min(1).transform(Number).pipe(z.number().gt(0).max(1))),
    expected: 'shares > 0 and ≤ 1 separated by commas, such as 0.05,0.2',
  });
}

/** Some of some words, separated by commas. */
export function readWords<Word extends string>(
  values: OptionValues,
  name: string,
  words: readonly Word[],
): Word[] | undefined {
  return readChecked(values, name, {
    schema: listOf(z.enum(words)),
    expected: `any of ${words.join(', ')}, separated by commas`,
  }) as Word[] | undefined;
}

/** Each entry of a list, the same one never twice. */
function listOf<Value>(entry: z.ZodType<Value, string>): z.ZodType<Value[]> {
  const list = z.string().transform((text) => text.split(',').map((word) => word.trim()));
  return list.pipe(z.array(entry)).transform((entries) => [...new Set(entries)]);
}

function readChecked<Value>(
  values: OptionValues,
  name: string,
  rule: { schema: z.ZodType<Value>; expected: string },
): Value | undefined {
  const text = readText(values, name);
  if (text === undefined) return undefined;
  const result = rule.schema.safeParse(text);
  if (!result.success) throw new UsageError(`--${name} is "${text}", expected ${rule.expected}.`);
  return result.data;
}

/** `a, b or c` */
function formatChoice(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter(Boolean).join(' or ');
}

/** ` Did you mean "x"?` for a word that is near one of the known ones, else nothing. */
export function suggestNearest(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(word, known);
  return distance(word, nearest) <= Math.max(2, word.length / 3) ? ` Did you mean "${nearest}"?` : '';
}
