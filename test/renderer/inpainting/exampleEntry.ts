/** A finished inpainting of an image of 40 × 30 pixels, a fifth of them known. */

import {
  inpaintingRequestSchema,
  type InpaintingEntry,
  type InpaintingRequest,
  type InpaintingResult,
} from '../../../shared/inpainting.ts';

const result: InpaintingResult = {
  width: 40,
  height: 30,
  observed: 240,
  nfe: 19,
  seconds: 2.34,
  peakBytes: 7.4e8,
  tiles: 4,
  largestDeviation: null,
  times: [0, 0.5, 1],
  scores: [
    { method: 'result', psnr: 24.5, psnrUnobserved: 23.4, ssim: 0.81, seconds: 2 },
    { method: 'thin plate', psnr: 22.1, psnrUnobserved: 21.3, ssim: 0.84, seconds: 0.1 },
  ],
};

export function exampleEntry(
  request: Partial<InpaintingRequest> = {},
  changes: Partial<InpaintingEntry> = {},
): InpaintingEntry {
  return {
    id: 'abcdefgh',
    createdAt: '2026-11-20T09:00:00.000Z',
    status: 'finished',
    error: null,
    image: { id: '0123456789abcdef', name: 'harbour.png', width: 40, height: 30 },
    request: inpaintingRequestSchema.parse({
      pictureId: '0123456789abcdef',
      runId: 'runaaaaa',
      mask: { kind: 'drawn' },
      ...request,
    }),
    runName: 'first try',
    checkpointStep: 1500,
    checkpointSha256: 'c0ffee',
    phase: null,
    fraction: null,
    secondsLeft: null,
    times: [0, 0.5, 1],
    result,
    ...changes,
  };
}

export function exampleResult(changes: Partial<InpaintingResult> = {}): InpaintingResult {
  return { ...result, ...changes };
}
