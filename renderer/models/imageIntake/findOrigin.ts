/** Finds the origin of an image that this application saved. */

import { provenanceKeyword, provenanceSchema, type Provenance } from '../../../shared/inpainting.ts';
import { imageLimits } from '../../../shared/images/imageHeader.ts';
import { readPngText } from '../../../shared/images/pngText.ts';
import { request } from '../../api/client.ts';

export interface Origin {
  readonly provenance: Provenance;
  /** Address of its result, else of its run; null if neither is in the library. */
  readonly address: string | null;
}

/** Returns null for all other files. */
export async function findOrigin(file: File): Promise<Origin | null> {
  if (file.size > imageLimits.fileBytes) return null;
  const provenance = readProvenance(new Uint8Array(await file.arrayBuffer()));
  return provenance && { provenance, address: await findAddress(provenance) };
}

/** Reads the provenance of a PNG file; null if there is none this version supports. */
function readProvenance(bytes: Uint8Array): Provenance | null {
  const text = readPngText(bytes, provenanceKeyword);
  if (text === null) return null;
  try {
    return provenanceSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

async function findAddress({ inpaintingId, runId }: Provenance): Promise<string | null> {
  const exists = (answer: Promise<unknown>) =>
    answer.then(
      () => true,
      () => false,
    );
  if (inpaintingId !== null && (await exists(request('inpaint.get', { id: inpaintingId }))))
    return `/inpaintings/${inpaintingId}`;
  return (await exists(request('runs.get', { id: runId }))) ? `/runs/${runId}` : null;
}
