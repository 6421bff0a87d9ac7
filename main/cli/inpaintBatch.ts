/** All pictures of a call of lab inpaint: a broken one does not stop the others, and what is done is not done again. */

import { formatPlural } from '../../shared/pure/format.ts';
import { printable } from '../../shared/pure/printable.ts';
import { nameFiles } from './inpaintFiles.ts';
import type { InpaintSettings } from './inpaintOptions.ts';
import { type Batch, inpaintPicture, type PictureOutcome } from './inpaintPicture.ts';
import { type InpaintRecord, readRecords, writeResults } from './inpaintResults.ts';
import type { InpaintSession } from './inpaintSession.ts';
import type { PictureFile } from './listPictures.ts';
import type { Output } from './output.ts';

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
  const records = createRecords(pictures, batch);
  const claim = createClaims(batch);
  const reports: PictureReport[] = [];
  let tables: string[] = [];
  for (const [index, picture] of pictures.entries()) {
    const counted =
      pictures.length > 1 ? `${picture.label} (${index + 1} of ${pictures.length})` : picture.label;
    const label = printable(counted);
    let outcome: PictureReport['outcome'];
    try {
      claim(picture);
      const note = (text: string) => output.note(`${label}: ${text}`);
      outcome = await inpaintPicture(picture, batch, { session, label, note, earlier: records.of(picture) });
      if (outcome.status === 'interrupted') break;
      if (outcome.status === 'up to date') output.note(`${label}: up to date.`);
      if (outcome.status === 'done') records.keep(outcome.record);
    } catch (error) {
      outcome = { status: 'failed', error: error instanceof Error ? error.message : String(error) };
      output.note(`${label}: ${outcome.error}`);
    }
    reports.push({ picture, outcome });
    if (outcome.status === 'done') tables = records.write();
    if (session.isInterrupted()) break;
  }
  const shown = reports.flatMap(({ outcome }) =>
    'record' in outcome && outcome.record ? [outcome.record] : [],
  );
  return { reports, records: shown, tables, isInterrupted: session.isInterrupted() };
}

/** The numbers of this call's pictures: the earlier ones until there are newer. */
function createRecords(pictures: readonly PictureFile[], batch: Batch) {
  const { folder, run, checkpoint } = batch;
  const earlier = readRecords(folder);
  const known = new Map(earlier.map((record) => [record.file, record]));
  return {
    of: ({ file }: PictureFile) => known.get(file),
    keep: (record: InpaintRecord) => void known.set(record.file, record),
    write(): string[] {
      const records = pictures.flatMap(({ file }) => known.get(file) ?? []);
      const title = `Inpainted by ${run.name}`;
      const notes = [
        describeSettings(batch.settings),
        `Run ${run.id}, checkpoint of step ${checkpoint.step}.`,
      ];
      return writeResults(folder, { records, title, notes });
    },
  };
}

/** `Known by uniform, 20 %, mask seed 42. heun, 10 steps; 1 sample, seed 0.` */
function describeSettings({ mask, request }: InpaintSettings): string {
  const { solver, steps, samples, seed, fit, scale } = request;
  return [
    mask.kind === 'file'
      ? `Known by ${mask.file}.`
      : `Known by ${mask.pattern}, ${Number((100 * mask.keepRatio).toPrecision(6))} %, mask seed ${mask.seed}.`,
    `${solver}, ${formatPlural(steps, 'step')}; ${formatPlural(samples, 'sample')}, seed ${seed}.`,
    ...(fit === 'fit' ? ["The centre square, shrunk to the run's size."] : []),
    ...(scale === 1 ? [] : [`Enlarged ${scale} times.`]),
  ].join(' ');
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
