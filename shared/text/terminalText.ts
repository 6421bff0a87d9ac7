/** Text measured in terminal columns: a wide character takes two, a combining one none. */

import stringWidth from 'string-width';
import { printable } from './escapeText.ts';

/** Marks, joiners and the later parts of a Hangul syllable: drawn over what comes before them. */
const zeroWidth = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/gu;
const printableAscii = /^[ -~]*$/;
/** Every emoji contains one of these characters. */
const partOfEmoji = /[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u20e3]/u;

// Created when they are first needed, because they take long: every command loads this file, and few print emoji.
let segmenter: Intl.Segmenter | undefined;
let emoji: RegExp | undefined;

/** Columns that `text` takes in a terminal. */
export function displayWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let width = 0;
  for (const segment of segmentsOf(text)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  return isEmoji(grapheme) ? 2 : stringWidth(grapheme.replace(zeroWidth, ''));
}

function isEmoji(grapheme: string): boolean {
  if (!partOfEmoji.test(grapheme)) return false;
  emoji ??= new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v');
  return emoji.test(grapheme);
}

/** Cuts `text` to at most `width` columns, ending with an ellipsis if something is left out. */
export function truncateEnd(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  return width < 1 ? '' : `${firstColumns(segmentsOf(text), width - 1).join('')}…`;
}

/** Cuts `text` to at most `width` columns, with an ellipsis in the middle if something is left out. */
export function truncateMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return '';
  const segments = segmentsOf(text);
  const start = firstColumns(segments, Math.ceil((width - 1) / 2));
  const end = firstColumns(segments.toReversed(), Math.floor((width - 1) / 2)).reverse();
  return `${start.join('')}…${end.join('')}`;
}

/** Pads `text` with trailing spaces to `width` columns. */
export function padColumnsEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Pads `text` with leading spaces to `width` columns. */
export function padColumnsStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

function segmentsOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Returns the first segments that fit into `width` columns. */
function firstColumns(segments: readonly string[], width: number): string[] {
  let used = 0;
  const end = segments.findIndex((segment) => (used += graphemeWidth(segment)) > width);
  return segments.slice(0, end < 0 ? segments.length : end);
}

/** The terminal properties of an output stream. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Returns whether lines can be redrawn: on a terminal that supports escape sequences, outside continuous integration. */
export function canRedrawLines(stream: TerminalStream, variables: Variables): boolean {
  return Boolean(stream.isTTY) && variables['TERM'] !== 'dumb' && !variables['CI'];
}

/** Clears the last line; only if `canRedrawLines`. */
export const clearLine = '\r\x1b[2K';

/** Returns `text` as a replacement of the last line, cut to one terminal line. */
export function redrawnLine(text: string, { columns }: TerminalStream): string {
  const width = columns !== undefined && columns > 1 ? columns : 80;
  // The last column stays free, because some terminals break the line when it is used.
  return `${clearLine}${truncateEnd(printable(text), width - 1)}`;
}
