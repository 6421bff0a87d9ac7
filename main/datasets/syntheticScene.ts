/**
 * Paints a synthetic image: textured surfaces that occlude each other, light that falls off, a lens and an exposure.
 * Spectra and occlusion as in natural images: Field 1987; Lee, Mumford & Huang 2001.
 */

import { createFieldGenerator } from './powerLawField.ts';

/** size × size × 3 bytes, row-major, channels last. */
export type ScenePainter = (draw: Draw) => Uint8Array;

/** Creates a painter of `size` × `size` images; equal random numbers give equal images. */
export function createScenePainter(size: number): ScenePainter {
  const finest = 2 ** Math.floor(Math.log2(size));
  const drawFine = createFieldGenerator(size, finest);
  const drawCoarse = createFieldGenerator(size, finest / 4);
  return (draw) => {
    const fields = {
      texture: drawFine({ slope: 0.7 + 0.6 * draw(), draw }),
      shade: drawCoarse({ slope: 1.5, draw }),
      tint: drawCoarse({ slope: 1.3, draw }),
    };
    const canvas: Canvas = { size, fields, values: new Float32Array(size * size * 3) };
    const saturation = 0.2 + 0.9 * draw() ** 2;
    fillSurface(canvas, drawSurface(saturation, draw));
    const shapes = 4 + Math.floor(20 * draw() ** 1.5);
    for (let index = 0; index < shapes; index++) {
      const shape = drawShape(size, draw);
      paintShape(canvas, shape, {
        surface: drawSurface(saturation, draw),
        softness: 0.5 + 1.5 * draw() ** 3,
      });
    }
    illuminate(canvas, draw);
    blur(canvas, 0.02 + 0.08 * draw());
    return expose(canvas, draw);
  };
}

interface Canvas {
  readonly size: number;
  /** Fields of unit variance that all surfaces of an image share, each at its own offset. */
  readonly fields: {
    readonly texture: Float32Array;
    readonly shade: Float32Array;
    readonly tint: Float32Array;
  };
  readonly values: Float32Array;
}

interface Surface {
  readonly colour: readonly [number, number, number];
  readonly textureAmplitude: number;
  readonly shadeAmplitude: number;
  readonly tintAmplitude: number;
  /** Whole pixels. */
  readonly offsetX: number;
  readonly offsetY: number;
  /** A grating of this amplitude with wave vector (waveX, waveY), radians a pixel at 32 pixels. */
  readonly gratingAmplitude: number;
  readonly waveX: number;
  readonly waveY: number;
}

/** The two opponent axes of natural colours: blue–yellow varies a quarter as much as luminance, red–green less. */
function drawSurface(saturation: number, draw: Draw): Surface {
  const luminance = draw();
  const warmth = (draw() + draw() - 1) * 0.35 * saturation;
  const redness = (draw() + draw() - 1) * 0.15 * saturation;
  const isRough = draw() < 0.6;
  const isGrating = draw() < 0.12;
  const angle = draw() * Math.PI;
  const frequency = 0.5 + 0.9 * draw();
  return {
    colour: [luminance + warmth + redness, luminance - redness, luminance - warmth + redness],
    textureAmplitude: isRough ? 0.02 + 0.15 * draw() : 0.02,
    shadeAmplitude: 0.12 * draw(),
    tintAmplitude: 0.06 * saturation * draw(),
    offsetX: Math.floor(draw() * 256),
    offsetY: Math.floor(draw() * 256),
    gratingAmplitude: isGrating ? 0.05 + 0.15 * draw() : 0,
    waveX: frequency * Math.cos(angle),
    waveY: frequency * Math.sin(angle),
  };
}

function fillSurface(canvas: Canvas, surface: Surface): void {
  for (let y = 0; y < canvas.size; y++) {
    for (let x = 0; x < canvas.size; x++) blendPixel(canvas, surface, { x, y, coverage: 1 });
  }
}

function paintShape(canvas: Canvas, shape: Shape, look: { surface: Surface; softness: number }): void {
  const last = canvas.size - 1;
  const top = Math.max(0, Math.floor(shape.y - shape.reach));
  const bottom = Math.min(last, Math.ceil(shape.y + shape.reach));
  const left = Math.max(0, Math.floor(shape.x - shape.reach));
  const right = Math.min(last, Math.ceil(shape.x + shape.reach));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const coverage = 0.5 - shape.distance(x + 0.5 - shape.x, y + 0.5 - shape.y) / look.softness;
      if (coverage > 0) blendPixel(canvas, look.surface, { x, y, coverage: Math.min(coverage, 1) });
    }
  }
}

