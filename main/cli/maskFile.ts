/** A mask from a file: white where known. */

import { decodeImage, sniffImageFile } from '../datasets/decodeImage.ts';
import { contentId } from '../jobs/pictureFiles.ts';

export interface MaskFile {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** width × height, 1 = known. */
  readonly bytes: Uint8Array;
  readonly observed: number;
}

/** Known is what is at least half white; what is transparent is not. @throws Error when it is no PNG or knows nothing. */
export async function readMaskFile(file: string): Promise<MaskFile> {
  if ((await sniffImageFile(file)) !== 'png') {
    throw new Error(`--mask ${file}: expected a PNG picture, white where pixels are known.`);
  }
  const { width, height, pixels } = await decodeImage(file, 'black').catch((error: Error) => {
    throw new Error(`--mask ${file} cannot be read: ${error.message}. Save it again as PNG.`, {
      cause: error,
    });
  });
  const bytes = Uint8Array.from({ length: width * height }, (_, pixel) => {
    const sum = pixels[3 * pixel] + pixels[3 * pixel + 1] + pixels[3 * pixel + 2];
    return sum >= 3 * 128 ? 1 : 0;
  });
  const observed = bytes.reduce((count, known) => count + known, 0);
  if (observed === 0) {
    throw new Error(`--mask ${file} is black all over: expected at least one white pixel, white is known.`);
  }
  return { id: contentId({ width, height }, bytes), width, height, bytes, observed };
}
