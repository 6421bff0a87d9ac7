/**
 * Numbers that are not finite, at every border of the program. In memory they are ordinary JavaScript numbers, and null
 * means that there is no number. This module alone writes and reads them, with `anyNumber.ts` for schemas:
 *
 * | border                                               | ∞            | −∞            | not a number | no number |
 * | ---------------------------------------------------- | ------------ | ------------- | ------------ | --------- |
 * | JSON: files, `--json`, messages, text in a PNG file  | `"Infinity"` | `"-Infinity"` | `"NaN"`      | `null`    |
 * | CSV                                                  | `inf`        | `-inf`        | `nan`        | empty     |
 * | tables and sentences                                 | ∞            | −∞            | NaN          | –         |
 * | SQLite columns                                       | Infinity     | -Infinity     | NULL         | NULL      |
 *
 * Python's `float()` and NumPy read the names of JSON and CSV without conversion. A PSNR is infinite if an image is exact; see
 * `psnrMean.ts` for how it is averaged and shown.
 */

const named: Readonly<Record<string, number>> = { Infinity, '-Infinity': -Infinity, NaN };

/** Returns a number in a form that JSON can represent. */
export function encodeNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Converts the name of a number that is not finite to that number; returns other values unchanged. */
export function decodeNumber(value: unknown): unknown {
  return typeof value === 'string' && Object.hasOwn(named, value) ? named[value] : value;
}

/**
 * Returns JSON for files and other programs: numbers that are not finite are written as their names, to be read with
 * `anyNumber`. JSON.stringify alone would write null.
 */
export function stringifyJson(value: unknown, indent?: number): string {
  const plain = JSON.stringify(value, null, indent);
  // Visiting every member is slow, and needed only if JSON may have replaced a number by null.
  if (!plain.includes('null')) return plain;
  return JSON.stringify(value, (_, member: unknown) => encodeMember(member), indent);
}

function encodeMember(value: unknown): unknown {
  return typeof value === 'number' ? encodeNumber(value) : value;
}

/** Texts that could be mistaken for a number in a message: such a name after any number of escapes. */
const mistakable = /^~*(?:-?Infinity|NaN)$/;

/**
 * Returns JSON for messages between page and main side, where no schema defines which texts are numbers: a text that looks
 * like one is escaped with a tilde. See `parseMessage`.
 */
export function stringifyMessage(value: object): string {
  const plain = JSON.stringify(value);
  if (!/null|Infinity"|NaN"/.test(plain)) return plain;
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'string' && mistakable.test(member) ? `~${member}` : encodeMember(member),
  );
}

/** Undoes `stringifyMessage`. */
export function parseMessage(text: string): unknown {
  if (!/Infinity"|NaN"/.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_, member: unknown) => {
    if (typeof member !== 'string' || !mistakable.test(member)) return member;
    return member.startsWith('~') ? member.slice(1) : decodeNumber(member);
  });
}

/** Formats a cell of a CSV file, with all digits. */
export function csvNumber(value: number | string | null | undefined): string {
  if (typeof value !== 'number') return value ?? '';
  if (Number.isNaN(value)) return 'nan';
  if (Number.isFinite(value)) return String(value + 0);
  return value > 0 ? 'inf' : '-inf';
}

/** Formats a number for people with some decimals; never "-0.00", and large numbers in exponential form. */
export function formatFixed(value: number | null, digits: number): string {
  if (value === null) return '–';
  const sign = formatNonFinite(value);
  if (sign !== null) return sign;
  if (Math.abs(value) >= largestFixed) return value.toExponential(digits);
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** Formats a number with its sign: `+0.42`, `−0.10`, `0.00`, `+∞`. */
export function signed(value: number, digits = 2): string {
  const text = formatFixed(Math.abs(value), digits);
  if (Number(text) === 0 || Number.isNaN(value)) return text;
  return `${value > 0 ? '+' : '−'}${text}`;
}

/** Returns ∞, −∞ or NaN as text; null for a finite number. */
export function formatNonFinite(value: number): string | null {
  if (Number.isFinite(value)) return null;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '∞' : '−∞';
}

const largestFixed = 1e9;
