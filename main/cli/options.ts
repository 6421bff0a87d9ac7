/** Options of commands: how they are declared, and how their values are read and checked. */

import { z } from 'zod';
import { type CommandOption, type OptionValues, UsageError } from './command.ts';

/** An option that takes a value. `value`: its placeholder; `fallback`: what is used if the option is absent. */
export function valueOption(value: string, description: string, fallback?: string): CommandOption {
  return { type: 'string', value, description, ...(fallback !== undefined && { fallback }) };
}

export function flagOption(description: string): CommandOption {
  return { type: 'boolean', description };
}

export const changedDataName = 'accept-changed-data';
export const changedDataOption = {
  [changedDataName]: flagOption('Continue even if the images differ from those the run was trained on.'),
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

/** Returns a whole number ≥ `min`, or undefined if the option is absent. */
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

/** Returns a whole number from `min` to `max`, or undefined if the option is absent. */
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

/** Returns a TCP port. */
export function readPort(values: OptionValues, name: string): number | undefined {
  return readChecked(values, name, {
    schema: z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(1).max(65_535)),
    expected: 'a port, 1 to 65535',
  });
}

/** Returns `white`, `black` or `#rrggbb`. */
export function readColour(values: OptionValues, name: string): string | undefined {
  return readChecked(values, name, {
    schema: z.string().regex(/^(?:white|black|#[0-9a-f]{6})$/i),
    expected: 'white, black or #rrggbb',
  })?.toLowerCase();
}

/** Returns a number > 0. */
export function readPositive(values: OptionValues, name: string): number | undefined {
  return readChecked(values, name, {
    schema: z.string().min(1).transform(Number).pipe(z.number().positive()),
    expected: 'a number > 0',
  });
}

/** Returns a fraction > 0 and ≤ `max`; the error gives `example`. */
export function readRatio(
  values: OptionValues,
  name: string,
  { max, example } = { max: 1, example: 0.2 },
): number | undefined {
  return readChecked(values, name, {
    schema: z.string().min(1).transform(Number).pipe(z.number().positive().max(max)),
    expected: `a fraction > 0 and ≤ ${max}, such as ${example}`,
  });
}

/** Returns a number in [0, 1]. */
export function readFraction(values: OptionValues, name: string): number | undefined {
  return readChecked(values, name, {
    schema: z.string().min(1).transform(Number).pipe(z.number().min(0).max(1)),
    expected: 'a number from 0 to 1',
  });
}

/** Returns a number in (0, 1), or `off`. */
export function readDecay(values: OptionValues, name: string): number | 'off' | undefined {
  const decay = z.string().min(1).transform(Number).pipe(z.number().gt(0).lt(1));
  return readChecked(values, name, {
    schema: z.union([z.literal('off'), decay]),
    expected: 'a decay above 0 and below 1, such as 0.995, or off',
  });
}

/** Returns one of the choices. */
export function readChoice<Choice extends string>(
  values: OptionValues,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  return readChecked(values, name, { schema: z.enum(choices), expected: formatChoices(choices) }) as
    Choice | undefined;
}

/** Returns whole numbers ≥ 0, given separated by commas; duplicates are kept. */
export function readIndices(values: OptionValues, name: string): number[] | undefined {
  return readChecked(values, name, {
    schema: z
      .string()
      .regex(/^\d+(,\d+)*$/)
      .transform((text) => text.split(',').map(Number)),
    expected: 'image numbers separated by commas, such as 0,5,17',
  });
}

/** Returns the column and row of a pixel, from 0. */
export function readPixel(values: OptionValues, name: string): readonly [number, number] | undefined {
  return readChecked(values, name, {
    schema: z
      .string()
      .regex(/^\d+,\d+$/)
      .transform((text) => text.split(',').map(Number) as [number, number]),
    expected: 'a column and a row from 0, such as 16,16',
  });
}

/** Returns distinct whole numbers ≥ `min`, given separated by commas. */
export function readIntegers(values: OptionValues, name: string, min = 0): number[] | undefined {
  return readChecked(values, name, {
    schema: listOf(z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(min))),
    expected: `whole numbers ≥ ${min} separated by commas, such as 1,2,8`,
  });
}

/** Returns distinct numbers in (0, 1], given separated by commas. */
export function readRatios(values: OptionValues, name: string): number[] | undefined {
  return readChecked(values, name, {
    schema: listOf(z.string().min(1).transform(Number).pipe(z.number().gt(0).max(1))),
    expected: 'fractions > 0 and ≤ 1 separated by commas, such as 0.05,0.2',
  });
}

/** Returns distinct choices, given separated by commas. */
export function readChoices<Choice extends string>(
  values: OptionValues,
  name: string,
  choices: readonly Choice[],
): Choice[] | undefined {
  return readChecked(values, name, {
    schema: listOf(z.enum(choices)),
    expected: `any of ${choices.join(', ')}, separated by commas`,
  }) as Choice[] | undefined;
}

/** Splits at commas and drops duplicates. */
function listOf<Value>(entry: z.ZodType<Value, string>): z.ZodType<Value[]> {
  const list = z.string().transform((text) => text.split(',').map((part) => part.trim()));
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
export function formatChoices(choices: readonly string[]): string {
  return [choices.slice(0, -1).join(', '), ...choices.slice(-1)].filter(Boolean).join(' or ');
}
