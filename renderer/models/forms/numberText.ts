/** Parsing and formatting of the numbers that users type. */

export type ReadNumber =
  { readonly ok: true; readonly value: number } | { readonly ok: false; readonly problem: string };

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Parses numbers such as `0.001`, `1e-4`, `.5`, `10 000` and `−3`. The problem is one sentence. */
export function parseNumber(text: string): ReadNumber {
  const plain = text
    .trim()
    .replace(/−/g, '-')
    .replace(/(?<=\d)\s(?=\d{3}(?!\d))/g, '');
  if (plain === '') return problem('Enter a number.');
  if (!decimal.test(plain)) return problem(explain(text.trim(), plain));
  const value = Number(plain);
  if (!Number.isFinite(value)) return problem(`${text.trim()} is too large.`);
  if (value === 0 && /[1-9]/.test(plain.split(/e/i)[0])) {
    return problem(`${text.trim()} is too close to zero.`);
  }
  // Turns minus zero into zero.
  return { ok: true, value: value + 0 };
}

/** Returns the number of a field: undefined if it is empty, NaN if it holds something else. */
export function readNumberField(text: string): number | undefined {
  if (text.trim() === '') return undefined;
  const read = parseNumber(text);
  return read.ok ? read.value : NaN;
}

/** Explains which fields hold no number, by name. */
export function findNumberProblems(
  fields: Readonly<Record<string, string>>,
  { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean } = {},
): Record<string, string> {
  const problems = Object.entries(fields).flatMap(([name, text]) => {
    const read = mayBeEmpty && text.trim() === '' ? null : parseNumber(text);
    return read === null || read.ok ? [] : [[name, read.problem]];
  });
  return Object.fromEntries(problems) as Record<string, string>;
}

/** Returns the shortest text that parses to the same number. */
export function formatNumber(value: number): string {
  return String(value);
}

function explain(text: string, plain: string): string {
  const withPoint = plain.replace(',', '.');
  return decimal.test(withPoint)
    ? `“${text}” contains a comma. Use a decimal point (${withPoint}) or remove it.`
    : `“${text}” is not a number. Expected a number such as 0.001 or 1e-3.`;
}

function problem(text: string): ReadNumber {
  return { ok: false, problem: text };
}
