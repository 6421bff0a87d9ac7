/** One cell of a CSV file. */

/** A cell that a spreadsheet would take for a formula gets an apostrophe before it; `-inf` is a number of `nonFinite.ts`. */
export function csvCell(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && text !== '-inf' && !Number.isFinite(Number(text));
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
