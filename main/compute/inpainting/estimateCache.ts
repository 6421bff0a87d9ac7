/** Caches the classical estimates of the last image, so that another attempt at it does not compute them again. */

import type { ClassicalTraits } from '../../../shared/inpainting.ts';
import { estimateBiharmonic, estimateTelea, estimateThinPlate } from '../../engine/inpaint/estimateImage.ts';
import type { KnownImage } from '../../engine/inpaint/knownImage.ts';

export interface ImageEstimate {
  /** height × width × 3 values in [0, 1], known pixels exact. */
  readonly values: Float32Array;
  /** What it took when it was computed. */
  readonly seconds: number;
}

/** Named as in scores and progress. */
export type EstimateName = ClassicalTraits['scoredAs'];
export const estimateNames: readonly EstimateName[] = ['thin plate', 'biharmonic', 'Telea'];

export interface EstimateRequest {
  readonly exactSide: number;
  /** Awaited several times with the completed fraction of an estimate. */
  readonly onProgress: (method: EstimateName, fraction: number) => Promise<void>;
}

export interface EstimateCache {
  /** Returns whether an estimate of an image needs no computing. */
  has(image: KnownImage, name: EstimateName): boolean;
  /** Returns an estimate; the biharmonic one starts from the thin plate, which is computed first if it has to. */
  find(name: EstimateName, image: KnownImage, request: EstimateRequest): Promise<ImageEstimate>;
}

interface CachedEstimates {
  readonly image: KnownImage;
  readonly exactSide: number;
  readonly estimates: Map<EstimateName, ImageEstimate>;
}

export function createEstimateCache(): EstimateCache {
  let last: CachedEstimates | null = null;
  const shelfOf = (image: KnownImage, exactSide: number) => {
    if (!last || last.exactSide !== exactSide || !isSame(last.image, image))
      last = { image, exactSide, estimates: new Map() };
    return last.estimates;
  };
  return {
    has: (image, name) => last !== null && isSame(last.image, image) && last.estimates.has(name),
    find: (name, image, request) => compute(name, shelfOf(image, request.exactSide), { image, request }),
  };
}

async function compute(
  name: EstimateName,
  estimates: CachedEstimates['estimates'],
  of: { readonly image: KnownImage; readonly request: EstimateRequest },
): Promise<ImageEstimate> {
  const known = estimates.get(name);
  if (known) return known;
  const plate = name === 'biharmonic' ? await compute('thin plate', estimates, of) : null;
  const { image, request } = of;
  const options = {
    exactSide: request.exactSide,
    onProgress: (fraction: number) => request.onProgress(name, fraction),
  };
  const found = await timed(() => {
    if (plate) return estimateBiharmonic(image, plate.values, options);
    return name === 'Telea' ? estimateTelea(image, options) : estimateThinPlate(image, options);
  });
  estimates.set(name, found);
  return found;
}

async function timed(work: () => Promise<Float32Array>): Promise<ImageEstimate> {
  const startedAt = performance.now();
  const values = await work();
  return { values, seconds: (performance.now() - startedAt) / 1000 };
}

function isSame(one: KnownImage, other: KnownImage): boolean {
  if (one.width !== other.width || one.height !== other.height) return false;
  return (
    Buffer.compare(bytesOf(one.isKnown), bytesOf(other.isKnown)) === 0 &&
    Buffer.compare(bytesOf(one.values), bytesOf(other.values)) === 0
  );
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array | Float32Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
