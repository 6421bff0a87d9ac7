/** All images of one call of lab inpaint: a broken one does not stop the others, and up-to-date results are kept. */

import { describeError } from '../../../shared/text/describeError.ts';
import { printable } from '../../../shared/text/escapeText.ts';
import type { Output } from '../output.ts';
import { nameFiles } from './resultFiles.ts';
import { type Batch, inpaintFile, type ImageOutcome } from './inpaintFile.ts';
import { type InpaintRecord, openResults } from './resultsFolder.ts';
import type { ImageFile } from './inputs.ts';
import type { InpaintSession } from './session.ts';

export interface ImageReport {
  readonly image: ImageFile;
  readonly outcome: ImageOutcome | { readonly status: 'failed'; readonly error: string };
}

export interface BatchReport {
  /** In the order of the images; after Ctrl-C, only those finished before. */
  readonly reports: readonly ImageReport[];
  readonly records: readonly InpaintRecord[];
  readonly isInterrupted: boolean;
  /** Paths of the tables. */
  readonly tables: readonly string[];
}

export async function inpaintAll(
  images: readonly ImageFile[],
  batch: Batch,
  { session, output }: { session: InpaintSession; output: Output },
): Promise<BatchReport> {
  const results = openResults(batch.folder);
  const claim = createClaims(batch);
  const reports: ImageReport[] = [];
  for (const [index, image] of images.entries()) {
    const counted = images.length > 1 ? `${image.label} (${index + 1} of ${images.length})` : image.label;
    const label = printable(counted);
    let outcome: ImageReport['outcome'];
    try {
      claim(image);
      const note = (text: string) => output.note(`${label}: ${text}`);
      outcome = await inpaintFile(image, batch, { session, label, note, results });
      if (outcome.status === 'interrupted') break;
      if (outcome.status === 'up to date')
        output.note(`${label}: up to date${describeOtherName(outcome, image)}.`);
    } catch (error) {
      outcome = { status: 'failed', error: describeError(error) };
      output.note(`${label}: ${outcome.error}`);
    }
    reports.push({ image, outcome });
    if (outcome.status === 'done') results.write();
    if (session.isInterrupted()) break;
  }
  const shown = reports.flatMap(({ outcome }) =>
    'record' in outcome && outcome.record ? [outcome.record] : [],
  );
  return { reports, records: shown, tables: results.write(), isInterrupted: session.isInterrupted() };
}

/** Returns `, as kept.png` if the result was renamed, otherwise an empty string. */
function describeOtherName({ result }: { result: string }, { name }: ImageFile): string {
  return result === `${name}.png` ? '' : `, as ${result}`;
}

/** Returns a function that throws if two images would be written to the same file. */
function createClaims({ settings }: Batch): (image: ImageFile) => void {
  const claimed = new Map<string, string>();
  return ({ name, label }) => {
    const { request, hasStrip } = settings;
    // Many file systems ignore the case of letters.
    const names = nameFiles(name, { samples: request.samples, hasStrip }).map((file) => file.toLowerCase());
    for (const file of names) {
      const other = claimed.get(file);
      if (other === undefined) continue;
      throw new Error(`would be written as ${file}, as is ${other}. Inpaint it into another --out folder.`);
    }
    for (const file of names) claimed.set(file, label);
  };
}
