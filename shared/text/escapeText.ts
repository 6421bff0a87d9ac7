/** Data in Markdown. */

/** Names and paths are data: they may neither break a table nor become markup. */
export function escapeMarkdown(text: string): string {
  return printable(text).replace(/[\\`*_[\]<>|]/g, '\\$&');
}

/** Line ends and other control characters become spaces. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe before it; `-inf` is a number of `nonFinite.ts`. */
export function csvCell(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && text !== '-inf' && !Number.isFinite(Number(text));
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
