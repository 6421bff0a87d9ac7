/**
 * Paints a small image of what interpolation cannot restore but a network can learn: shapes with sharp edges, letters,
 * repeated textures, gradients and some roughness. Edges are antialiased over one pixel. Only operations that IEEE 754
 * rounds exactly decide a pixel (+ − × ÷ √), so that every machine paints the same.
 */

import { mapInto } from '../../shared/numbers/mapInto.ts';
import { type Glyph, glyphHeight, glyphs, glyphWidth } from '../../shared/masks/font.ts';
import { createFieldGenerator } from './powerLawField.ts';
import type { Draw, ScenePainter } from './syntheticScene.ts';

/** Creates a painter of `size` × `size` images; equal random numbers give equal images. */
export function createShapePainter(size: number): ScenePainter {
  const drawField = createFieldGenerator(size, Math.max(2, 2 ** Math.floor(Math.log2(size / 2))));
  return (draw) => {
    const scene: Scene = {
      size,
      unit: size / 32,
      // A slope of 1 gives every octave the same amplitude.
      roughness: drawField({ slope: 1, draw }),
      values: new Float32Array(size * size * 3),
      draw,
    };
    paintBackground(scene);
    const shapes = 2 + Math.floor(4 * draw());
    for (let index = 0; index < shapes; index++) paintArea(scene, drawShape(scene), drawFill(scene));
    if (draw() < 0.65) paintWord(scene);
    const toByte = (value: number) => Math.round(255 * Math.min(1, Math.max(0, value)));
    return mapInto(new Uint8Array(scene.values.length), scene.values, toByte);
  };
}

interface Scene {
  readonly size: number;
  /** Pixels that are a 32nd of the side. */
  readonly unit: number;
  /** Field of unit variance, for rough surfaces. */
  readonly roughness: Float32Array;
  /** RGB from 0 to 1. */
  readonly values: Float32Array;
  readonly draw: Draw;
}

type Colour = readonly [number, number, number];
/** The covered fraction of the pixel with centre (x, y), from 0 to 1. */
type Coverage = (x: number, y: number) => number;
type Fill = (x: number, y: number) => Colour;

function paintBackground(scene: Scene): void {
  paintArea(scene, () => 1, drawFill(scene));
  if (scene.draw() < 0.4) {
    const along = drawDirection(scene.draw);
    const offset = (0.3 + 0.4 * scene.draw()) * scene.size * (along.x + along.y);
    paintArea(scene, (x, y) => coverageAt(x * along.x + y * along.y - offset), drawFill(scene));
  }
}

function paintArea({ size, values }: Scene, coverage: Coverage, fill: Fill): void {
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const covered = coverage(x + 0.5, y + 0.5);
      if (covered > 0) blend(values, (y * size + x) * 3, { colour: fill(x + 0.5, y + 0.5), covered });
    }
  }
}

function blend(values: Float32Array, start: number, paint: { colour: Colour; covered: number }): void {
  for (let channel = 0; channel < 3; channel++) {
    const below = values[start + channel];
    values[start + channel] = below + paint.covered * (paint.colour[channel] - below);
  }
}

/** The coverage of a pixel whose centre is `distance` pixels outside an edge (negative: inside). */
function coverageAt(distance: number): number {
  return Math.min(1, Math.max(0, 0.5 - distance));
}

// Colours and fills

/** A colour of any hue; its luminance (the mean of its channels) is near `luminance`. */
function drawColour(draw: Draw, luminance: number): Colour {
  const chroma = 0.5 * draw();
  const hue = 6 * draw();
  // Each channel rises and falls along the hue circle, a third of it after the one before.
  const channel = (shift: number) => {
    const place = (hue + shift) % 6;
    return Math.min(1, Math.max(0, Math.abs(place - 3) - 1)) - 0.5;
  };
  return [luminance + chroma * channel(0), luminance + chroma * channel(4), luminance + chroma * channel(2)];
}

/** Two colours that differ clearly in luminance. */
function drawContrast(draw: Draw): readonly [Colour, Colour] {
  const dark = 0.08 + 0.3 * draw();
  const light = dark + 0.32 + (0.6 - dark) * draw();
  const pair = [drawColour(draw, dark), drawColour(draw, light)] as const;
  return draw() < 0.5 ? pair : [pair[1], pair[0]];
}

function drawFill(scene: Scene): Fill {
  const { draw } = scene;
  const choice = draw();
  if (choice < 0.27) {
    const colour = drawColour(draw, 0.1 + 0.8 * draw());
    return () => colour;
  }
  if (choice < 0.35) return drawGradient(scene);
  if (choice < 0.39) return drawRoughFill(scene);
  return drawTexture(scene);
}

function drawGradient({ size, draw }: Scene): Fill {
  const [from, to] = drawContrast(draw);
  const along = drawDirection(draw);
  const [left, right] = [Math.min(0, along.x) + Math.min(0, along.y), Math.abs(along.x) + Math.abs(along.y)];
  return (x, y) => mix(from, to, ((x * along.x + y * along.y) / size - left) / right);
}

