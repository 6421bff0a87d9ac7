/** Where a picture that this application saved came from, and whether that is still here. */

import { provenanceKeyword, provenanceSchema, type Provenance } from '../../../shared/inpainting.ts';
import { imageLimits } from '../../../shared/images/imageHeader.ts';
import { readPngText } from '../../../shared/images/pngText.ts';
import { request } from '../../api/client.ts';

export interface Origin {
  readonly provenance: Provenance;
  /** Address of its entry, else of its run; null: neither is here. */
  readonly address: string | null;
}

/** null for every other file. */
export async function findOrigin(file: File): Promise<Origin | null> {
  if (file.size > imageLimits.fileBytes) return null;
  const provenance = readProvenance(new Uint8Array(await file.arrayBuffer()));
  return provenance && { provenance, address: await findAddress(provenance) };
}

/** null where there is none, or none that this version understands. */
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
  const isHere = (answer: Promise<unknown>) =>
    answer.then(
      () => true,
      () => false,
    );
  if (inpaintingId !== null && (await isHere(request('inpaint.get', { id: inpaintingId }))))
    return `/inpaintings/${inpaintingId}`;
  return (await isHere(request('runs.get', { id: runId }))) ? `/runs/${runId}` : null;
}
