/** A law that hides what text printed over an image would hide. */

import { type Glyph, glyphHeight, glyphs, glyphWidth } from './font.ts';
import {
  type Canvas,
  createCanvas,
  createSequence,
  type MaskBits,
  type MaskRequest,
  type RandomSequence,
} from './request.ts';

/** Heights of letters as fractions of the shorter side, where none is given. */
const [smallest, largest] = [1 / 24, 1 / 4];
/** Letters of a word. */
const [fewest, most] = [3, 10];

/**
 * Words of random letters, each at a random size, position and angle (0°, 90°, 180° or 270°), until exactly the wanted
 * number of pixels is known. A letter is never smaller than one pixel a cell.
 */
export function drawText(request: MaskRequest): MaskBits {
  const canvas = createCanvas(request);
  const random = createSequence(request);
  while (canvas.left() > 0) drawWord(canvas, random, request.markSize);
  return canvas.bits;
}

interface Cell {
  readonly column: number;
  readonly row: number;
}

function drawWord(canvas: Canvas, random: RandomSequence, markSize: number | null): void {
  const shorter = Math.min(canvas.width, canvas.height);
  const size = markSize ?? smallest + (largest - smallest) * random.next() ** 2;
  const scale = Math.max(1, (size * shorter) / glyphHeight);
  const turns = random.below(4);
  const cells = layOutWord(random);
  // One cell of the word is put on a known pixel, so that every word hides something.
  const anchor = cells[random.below(cells.length)];
  const { x, y } = canvas.findKnown(random);
  const corner = turnCell(anchor, turns);
  const [left, top] = [x - Math.floor(corner.column * scale), y - Math.floor(corner.row * scale)];
  for (const cell of cells) {
    const { column, row } = turnCell(cell, turns);
    const [right, bottom] = [Math.floor((column + 1) * scale), Math.floor((row + 1) * scale)];
    for (let down = Math.floor(row * scale); down < bottom; down++) {
      for (let across = Math.floor(column * scale); across < right; across++)
        canvas.hide(left + across, top + down);
    }
  }
}

/** Returns the filled cells of a word in one line. */
function layOutWord(random: RandomSequence): Cell[] {
  const length = fewest + random.below(most - fewest + 1);
  const letters: Glyph[] = Array.from({ length }, () => glyphs[random.below(glyphs.length)]);
  return letters.flatMap(({ cells }, place) =>
    cells.map(({ column, row }) => ({ column: column + place * (glyphWidth + 1), row })),
  );
}

/** Rotates a cell clockwise by quarters about the corner of the word. */
function turnCell({ column, row }: Cell, turns: number): Cell {
  if (turns === 0) return { column, row };
  if (turns === 1) return { column: -row - 1, row: column };
  if (turns === 2) return { column: -column - 1, row: -row - 1 };
  return { column: row, row: -column - 1 };
}
