/** Caches the classical estimates of the last image, so that another attempt at it does not compute them again. */

import type { ClassicalTraits } from '../../../shared/inpainting.ts';
import {
  estimateBiharmonic,
  estimateTelea,
  estimateTensionSpline,
  estimateThinPlate,
} from '../../engine/inpaint/estimateImage.ts';
import type { KnownImage } from '../../engine/inpaint/knownImage.ts';

export interface ImageEstimate {
  /** height × width × 3 values in [0, 1], known pixels exact. */
  readonly values: Float32Array;
  /** What it took when it was computed. */
  readonly seconds: number;
}

/** Named as in scores and progress. */
export type EstimateName = ClassicalTraits['scoredAs'];
export const estimateNames: readonly EstimateName[] = ['thin plate', 'tension spline', 'biharmonic', 'Telea'];

const estimators = {
  'thin plate': estimateThinPlate,
  'tension spline': estimateTensionSpline,
  biharmonic: estimateBiharmonic,
  Telea: estimateTelea,
};

export interface EstimateRequest {
  readonly exactSide: number;
  /** Awaited several times with the completed fraction of an estimate. */
  readonly onProgress: (method: EstimateName, fraction: number) => Promise<void>;
}

export interface EstimateCache {
  /** Returns whether an estimate of an image needs no computing. */
  has(image: KnownImage, name: EstimateName): boolean;
  /** Returns an estimate, computed first if it has to be. */
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
    async find(name, image, request) {
      const estimates = shelfOf(image, request.exactSide);
      const found = estimates.get(name) ?? (await timed(() => compute(name, image, request)));
      estimates.set(name, found);
      return found;
    },
  };
}

function compute(
  name: EstimateName,
  image: KnownImage,
  { exactSide, onProgress }: EstimateRequest,
): Promise<Float32Array> {
  return estimators[name](image, { exactSide, onProgress: (fraction) => onProgress(name, fraction) });
}

async function timed(work: () => Promise<Float32Array>): Promise<ImageEstimate> {
  const startedAt = performance.now();
  const values = await work();
  return { values, seconds: (performance.now() - startedAt) / 1000 };
}

function isSame(one: KnownImage, other: KnownImage): boolean {
  if (one.width !== other.width || one.height !== other.height || one.channels !== other.channels)
    return false;
  return (
    Buffer.compare(bytesOf(one.bits), bytesOf(other.bits)) === 0 &&
    Buffer.compare(bytesOf(one.values), bytesOf(other.values)) === 0
  );
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array | Float32Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
