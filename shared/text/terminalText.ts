/** Text measured in columns of a terminal: a wide character takes two, a combining one none. */

import stringWidth from 'string-width';
import { printable } from './escapeText.ts';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const emoji = /^\p{RGI_Emoji}$/v;
/** Marks, joiners and the later parts of a Hangul syllable: drawn over what comes before them. */
const zeroWidth = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/gu;
const printableAscii = /^[ -~]*$/;

/** Columns that `text` takes in a terminal. */
export function displayWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  return emoji.test(grapheme) ? 2 : stringWidth(grapheme.replace(zeroWidth, ''));
}

/** At most `width` columns of `text`; where something is left out, it ends with an ellipsis. */
export function truncateEnd(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  return width < 1 ? '' : `${firstColumns(segmentsOf(text), width - 1).join('')}…`;
}

/** At most `width` columns of `text`, with an ellipsis in the middle where something is left out. */
export function truncateMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return '';
  const segments = segmentsOf(text);
  const start = firstColumns(segments, Math.ceil((width - 1) / 2));
  const end = firstColumns(segments.toReversed(), Math.floor((width - 1) / 2)).reverse();
  return `${start.join('')}…${end.join('')}`;
}

/** `text` followed by blanks up to `width` columns. */
export function padColumnsEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** `text` preceded by blanks up to `width` columns. */
export function padColumnsStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

function segmentsOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** The first of `segments` that fit into `width` columns. */
function firstColumns(segments: readonly string[], width: number): string[] {
  let used = 0;
  const end = segments.findIndex((segment) => (used += graphemeWidth(segment)) > width);
  return segments.slice(0, end < 0 ? segments.length : end);
}

/** An output stream as far as its terminal matters. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Whether a line can be replaced by the next one: a terminal that obeys escape sequences and that a person watches. */
export function canRedrawLines(stream: TerminalStream, variables: Variables): boolean {
  return Boolean(stream.isTTY) && variables['TERM'] !== 'dumb' && !variables['CI'];
}

/** Clears the line that was drawn last; only where `canRedrawLines`. */
export const clearLine = '\r\x1b[2K';

/** `text` in place of the line that was drawn last, cut to one line of the terminal. */
export function redrawnLine(text: string, { columns }: TerminalStream): string {
  const width = columns !== undefined && columns > 1 ? columns : 80;
  // The last column stays free: some terminals break the line when it is used.
  return `${clearLine}${truncateEnd(printable(text), width - 1)}`;
}
