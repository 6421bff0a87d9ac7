/** All pictures of a call of lab inpaint: a broken one does not stop the others, and what is done is not done again. */

import { describeError } from '../../../shared/text/describeError.ts';
import { printable } from '../../../shared/text/escapeText.ts';
import type { Output } from '../output.ts';
import { nameFiles } from './resultFiles.ts';
import { type Batch, inpaintPicture, type PictureOutcome } from './inpaintImage.ts';
import { type InpaintRecord, openResults } from './resultsFolder.ts';
import type { PictureFile } from './inputs.ts';
import type { InpaintSession } from './session.ts';

export interface PictureReport {
  readonly picture: PictureFile;
  readonly outcome: PictureOutcome | { readonly status: 'failed'; readonly error: string };
}

export interface BatchReport {
  /** In the order of the pictures; after Ctrl-C only those before it. */
  readonly reports: readonly PictureReport[];
  readonly records: readonly InpaintRecord[];
  readonly isInterrupted: boolean;
  /** Paths of the tables. */
  readonly tables: readonly string[];
}

export async function inpaintAll(
  pictures: readonly PictureFile[],
  batch: Batch,
  { session, output }: { session: InpaintSession; output: Output },
): Promise<BatchReport> {
  const results = openResults(batch.folder);
  const claim = createClaims(batch);
  const reports: PictureReport[] = [];
  for (const [index, picture] of pictures.entries()) {
    const counted =
      pictures.length > 1 ? `${picture.label} (${index + 1} of ${pictures.length})` : picture.label;
    const label = printable(counted);
    let outcome: PictureReport['outcome'];
    try {
      claim(picture);
      const note = (text: string) => output.note(`${label}: ${text}`);
      outcome = await inpaintPicture(picture, batch, { session, label, note, results });
      if (outcome.status === 'interrupted') break;
      if (outcome.status === 'up to date')
        output.note(`${label}: up to date${describeOtherName(outcome, picture)}.`);
    } catch (error) {
      outcome = { status: 'failed', error: describeError(error) };
      output.note(`${label}: ${outcome.error}`);
    }
    reports.push({ picture, outcome });
    if (outcome.status === 'done') results.write();
    if (session.isInterrupted()) break;
  }
  const shown = reports.flatMap(({ outcome }) =>
    'record' in outcome && outcome.record ? [outcome.record] : [],
  );
  return { reports, records: shown, tables: results.write(), isInterrupted: session.isInterrupted() };
}

/** ` as kept.png`, where the result was renamed. */
function describeOtherName({ result }: { result: string }, { name }: PictureFile): string {
  return result === `${name}.png` ? '' : `, as ${result}`;
}

/** Two pictures must not write one file. */
function createClaims({ settings }: Batch): (picture: PictureFile) => void {
  const claimed = new Map<string, string>();
  return ({ name, label }) => {
    const { request, hasStrip } = settings;
    // Many disks take capitals for small letters.
    const names = nameFiles(name, { samples: request.samples, hasStrip }).map((file) => file.toLowerCase());
    for (const file of names) {
      const other = claimed.get(file);
      if (other === undefined) continue;
      throw new Error(`would be written as ${file}, as is ${other}. Inpaint it into another --out folder.`);
    }
    for (const file of names) claimed.set(file, label);
  };
}