function blendPixel(
  { size, fields, values }: Canvas,
  surface: Surface,
  at: { x: number; y: number; coverage: number },
): void {
  const { x, y, coverage } = at;
  const shifted = ((y + surface.offsetY) % size) * size + ((x + surface.offsetX) % size);
  let light =
    surface.textureAmplitude * fields.texture[shifted] + surface.shadeAmplitude * fields.shade[shifted];
  if (surface.gratingAmplitude > 0) {
    const unit = 32 / size;
    light += surface.gratingAmplitude * Math.sin((surface.waveX * x + surface.waveY * y) * unit);
  }
  const tint = surface.tintAmplitude * fields.tint[shifted];
  const start = (y * size + x) * 3;
  values[start] += coverage * (surface.colour[0] + light + tint - values[start]);
  values[start + 1] += coverage * (surface.colour[1] + light - values[start + 1]);
  values[start + 2] += coverage * (surface.colour[2] + light - tint - values[start + 2]);
}

/** Light falls off linearly in a random direction. */
function illuminate({ size, values }: Canvas, draw: Draw): void {
  const angle = draw() * 2 * Math.PI;
  const fall = 0.6 * draw();
  const slopeX = (fall * Math.cos(angle)) / size;
  const slopeY = (fall * Math.sin(angle)) / size;
  for (let index = 0; index < values.length; index++) {
    const pixel = Math.floor(index / 3);
    values[index] *=
      1 + slopeX * ((pixel % size) - size / 2) + slopeY * (Math.floor(pixel / size) - size / 2);
  }
}

/** The lens: [fraction, 1 − 2·fraction, fraction] along rows, then along columns; borders repeat. */
function blur({ size, values }: Canvas, fraction: number): void {
  for (const [stride, lineStride] of [
    [3, size * 3],
    [size * 3, 3],
  ]) {
    for (let line = 0; line < size; line++) {
      for (let channel = 0; channel < 3; channel++) {
        const start = line * lineStride + channel;
        let before = values[start];
        for (let step = 0; step < size; step++) {
          const index = start + step * stride;
          const here = values[index];
          const after = step + 1 < size ? values[index + stride] : here;
          values[index] = here + fraction * (before - 2 * here + after);
          before = here;
        }
      }
    }
  }
}

/** Brings mean and contrast to those of a photograph; what is too bright or too dark clips. */
function expose({ values }: Canvas, draw: Draw): Uint8Array {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  const deviation = Math.sqrt(Math.max(squares / values.length - mean * mean, 1e-6));
  const brightness = 0.48 + 0.25 * (draw() + draw() - 1);
  const contrast = 0.13 + 0.19 * draw();
  const gain = contrast / deviation;
  const bytes = new Uint8ClampedArray(values.length);
  for (let index = 0; index < values.length; index++)
    bytes[index] = 255 * (brightness + gain * (values[index] - mean));
  return new Uint8Array(bytes.buffer);
}

/** Uniform numbers in [0, 1). */
export type Draw = () => number;

interface Shape {
  /** Centre and reach in pixels: nothing is covered farther away than `reach`. */
  readonly x: number;
  readonly y: number;
  readonly reach: number;
  /** Signed distance to the outline, about pixels, negative inside; (dx, dy) is taken from the centre. */
  readonly distance: (dx: number, dy: number) => number;
}

const smallestRadius = 0.07;
const largestRadius = 0.7;

/** Samples an outline centred in, or just outside, an image of `size` × `size` pixels. Sizes follow the dead-leaves model. */
function drawShape(size: number, draw: Draw): Shape {
  const x = (draw() * 1.2 - 0.1) * size;
  const y = (draw() * 1.2 - 0.1) * size;
  const radius = drawRadius(draw) * size;
  const angle = draw() * 2 * Math.PI;
  const aspect = 0.35 + 0.65 * draw();
  const isPolygon = draw() < 0.45;
  const outline = isPolygon ? createPolygon(radius, aspect, draw) : createEllipse(radius, aspect);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  // The corners of a triangle are twice as far from the centre as its sides.
  const reach = (isPolygon ? 2.5 : 1) * radius + 2;
  return { x, y, reach, distance: (dx, dy) => outline(cos * dx + sin * dy, cos * dy - sin * dx) };
}

/** Density ∝ radius^−2: between the scale-invariant law of dead leaves (−3) and equal numbers per octave (−1). */
function drawRadius(draw: Draw): number {
  return 1 / (1 / smallestRadius + draw() * (1 / largestRadius - 1 / smallestRadius));
}

function createEllipse(radius: number, aspect: number): Shape['distance'] {
  const minor = radius * aspect;
  return (dx, dy) => (Math.sqrt((dx / radius) ** 2 + (dy / minor) ** 2) - 1) * minor;
}

/** Three to six sides, stretched by `aspect`. */
function createPolygon(radius: number, aspect: number, draw: Draw): Shape['distance'] {
  const sides = 3 + Math.floor(draw() * 4);
  const turn = draw() * 2 * Math.PI;
  const normals = Array.from({ length: sides }, (_, side) => {
    const angle = turn + ((side + 0.4 * (draw() - 0.5)) * 2 * Math.PI) / sides;
    return { x: Math.cos(angle), y: Math.sin(angle) };
  });
  return (dx, dy) => {
    let farthest = -Infinity;
    for (const normal of normals)
      farthest = Math.max(farthest, normal.x * dx + (normal.y * dy) / aspect - radius);
    return farthest * aspect;
  };
}
