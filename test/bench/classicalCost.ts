/**
 * node test/bench/classicalCost.ts PHOTOGRAPH…: CPU milliseconds of the classical estimates for holes of three laws at two sizes,
 * and the constants of `shared/config/inpaintingCost.ts` that fit them best in relative error. CPU time, so that other load
 * changes them little.
 */

import sharp from 'sharp';
import {
  estimateBiharmonic,
  estimateTelea,
  estimateTensionSpline,
  estimateThinPlate,
} from '../../main/engine/inpaint/estimateImage.ts';
import type { KnownImage } from '../../main/engine/inpaint/knownImage.ts';
import { drawMask } from '../../shared/masks/laws.ts';

const estimates = {
  'thin plate': estimateThinPlate,
  'tension spline': estimateTensionSpline,
  biharmonic: estimateBiharmonic,
  Telea: estimateTelea,
};
const sizes = [
  [320, 200],
  [640, 400],
] as const;
const masks = [
  { law: 'strokes', keepRatio: 0.88 },
  { law: 'block', keepRatio: 0.9 },
  { law: 'uniform', keepRatio: 0.2 },
] as const;

interface Measured {
  readonly unknown: number;
  readonly pixels: number;
  /** CPU milliseconds. */
  readonly cost: number;
}

const files = process.argv.slice(2);
if (files.length === 0) throw new Error('Found no photograph; expected at least one file.');
for (const [name, estimate] of Object.entries(estimates)) {
  const found: Measured[] = [];
  for (const [at, file] of files.entries())
    for (const [width, height] of sizes)
      for (const mask of masks) {
        const image = await readImage(file, { ...mask, width, height, seed: 7 + at });
        await estimate(image, { exactSide: 64 });
        const start = process.cpuUsage();
        await estimate(image, { exactSide: 64 });
        const { user, system } = process.cpuUsage(start);
        const pixels = width * height;
        const unknown = Math.round((1 - mask.keepRatio) * pixels);
        const cost = (user + system) / 1000;
        found.push({ unknown, pixels, cost });
        console.log(`${name.padEnd(14)} ${mask.law.padEnd(8)} ${width}x${height} ${cost.toFixed(0)} ms`);
      }
  const { unknown, any } = fit(found);
  console.log(`${name}: { unknown: ${unknown.toFixed(4)}, any: ${any.toFixed(4)} }`);
}

async function readImage(
  file: string,
  mask: (typeof masks)[number] & { readonly width: number; readonly height: number; readonly seed: number },
): Promise<KnownImage> {
  const { width, height } = mask;
  const bytes = await sharp(file).resize(width, height, { fit: 'cover' }).removeAlpha().raw().toBuffer();
  return { ...drawMask(mask), values: Float32Array.from(bytes, (byte) => byte / 255) };
}

/** Returns the costs per unknown pixel and per pixel, none below zero, of least squared relative error. */
function fit(found: readonly Measured[]): { unknown: number; any: number } {
  const sum = (of: (each: Measured) => number) =>
    found.reduce((total, each) => total + of(each) / each.cost ** 2, 0);
  const [uu, up, pp] = [
    sum(({ unknown }) => unknown ** 2),
    sum(({ unknown, pixels }) => unknown * pixels),
    sum(({ pixels }) => pixels ** 2),
  ];
  const [uc, pc] = [sum(({ unknown, cost }) => unknown * cost), sum(({ pixels, cost }) => pixels * cost)];
  const determinant = uu * pp - up ** 2;
  const both = { unknown: (uc * pp - pc * up) / determinant, any: (pc * uu - uc * up) / determinant };
  if (both.unknown < 0) return { unknown: 0, any: pc / pp };
  return both.any < 0 ? { unknown: uc / uu, any: 0 } : both;
}
