/** Renders text as SVG outlines of the bundled typeface, because a machine without a display may have no fonts. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype from 'opentype.js';
import type { Font } from 'opentype.js';

export interface TextStyle {
  /** Pixels per em. */
  readonly size: number;
  readonly weight: 'regular' | 'semibold';
}

export interface TextPlace extends TextStyle {
  /** Where the text starts, has its middle or ends. */
  readonly x: number;
  /** The baseline. */
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

export interface Typesetter {
  /** Width in pixels. */
  measure(text: string, style: TextStyle): number;
  /** SVG path data. Characters the typeface lacks become question marks. */
  outline(text: string, place: TextPlace): string;
  /** As few lines as fit into `width` pixels, of like length, broken at spaces; a longer word has a line of its own. */
  wrap(text: string, style: TextStyle & { readonly width: number }): string[];
}

/** Searched in this order for each character. */
const scripts = ['latin', 'latin-ext', 'greek', 'cyrillic'] as const;
/** Pixels by which a line is narrowed in search of lines of like length. */
const balanceStep = 4;
const weightNumbers = { regular: 400, semibold: 600 } as const;

/** Reads the font files. @throws Error when the typeface's package is not installed. */
export function createTypesetter(): Typesetter {
  const fonts = { regular: loadFonts('regular'), semibold: loadFonts('semibold') };
  const measure = (text: string, { size, weight }: TextStyle) =>
    placeGlyphs(text, fonts[weight]).reduce((width, { advance }) => width + advance, 0) * size;
  const outline = (text: string, place: TextPlace) => {
    const { size, weight, anchor, y } = place;
    const shift = { start: 0, middle: 0.5, end: 1 }[anchor];
    let x = place.x - shift * measure(text, place);
    return placeGlyphs(text, fonts[weight])
      .map(({ font, character, advance }) => {
        const path = font.charToGlyph(character).getPath(x, y, size);
        x += advance * size;
        return path.toPathData(2);
      })
      .join('');
  };
  const wrap = (text: string, style: TextStyle & { readonly width: number }) => {
    const fill = (width: number) => fillLines(text.split(/\s+/), (line) => measure(line, style) <= width);
    let lines = fill(style.width);
    for (let width = style.width; width > 0; width -= balanceStep) {
      const narrower = fill(width);
      if (narrower.length > lines.length) break;
      lines = narrower;
    }
    return lines;
  };
  return { measure, outline, wrap };
}

function loadFonts(weight: TextStyle['weight']): Font[] {
  const { resolve } = createRequire(import.meta.url);
  return scripts.map((script) => {
    const file = readFileSync(
      resolve(`@fontsource/inter/files/inter-${script}-${weightNumbers[weight]}-normal.woff`),
    );
    return opentype.parse(file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength));
  });
}

function fillLines(words: readonly string[], fits: (line: string) => boolean): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines[lines.length - 1]} ${word}`;
    if (lines.length > 0 && fits(longer)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

interface PlacedGlyph {
  readonly font: Font;
  readonly character: string;
  /** In em. */
  readonly advance: number;
}

/** Character by character: the typeface's substitution tables are beyond the library, and figures need no ligatures. */
function placeGlyphs(text: string, fonts: readonly Font[]): PlacedGlyph[] {
  return Array.from(text.normalize('NFC'), (wanted) => {
    const found = fonts.find((candidate) => candidate.charToGlyphIndex(wanted) > 0);
    const font = found ?? fonts[0];
    const character = found ? wanted : '?';
    return { font, character, advance: (font.charToGlyph(character).advanceWidth ?? 0) / font.unitsPerEm };
  });
}
