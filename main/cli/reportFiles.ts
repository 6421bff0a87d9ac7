/** Evaluations and reconstructions as files: Markdown, CSV and JSON tables, and figures. */

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { comparisonCsv, comparisonMarkdown } from '../../shared/comparison/comparisonTables.ts';
import type { Image } from '../../shared/images/image.ts';
import type { Evaluation } from '../../shared/metric.ts';
import { stringifyJson } from '../../shared/numbers/nonFinite.ts';
import type { Reconstruction } from '../compute/protocol.ts';
import type { FigureRow } from '../reports/figure.ts';
import {
  type ReportFiles,
  writeReconstructionReport,
  withoutPaths,
} from '../reports/reconstructionReport.ts';
import { writeFileAtomically, prepareOutputFolder } from '../store/files/atomicFile.ts';

export interface TableFiles {
  readonly evaluations: readonly Evaluation[];
  /** Method that paired differences are measured against. */
  readonly reference?: string;
  /** Files to write next to the tables. */
  readonly more?: readonly { readonly name: string; readonly text: string }[];
}

/** Files that only some reports have. */
const occasionalFiles = ['curve.csv', 'curve.json', 'methods.md'];

/**
 * Writes the tables and returns their paths. Creates the folder if missing, and replaces an earlier report in it with all
 * its files, so that a folder never mixes the numbers of two evaluations.
 */
export function writeTables(folder: string, { evaluations, reference, more = [] }: TableFiles): string[] {
  const tables = evaluations.map((evaluation) => comparisonMarkdown(evaluation, reference));
  const csv = evaluations.map((evaluation) => comparisonCsv(evaluation, reference));
  const files = [
    { name: 'comparison.md', text: tables.join('\n') },
    { name: 'comparison.csv', text: csv.join('') },
    { name: 'comparison.json', text: stringifyJson(evaluations.map(withoutPaths), 2) },
    ...more,
  ];
  prepareOutputFolder(folder);
  const isReport = existsSync(join(folder, 'comparison.json'));
  const stale = occasionalFiles.filter((name) => isReport && !files.some((file) => file.name === name));
  for (const name of stale) rmSync(join(folder, name), { force: true });
  return files.map(({ name, text }) => {
    writeFileAtomically({ folder, name, bytes: Buffer.from(text) });
    return join(folder, name);
  });
}

/** Writes the table, the numbers and the figure of a reconstruction; `indices` label its rows. */
export function writeReport(
  reconstruction: Reconstruction,
  options: { folder: string; title: string; indices: readonly number[] },
): Promise<ReportFiles> {
  const rows = options.indices.map((index, row) => figureRow(reconstruction, { row, label: `#${index}` }));
  const { folder, title } = options;
  return writeReconstructionReport({
    folder,
    evaluation: reconstruction.evaluation,
    figure: { title, rows },
  });
}

function figureRow(from: Reconstruction, at: { row: number; label: string }): FigureRow {
  const truth = imageAt(from, from.truth, at.row);
  return {
    label: at.label,
    truth,
    input: from.observations[at.row],
    results: from.methods.map(({ method, values, psnr }) => ({
      label: method,
      image: imageAt(from, values, at.row),
      psnr: psnr[at.row],
    })),
  };
}

function imageAt({ height, width }: Reconstruction, values: Float32Array, row: number): Image {
  const size = height * width * 3;
  return { height, width, values: values.subarray(row * size, (row + 1) * size) };
}
