/** Escaping of data for Markdown, CSV and one-line output. */

/** Escapes text so that it neither breaks a table nor becomes markup. */
export function escapeMarkdown(text: string): string {
  return printable(text).replace(/[\\`*_[\]<>|]/g, '\\$&');
}

/** Replaces line breaks and other control characters with spaces. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

/** Quotes a CSV cell, with an apostrophe in front of what a spreadsheet would take for a formula. `-inf` is a number: see `nonFinite.ts`. */
export function csvCell(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && text !== '-inf' && !Number.isFinite(Number(text));
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
