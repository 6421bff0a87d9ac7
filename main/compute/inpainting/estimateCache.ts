/** Caches the classical estimates of the last image, so that another attempt at it does not compute them again. */

import { estimateBiharmonic, estimateTelea, estimateThinPlate } from '../../engine/inpaint/estimateImage.ts';
import type { KnownImage } from '../../engine/inpaint/knownImage.ts';

export interface ImageEstimate {
  /** height × width × 3 values in [0, 1], known pixels exact. */
  readonly values: Float32Array;
  /** What it took when it was computed. */
  readonly seconds: number;
}

/** Estimates that a result is compared with; a network reads none of them. */
export interface ComparedEstimates {
  readonly biharmonic: ImageEstimate;
  readonly telea: ImageEstimate;
}

export interface EstimateRequest {
  readonly exactSide: number;
  /** Awaited several times with the completed fraction of an estimate. */
  readonly onProgress: (method: 'thin plate' | 'biharmonic' | 'Telea', fraction: number) => Promise<void>;
}

export interface EstimateCache {
  /** Which estimates of an image need no computing. */
  has(image: KnownImage): { readonly thinPlate: boolean; readonly compared: boolean };
  /** Returns the estimate that a network is given. */
  thinPlateOf(image: KnownImage, request: EstimateRequest): Promise<ImageEstimate>;
  /** Returns the estimates that wait until there is a result; computes the thin plate first if it has to. */
  comparedOf(image: KnownImage, request: EstimateRequest): Promise<ComparedEstimates>;
}

interface CachedEstimates {
  readonly image: KnownImage;
  readonly exactSide: number;
  readonly thinPlate: ImageEstimate;
  compared: ComparedEstimates | null;
}

export function createEstimateCache(): EstimateCache {
  let last: CachedEstimates | null = null;
  const find = async (image: KnownImage, request: EstimateRequest): Promise<CachedEstimates> => {
    if (last && isSame(last.image, image) && last.exactSide === request.exactSide) return last;
    last = null;
    const { exactSide, onProgress } = request;
    const thinPlate = await timed(() =>
      estimateThinPlate(image, {
        exactSide,
        onProgress: (fraction) => onProgress('thin plate', fraction),
      }),
    );
    last = { image, exactSide, thinPlate, compared: null };
    return last;
  };
  return {
    has(image) {
      const isKept = last !== null && isSame(last.image, image);
      return { thinPlate: isKept, compared: isKept && last?.compared !== null };
    },
    thinPlateOf: async (image, request) => (await find(image, request)).thinPlate,
    async comparedOf(image, request) {
      const found = await find(image, request);
      found.compared ??= await estimateCompared(image, found.thinPlate.values, request);
      return found.compared;
    },
  };
}

async function estimateCompared(
  image: KnownImage,
  plate: Float32Array,
  { exactSide, onProgress }: EstimateRequest,
): Promise<ComparedEstimates> {
  const biharmonic = await timed(() =>
    estimateBiharmonic(image, plate, {
      exactSide,
      onProgress: (fraction) => onProgress('biharmonic', fraction),
    }),
  );
  const telea = await timed(() =>
    estimateTelea(image, { onProgress: (fraction) => onProgress('Telea', fraction) }),
  );
  return { biharmonic, telea };
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
