/** Numbers as people type them, and back. */

export type ReadNumber =
  { readonly ok: true; readonly value: number } | { readonly ok: false; readonly problem: string };

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Reads `0.001`, `1e-4`, `.5`, `10 000` and `−3`; anything else is a problem in one sentence. */
export function parseNumber(text: string): ReadNumber {
  const plain = text
    .trim()
    .replace(/−/g, '-')
    .replace(/(?<=\d)\s(?=\d{3}(?!\d))/g, '');
  if (plain === '') return problem('A number is needed here.');
  if (!decimal.test(plain)) return problem(explain(text.trim(), plain));
  const value = Number(plain);
  if (!Number.isFinite(value)) return problem(`${text.trim()} is too large to be computed with.`);
  if (value === 0 && /[1-9]/.test(plain.split(/e/i)[0])) {
    return problem(`${text.trim()} is too close to zero to be computed with.`);
  }
  // Minus zero would print as it was typed nowhere else.
  return { ok: true, value: value + 0 };
}

/** The shortest text that reads back as the same number. */
export function formatNumber(value: number): string {
  return String(value);
}

function explain(text: string, plain: string): string {
  const withPoint = plain.replace(',', '.');
  return decimal.test(withPoint)
    ? `“${text}” has a comma: write ${withPoint} with a point, or leave the comma out.`
    : `“${text}” is not a number: write it like 0.001 or 1e-3.`;
}

function problem(text: string): ReadNumber {
  return { ok: false, problem: text };
}
