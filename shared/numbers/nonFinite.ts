/**
 * Numbers that are not finite, at every border of the program. In memory they are plain JavaScript numbers, and null
 * means that there is no number at all. This module alone writes them and reads them back:
 *
 * | border                                               | ∞            | −∞            | not a number | no number |
 * | ---------------------------------------------------- | ------------ | ------------- | ------------ | --------- |
 * | JSON: files, `--json`, messages, text in a PNG file  | `"Infinity"` | `"-Infinity"` | `"NaN"`      | `null`    |
 * | CSV                                                  | `inf`        | `-inf`        | `nan`        | empty     |
 * | tables and sentences                                 | ∞            | −∞            | NaN          | –         |
 * | SQLite columns                                       | Infinity     | -Infinity     | NULL         | NULL      |
 *
 * Python's `float()` and NumPy read the names of JSON and CSV as they are. A PSNR is infinite where an image is exact; see
 * `psnrMean.ts` for how it is averaged and shown.
 */

import { z } from 'zod';

const named: Readonly<Record<string, number>> = { Infinity, '-Infinity': -Infinity, NaN };

/** A number as JSON can hold it. */
export function encodeNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Turns the name of a number that is not finite into that number; other values pass. */
export function decodeNumber(value: unknown): unknown {
  return typeof value === 'string' && Object.hasOwn(named, value) ? named[value] : value;
}

/** Any number, finite or not, from memory or from JSON. */
export const anyNumber = z.preprocess(
  decodeNumber,
  z.custom<number>((value) => typeof value === 'number', {
    message: 'expected a number, "Infinity", "-Infinity" or "NaN"',
  }),
);

/**
 * JSON for files and for other programs: numbers that are not finite stand as their names, so read them with `anyNumber`.
 * Bare JSON.stringify would turn them into null.
 */
export function stringifyJson(value: unknown, indent?: number): string {
  const plain = JSON.stringify(value, null, indent);
  // Walking through every member is slow, and needed only where JSON may have made a null of a number.
  if (!plain.includes('null')) return plain;
  return JSON.stringify(value, (_, member: unknown) => encodeMember(member), indent);
}

function encodeMember(value: unknown): unknown {
  return typeof value === 'number' ? encodeNumber(value) : value;
}

/** Texts that a message must not mistake for a number: such a name, after any number of escapes. */
const mistakable = /^~*(?:-?Infinity|NaN)$/;

/**
 * JSON for messages between page and main side, where no schema says which texts are numbers: a text that looks like one
 * gets a tilde before it. See parseMessage.
 */
export function stringifyMessage(value: object): string {
  const plain = JSON.stringify(value);
  if (!/null|Infinity"|NaN"/.test(plain)) return plain;
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'string' && mistakable.test(member) ? `~${member}` : encodeMember(member),
  );
}

/** The inverse of stringifyMessage: numbers are numbers again, and texts what they were. */
export function parseMessage(text: string): unknown {
  if (!/Infinity"|NaN"/.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_, member: unknown) => {
    if (typeof member !== 'string' || !mistakable.test(member)) return member;
    return member.startsWith('~') ? member.slice(1) : decodeNumber(member);
  });
}

/** A cell of a CSV file, with every digit. */
export function csvNumber(value: number | string | null | undefined): string {
  if (typeof value !== 'number') return value ?? '';
  if (Number.isNaN(value)) return 'nan';
  if (Number.isFinite(value)) return String(value + 0);
  return value > 0 ? 'inf' : '-inf';
}

/** A number for people, with so many decimals; never "-0.00", and never more digits than anyone reads. */
export function formatFixed(value: number | null, digits: number): string {
  if (value === null) return '–';
  const sign = formatNonFinite(value);
  if (sign !== null) return sign;
  if (Math.abs(value) >= largestFixed) return value.toExponential(digits);
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** With its sign: `+0.42`, `−0.10`, `0.00`, `+∞`. */
export function signed(value: number, digits = 2): string {
  const text = formatFixed(Math.abs(value), digits);
  if (Number(text) === 0 || Number.isNaN(value)) return text;
  return `${value > 0 ? '+' : '−'}${text}`;
}

/** ∞, −∞ or NaN; null for a finite number. */
export function formatNonFinite(value: number): string | null {
  if (Number.isFinite(value)) return null;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '∞' : '−∞';
}

const largestFixed = 1e9;
