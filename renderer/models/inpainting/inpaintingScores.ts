/** The scores of an inpainting as a table, in several formats. */

import { titleOfSolver } from '../../../shared/config/samplerConfig.ts';
import {
  classicalMethods,
  type InpaintingEntry,
  type InpaintingResult,
  type InpaintingScore,
} from '../../../shared/inpainting.ts';
import { score, secondsColumn, type ComparisonColumn } from '../../../shared/comparison/comparisonColumns.ts';
import {
  boldLegend,
  tableLatex,
  tableMarkdown,
  tablesCsv,
  type ComparisonTable,
} from '../../../shared/comparison/comparisonTables.ts';
import { formatPsnr, practicalDifference } from '../../../shared/numbers/psnrMean.ts';
import { formatLatexDocument } from '../../../shared/text/textTable.ts';

type ScoredEntry = Pick<InpaintingEntry, 'image' | 'request' | 'result' | 'runName' | 'checkpointStep'>;

/** Returns the table of scores; error columns only if the truth is known. */
export function inpaintingScoreTable({ request, result }: ScoredEntry): ComparisonTable<InpaintingScore> {
  const hasTruth = request.truthIsKnown && request.scale === 1;
  const columns = [...(hasTruth ? errorColumns : []), secondsColumn];
  const rows = (result?.scores ?? []).map((row) =>
    row.method === 'result' && request.method !== undefined
      ? { ...row, method: `${classicalMethods[request.method].scoredAs} (result)` }
      : row,
  );
  return { title: '', note: '', columns, rows };
}

/** Describes in a sentence what was measured. */
function describeInpaintingScores({ image, request, result, ...entry }: ScoredEntry): string {
  const size = result ? `${result.width}×${result.height}` : `${image.width}×${image.height}`;
  const known = result ? ` ${describeKnown(result)} known;` : '';
  const filler =
    entry.checkpointStep === null
      ? entry.runName
      : `run ${entry.runName}, step ${entry.checkpointStep}, ${titleOfSolver(request.solver)} ${request.steps}, seed ${request.seed}`;
  return `${image.name}, ${size};${known} ${filler}. Known ${result?.channels === 3 ? 'values' : 'pixels'} pasted.`;
}

function describeKnown({ width, height, channels = 1, observed }: InpaintingResult): string {
  return `${observed} of ${width * height * channels} ${channels === 3 ? 'values' : 'pixels'}`;
}

export function inpaintingScoresMarkdown(entry: ScoredEntry): string {
  return `${tableMarkdown(inpaintingScoreTable(entry))}\n\n${describeInpaintingScores(entry)} ${boldLegend}\n`;
}

export function inpaintingScoresCsv(entry: ScoredEntry): string {
  const table = inpaintingScoreTable(entry);
  return tablesCsv([table], table.rows, { protocol: describeInpaintingScores(entry) });
}

export function inpaintingScoresLatex(entry: ScoredEntry): string {
  return formatLatexDocument([tableLatex(inpaintingScoreTable(entry), describeInpaintingScores(entry))]);
}

const decibels = (heading: readonly string[], read: (row: InpaintingScore) => number | null) => ({
  ...score<InpaintingScore>(heading, { read, digits: 2, sign: 1 }),
  format: (row: InpaintingScore) => formatPsnr(read(row)),
  equalWithin: practicalDifference,
});

const errorColumns: readonly ComparisonColumn<InpaintingScore>[] = [
  decibels(['PSNR', 'hidden', 'dB'], ({ psnrUnobserved }) => psnrUnobserved),
  decibels(['PSNR', 'all', 'dB'], ({ psnr }) => psnr),
  score<InpaintingScore>(['SSIM'], { read: ({ ssim }) => ssim, digits: 4, sign: 1 }),
];