function drawRoughFill({ size, roughness, draw }: Scene): Fill {
  const [red, green, blue] = drawColour(draw, 0.2 + 0.6 * draw());
  const amplitude = 0.04 + 0.08 * draw();
  return (x, y) => {
    const light = amplitude * roughness[Math.floor(y) * size + Math.floor(x)];
    return [red + light, green + light, blue + light];
  };
}

/** A repeated pattern of two colours. */
function drawTexture(scene: Scene): Fill {
  const { draw } = scene;
  const [ground, figure] = drawContrast(draw);
  const pattern = patterns[Math.floor(patterns.length * draw())](scene);
  return (x, y) => mix(ground, figure, pattern(x, y));
}

const patterns: readonly ((scene: Scene) => Coverage)[] = [
  drawStripes,
  drawStripes,
  drawStripes,
  drawChecks,
  drawDots,
  drawBricks,
  drawBricks,
];

function drawStripes({ unit, draw }: Scene): Coverage {
  const along = drawTextureDirection(draw);
  const period = drawPeriod(unit, draw);
  const width = period * (0.35 + 0.3 * draw());
  return (x, y) => stripe(x * along.x + y * along.y, period, width);
}

function drawChecks({ unit, draw }: Scene): Coverage {
  const along = drawTextureDirection(draw);
  const period = 1.4 * drawPeriod(unit, draw);
  return (x, y) => {
    const across = stripe(x * along.x + y * along.y, period, period / 2);
    const down = stripe(y * along.x - x * along.y, period, period / 2);
    return across * down + (1 - across) * (1 - down);
  };
}

function drawDots({ unit, draw }: Scene): Coverage {
  const along = drawTextureDirection(draw);
  const period = 1.2 * drawPeriod(unit, draw);
  const radius = period * (0.25 + 0.15 * draw());
  return (x, y) => {
    const across = fromCentre(x * along.x + y * along.y, period);
    const down = fromCentre(y * along.x - x * along.y, period);
    return coverageAt(Math.sqrt(across * across + down * down) - radius);
  };
}

/** Bricks in rows, each shifted by half a brick, with joints at least a pixel wide. */
function drawBricks({ unit, draw }: Scene): Coverage {
  const height = drawPeriod(unit, draw);
  const joint = Math.max(1, height / 5);
  const width = height * (1.5 + draw());
  return (x, y) => {
    const shift = Math.floor(y / height) % 2 === 0 ? 0 : width / 2;
    return stripe(x + shift, width, width - joint) * stripe(y, height, height - joint);
  };
}

/** Most textures are level, as masonry, blinds and lines of text are. */
function drawTextureDirection(draw: Draw): Direction {
  const choice = draw();
  if (choice < 0.85) return { x: 0, y: 1 };
  return choice < 0.95 ? { x: 1, y: 0 } : drawDirection(draw);
}

function drawPeriod(unit: number, draw: Draw): number {
  return Math.max(2.5, (3 + 2 * draw()) * unit);
}

/** The coverage of stripes of this width at a place across them. */
function stripe(place: number, period: number, width: number): number {
  return coverageAt(Math.abs(fromCentre(place, period)) - width / 2);
}

/** The distance from the centre of the period that `place` is in, with its sign. */
function fromCentre(place: number, period: number): number {
  return place - (Math.floor(place / period) + 0.5) * period;
}

function mix(from: Colour, to: Colour, fraction: number): Colour {
  return [
    from[0] + fraction * (to[0] - from[0]),
    from[1] + fraction * (to[1] - from[1]),
    from[2] + fraction * (to[2] - from[2]),
  ];
}

// Shapes

/** A unit vector. */
interface Direction {
  readonly x: number;
  readonly y: number;
}

/** A unit vector: half of them along the axes, the others in any direction. */
function drawDirection(draw: Draw): Direction {
  if (draw() < 0.5) return draw() < 0.5 ? { x: 1, y: 0 } : { x: 0, y: 1 };
  for (;;) {
    const x = 2 * draw() - 1;
    const y = 2 * draw() - 1;
    const length = Math.sqrt(x * x + y * y);
    if (length > 0.1 && length <= 1) return { x: x / length, y: y / length };
  }
}

/** The distance of a point outside an outline of radius 1, negative inside. */
type Outline = (x: number, y: number) => number;

function drawShape({ size, draw }: Scene): Coverage {
  const [centreX, centreY] = [size * draw(), size * draw()];
  const radius = (0.12 + 0.3 * draw()) * size;
  const aspect = draw() < 0.4 ? 1 : 0.4 + 0.6 * draw();
  const along = drawDirection(draw);
  const outline = drawOutline(draw);
  return (x, y) => {
    const [dx, dy] = [x - centreX, y - centreY];
    const [across, down] = [
      (dx * along.x + dy * along.y) / radius,
      (dy * along.x - dx * along.y) / radius / aspect,
    ];
    return coverageAt(outline(across, down) * radius * aspect);
  };
}

