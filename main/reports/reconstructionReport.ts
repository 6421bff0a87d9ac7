/** Writes a reconstruction report: the comparison as Markdown and JSON, and the figure. */

import { join } from 'node:path';
import { comparisonMarkdown } from '../../shared/comparison/comparisonTables.ts';
import { sourceWithoutFolders } from '../../shared/dataset.ts';
import { type Evaluation, evaluationSchema } from '../../shared/metric.ts';
import { stringifyJson } from '../../shared/numbers/nonFinite.ts';
import { prepareOutputFolder, writeFileAtomically } from '../store/files/atomicFile.ts';
import { type FigureOptions, renderFigure } from './figure.ts';

export interface ReportOptions {
  /** Made if missing; files of an earlier report in it are replaced, other files stay. */
  readonly folder: string;
  readonly evaluation: Evaluation;
  readonly figure: FigureOptions;
}

/** Paths of the written files. */
export interface ReportFiles {
  readonly figure: string;
  readonly markdown: string;
  readonly json: string;
}

/**
 * Writes the report. Everything is rendered before anything is written, and each file is written atomically;
 * `comparison.json` comes last, so if it is new the others are too.
 * @throws Error when a number of the evaluation is missing or not finite, the figure cannot be drawn, or the disk refuses.
 */
export async function writeReconstructionReport({
  folder,
  evaluation,
  figure,
}: ReportOptions): Promise<ReportFiles> {
  assertComplete(evaluation);
  const image = await renderFigure(figure);
  const table = comparisonMarkdown(evaluation);
  const files = [
    { name: 'figure.png', bytes: image },
    { name: 'comparison.md', bytes: Buffer.from(`${table}\n![Reconstructions side by side](figure.png)\n`) },
    { name: 'comparison.json', bytes: Buffer.from(`${stringifyJson(withoutPaths(evaluation), 2)}\n`) },
  ];
  prepareOutputFolder(folder);
  files.forEach((file) => writeFileAtomically({ folder, ...file }));
  const [figurePath, markdown, json] = files.map(({ name }) => join(folder, name));
  return { figure: figurePath, markdown, json };
}

/** Nothing is written of an evaluation that could not be read back. */
function assertComplete(evaluation: Evaluation): void {
  const result = evaluationSchema.safeParse(evaluation);
  if (result.success) return;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new Error(
    `The evaluation cannot be reported: ${faults}. Expected every number of it; evaluate again.`,
  );
}

/** Returns the evaluation with its data source named without folders, as in the text of the tables. */
export function withoutPaths({ protocol, rows }: Evaluation): Evaluation {
  return { protocol: { ...protocol, source: sourceWithoutFolders(protocol.source) }, rows };
}
