/** From a reconstruction's arrays to the report folder. */

import { observe, type Image } from '../../shared/images/image.ts';
import type { Reconstruction } from '../compute/protocol.ts';
import type { FigureRow } from '../reports/figure.ts';
import { type ReportFiles, writeReconstructionReport } from '../reports/reconstructionReport.ts';

/** Writes table, numbers and figure; `indices` name the rows. */
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
  const truth = pictureAt(from, from.truth, at.row);
  return {
    label: at.label,
    truth,
    input: observe(truth, from.observed[at.row]),
    results: from.methods.map(({ method, values, psnr }) => ({
      label: method,
      image: pictureAt(from, values, at.row),
      psnr: psnr[at.row],
    })),
  };
}

function pictureAt({ height, width }: Reconstruction, values: Float32Array, row: number): Image {
  const size = height * width * 3;
  return { height, width, values: values.subarray(row * size, (row + 1) * size) };
}
