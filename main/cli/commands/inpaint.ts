/** lab inpaint */

import { join } from 'node:path';
import { formatPlural } from '../../../shared/text/format.ts';
import { truncateMiddle } from '../../../shared/text/terminalText.ts';
import { forkHost } from '../../jobs/computeHost.ts';
import { adviseInTerminal } from '../../jobs/inpainting/maskAdvice.ts';
import { requireCheckpoint } from '../../jobs/runCheckpoint.ts';
import { inpaintingLines } from '../../reports/inpaintingTable.ts';
import { requestedExitCode } from '../../runtime/processEnd.mjs';
import { type Command, interruptedCode } from '../command.ts';
import { formatColumns } from '../format.ts';
import { type BatchReport, inpaintAll } from '../inpaint/batch.ts';
import { openInpaintSession } from '../inpaint/session.ts';
import { describeKind, inpaintOptions, readInpaintSettings } from '../inpaint/options.ts';
import type { Batch } from '../inpaint/inpaintFile.ts';
import { withStore, findTrainedRun, readVersion } from '../labStore.ts';
import { listImages, openMasks } from '../inpaint/inputs.ts';
import { readText } from '../options.ts';
import { checkOutFolder } from '../typedPaths.ts';
import type { Output } from '../output.ts';

export const inpaint: Command = {
  name: 'inpaint',
  summary: 'Reconstruct your images, of any size; a repeated call computes only new and changed ones.',
  usage:
    '<run|preset> <image|folder>… [--keep 0.2 | --mask FILE|FOLDER] [--result mean|sample] [--samples K] [--out FOLDER]',
  arguments: {
    '<run|preset>': 'Run ID, the start of one, a name, latest, or a preset for its newest run.',
    '<image|folder>': 'PNG, JPEG or WebP files, or folders of them.',
  },
  options: inpaintOptions,
  positionals: { min: 2, max: Infinity },
  run: (invocation) =>
    withStore(invocation, async (store) => {
      const { values, positionals, output } = invocation;
      const [reference, ...paths] = positionals;
      const settings = readInpaintSettings(values);
      const folder = checkOutFolder(readText(values, 'out') ?? 'inpainted');
      const run = findTrainedRun(store, reference);
      const checkpoint = requireCheckpoint(store, run, 'inpainting');
      const images = await listImages(paths, output);
      const { mask, invertMask: invert } = settings;
      const masks = mask.kind === 'file' ? await openMasks(mask.file, { invert, images, output }) : null;
      const batch: Batch = {
        run,
        checkpoint,
        settings,
        masks,
        folder,
        version: readVersion(),
        advise: (of) => adviseInTerminal(store, run, of),
      };
      const count = formatPlural(images.length, 'image');
      output.note(`Run ${run.id} "${run.name}" at step ${checkpoint.step}: ${count} into ${folder}`);
      output.note(describeKind(settings));
      const session = openInpaintSession(forkHost, output);
      try {
        return report(await inpaintAll(images, batch, { session, output }), batch, output);
      } finally {
        session.close();
      }
    }),
};

/** Returns the exit code. */
function report(done: BatchReport, batch: Batch, output: Output): number {
  const { reports, records, tables, isInterrupted } = done;
  output.json(describeJson(done, batch));
  if (records.length > 0) output.text(formatColumns(inpaintingLines(records.map(shortenName))));
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
  const { run, checkpoint, folder } = batch;
  return {
    run: run.id,
    step: checkpoint.step,
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
