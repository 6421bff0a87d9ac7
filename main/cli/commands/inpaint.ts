/** lab inpaint */

import { join } from 'node:path';
import { formatPlural } from '../../../shared/text/format.ts';
import { truncateMiddle } from '../../../shared/text/terminalText.ts';
import { forkHost } from '../../jobs/computeHost.ts';
import { withSymmetries } from '../../../shared/inpainting.ts';
import { adviseInTerminal } from '../../jobs/inpainting/maskAdvice.ts';
import { requireCheckpoint } from '../../jobs/runCheckpoint.ts';
import { describeMeans, inpaintingLines } from '../../../shared/inpaintingTable.ts';
import { requestedExitCode } from '../../runtime/processEnd.mjs';
import { measureSlowness } from '../../runtime/processorSpeed.ts';
import { findPathKind } from '../../runtime/typedPath.ts';
import {
  type CommandDefinition,
  interruptedCode,
  type Invocation,
  readVersion,
  UsageError,
} from '../command.ts';
import { formatColumns } from '../format.ts';
import { type BatchReport, inpaintAll } from '../inpaint/batch.ts';
import { openInpaintSession } from '../inpaint/session.ts';
import {
  describeKind,
  inpaintOptions,
  type InpaintSettings,
  readInpaintSettings,
} from '../inpaint/options.ts';
import { type Batch, nameFiller, type RunFiller } from '../inpaint/inpaintFile.ts';
import type { Store } from '../../store/store.ts';
import { withStore, findNamedRun } from '../labStore.ts';
import { listImages, openMasks } from '../inpaint/inputs.ts';
import { readText } from '../options.ts';
import { checkOutFolder } from '../typedPaths.ts';
import type { Output } from '../output.ts';

export const inpaint: CommandDefinition = {
  usage:
    '(<run|preset> | --method NAME) <image|folder>… [--keep 0.2 | --mask FILE|FOLDER] [--result mean|sample] [--samples K] [--out FOLDER]',
  arguments: {
    '<run|preset>':
      'Run ID, the start of one, a name, latest, or a preset for its newest run; not with --method.',
    '<image|folder>': 'PNG, JPEG or WebP files, or folders of them.',
  },
  options: inpaintOptions,
  positionals: { min: 1, max: Infinity },
  run: (invocation) => {
    const { values, positionals } = invocation;
    const settings = readInpaintSettings(values);
    if (settings.request.method !== undefined)
      return inpaintPaths(invocation, { settings, paths: positionals, by: null });
    const [reference, ...paths] = positionals;
    if (paths.length === 0) throw new UsageError(explainOnlyOne(reference));
    return withStore(invocation, (store) => {
      const filler = findFiller(store, reference);
      const request = withSymmetries(settings.request, filler.run.config);
      return inpaintPaths(invocation, { settings: { ...settings, request }, paths, by: { store, filler } });
    });
  },
};

/** Explains what a single argument lacks: the image of a run, or what fills in an image. */
function explainOnlyOne(given: string): string {
  const isImage = /\.(?:png|jpe?g|webp)$/i.test(given) || findPathKind(given) === 'folder';
  return isImage
    ? `Found only "${given}", expected what fills it in as well: a run (lab inpaint RUN ${given}), or a classical method (lab inpaint --method biharmonic ${given}).`
    : `Found only "${given}", expected images as well: lab inpaint ${given} photo.jpg. "lab inpaint --help" explains the arguments.`;
}

interface InpaintCall {
  readonly settings: InpaintSettings;
  /** Images and folders of them. */
  readonly paths: readonly string[];
  /** null: the classical method of the settings, which needs no data folder. */
  readonly by: { readonly store: Store; readonly filler: RunFiller } | null;
}

/** Returns the exit code. */
async function inpaintPaths(
  { values, output }: Invocation,
  { settings, paths, by }: InpaintCall,
): Promise<number> {
  const folder = checkOutFolder(readText(values, 'out') ?? 'inpainted');
  const images = await listImages(paths, output);
  const { mask, invertMask: invert } = settings;
  const masks = mask.kind === 'file' ? await openMasks(mask.file, { invert, images, output }) : null;
  const batch: Batch = {
    filler: by && by.filler,
    settings,
    masks,
    folder,
    version: readVersion(),
    speeds: { db: by && by.store.db, report: null, slowness: measureSlowness },
    advise: (of) => by && adviseInTerminal(by.store, by.filler.run, of),
  };
  const count = formatPlural(images.length, 'image');
  const title = by
    ? `Run ${by.filler.run.id} "${by.filler.run.name}" at step ${by.filler.checkpoint.step}`
    : nameFiller(batch);
  // Before the first line, so that whoever has read it can end the command properly.
  const session = openInpaintSession(forkHost, output);
  output.note(`${title}: ${count} into ${folder}`);
  output.note(describeKind(settings));
  try {
    return report(await inpaintAll(images, batch, { session, output }), batch, output);
  } finally {
    session.close();
  }
}

function findFiller(store: Store, reference: string): RunFiller {
  const run = findNamedRun(store, reference);
  return { run, checkpoint: requireCheckpoint(store, run, 'inpainting') };
}

/** Returns the exit code. */
function report(done: BatchReport, batch: Batch, output: Output): number {
  const { reports, records, tables, isInterrupted } = done;
  output.json(describeJson(done, batch));
  if (records.length > 0) output.text(formatColumns(inpaintingLines(records.map(shortenName))));
  const means = describeMeans(records);
  if (means !== null) output.text(means);
  const count = (status: string) => reports.filter(({ outcome }) => outcome.status === status).length;
  const parts = [`${count('done')} done`, `${count('up to date')} up to date`, `${count('failed')} failed`];
  output.text(`\n${parts.join(', ')}.${tables.length > 0 ? `\n${tables.join('\n')}` : ''}`);
  if (isInterrupted)
    output.note('Interrupted. Finished results are kept; the same command continues with the rest.');
  if (isInterrupted) return requestedExitCode() ?? interruptedCode;
  return count('failed') > 0 ? 1 : 0;
}

/** For the terminal; the tables in the folder have full names. */
function shortenName<Row extends { readonly name: string }>(row: Row): Row {
  return { ...row, name: truncateMiddle(row.name, 40) };
}

function describeJson({ reports, tables, isInterrupted }: BatchReport, batch: Batch): object {
  const { filler, settings, folder } = batch;
  return {
    ...(filler ? { run: filler.run.id, step: filler.checkpoint.step } : { method: settings.request.method }),
    out: folder,
    interrupted: isInterrupted,
    tables,
    pictures: reports.map(({ image: { file }, outcome }) => {
      if (outcome.status === 'failed') return { file, status: outcome.status, error: outcome.error };
      if (outcome.status === 'interrupted') return { file, status: outcome.status };
      const result = { file, status: outcome.status, result: join(folder, outcome.result) };
      if (outcome.record === null) return result;
      return { ...outcome.record, ...result, files: outcome.record.files.map((name) => join(folder, name)) };
    }),
  };
}
