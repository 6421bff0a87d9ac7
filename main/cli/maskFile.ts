/** A mask from a file: white where known. */

import { readFile } from 'node:fs/promises';
import { describeError } from '../../shared/text/describeError.ts';
import { describeInverted, readMask } from '../../shared/images/readMask.ts';
import { decodeMaskBytes } from '../datasets/decodeImage.ts';
import { contentId } from '../jobs/inpainting/imageFiles.ts';

export interface MaskFile {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** width × height, 1 = known. */
  readonly bytes: Uint8Array;
  readonly observed: number;
  /** Sentences about how it was read, where that is not obvious. */
  readonly notes: readonly string[];
}

/** @throws Error when it is no image or marks nothing as known. */
export async function readMaskFile(file: string, { invert }: { invert: boolean }): Promise<MaskFile> {
  try {
    const found = readMask(await decodeMaskBytes(await readFile(file)), { invert });
    const { width, height, bytes, known } = found;
    const advice = invert
      ? 'Without --invert-mask the white pixels are known.'
      : 'If white marks the hole, use --invert-mask.';
    const notes = [
      ...found.notes,
      ...(found.looksInverted ? [`${describeInverted(found, { invert })} ${advice}`] : []),
    ];
    return { id: contentId({ width, height }, bytes), width, height, bytes, observed: known, notes };
  } catch (error) {
    const reason = describeError(error);
    throw new Error(`--mask ${file}: ${reason}`, { cause: error });
  }
}