function drawOutline(draw: Draw): Outline {
  const choice = draw();
  if (choice < 0.3) return circle;
  if (choice < 0.4) {
    const inner = 0.4 + 0.3 * draw();
    return (x, y) => Math.max(circle(x, y), inner - Math.sqrt(x * x + y * y));
  }
  if (choice < 0.7) return square;
  if (choice < 0.8) {
    const arm = 0.25 + 0.2 * draw();
    return (x, y) => Math.min(box(x, y, { x: 1, y: arm }), box(x, y, { x: arm, y: 1 }));
  }
  return regularPolygon(choice < 0.92 ? turns.third : choice < 0.96 ? turns.fifth : turns.sixth);
}

const circle: Outline = (x, y) => Math.sqrt(x * x + y * y) - 1;
const square: Outline = (x, y) => box(x, y, { x: 0.85, y: 0.85 });

function box(x: number, y: number, half: { readonly x: number; readonly y: number }): number {
  return Math.max(Math.abs(x) - half.x, Math.abs(y) - half.y);
}

/** Cosine and sine of a turn, and the number of them in a circle. */
interface Turn {
  readonly cos: number;
  readonly sin: number;
  readonly sides: number;
}

const turns = {
  third: { cos: -1 / 2, sin: Math.sqrt(3) / 2, sides: 3 },
  fifth: { cos: (Math.sqrt(5) - 1) / 4, sin: Math.sqrt(10 + 2 * Math.sqrt(5)) / 4, sides: 5 },
  sixth: { cos: 1 / 2, sin: Math.sqrt(3) / 2, sides: 6 },
} satisfies Record<string, Turn>;

function regularPolygon({ cos, sin, sides }: Turn): Outline {
  const normals = [{ x: 0, y: 1 }];
  for (let side = 1; side < sides; side++) {
    const { x, y } = normals[side - 1];
    normals.push({ x: x * cos - y * sin, y: x * sin + y * cos });
  }
  const apothem = sides === 3 ? 0.55 : 0.85;
  return (x, y) => {
    let farthest = -Infinity;
    for (const normal of normals) farthest = Math.max(farthest, normal.x * x + normal.y * y - apothem);
    return farthest;
  };
}

// Letters

/** Paints one to four letters in a line, most of the time on a plate. */
function paintWord(scene: Scene): void {
  const { size, draw } = scene;
  const word = Array.from({ length: drawWordLength(draw) }, () => glyphs[Math.floor(glyphs.length * draw())]);
  const columns = word.length * (glyphWidth + 1) - 1;
  const widest = (0.95 * size) / Math.max(columns, glyphHeight);
  const scale = Math.max(1, widest * (0.55 + 0.45 * draw()));
  const left = (size - columns * scale) * draw();
  const top = (size - glyphHeight * scale) * draw();
  const [plate, ink] = drawContrast(draw);
  if (draw() < 0.7) {
    const [right, bottom] = [left + columns * scale, top + glyphHeight * scale];
    const isOnPlate: Coverage = (x, y) =>
      coverageAt(Math.max(left - scale - x, x - right - scale, top - scale - y, y - bottom - scale));
    paintArea(scene, isOnPlate, () => plate);
  }
  const covered = coverageOfWord({ word, left, top, scale }, size);
  paintArea(
    scene,
    (x, y) => covered[Math.floor(y) * size + Math.floor(x)],
    () => ink,
  );
}

function drawWordLength(draw: Draw): number {
  const choice = draw();
  return choice < 0.45 ? 1 : choice < 0.75 ? 2 : choice < 0.92 ? 3 : 4;
}

/** Letters in a line; `left` and `top` in pixels. */
export interface PlacedWord {
  readonly word: readonly Glyph[];
  readonly left: number;
  readonly top: number;
  /** Pixels a cell. */
  readonly scale: number;
}

/** Returns the fraction of each of the size × size pixels that the letters cover, row-major; what is outside is cut off. */
export function coverageOfWord({ word, left, top, scale }: PlacedWord, size: number): Float32Array {
  const covered = new Float32Array(size * size);
  for (const [place, { cells }] of word.entries()) {
    for (const { column, row } of cells) {
      const x = left + (place * (glyphWidth + 1) + column) * scale;
      addCell(covered, size, { x, y: top + row * scale, side: scale });
    }
  }
  return covered;
}

function addCell(
  covered: Float32Array,
  size: number,
  { x, y, side }: { readonly x: number; readonly y: number; readonly side: number },
): void {
  const [lastX, lastY] = [Math.min(size, Math.ceil(x + side)), Math.min(size, Math.ceil(y + side))];
  for (let row = Math.max(0, Math.floor(y)); row < lastY; row++) {
    const high = Math.min(row + 1, y + side) - Math.max(row, y);
    for (let column = Math.max(0, Math.floor(x)); column < lastX; column++) {
      const wide = Math.min(column + 1, x + side) - Math.max(column, x);
      covered[row * size + column] += high * wide;
    }
  }
}
