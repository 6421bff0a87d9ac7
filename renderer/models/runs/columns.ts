/** The columns of the run list: titles, widths, sort keys. */

import { runColumns, type RunColumn, type RunSortKey } from '../../../shared/runList.ts';

export interface ColumnDefinition {
  readonly title: string;
  /** Tooltip of the header: the full title with its unit. */
  readonly description: string;
  /** Width in CSS pixels; the name column also takes the remaining space. */
  readonly width: number;
  readonly isNumber: boolean;
  readonly sort: RunSortKey | null;
}

export const columnDefinitions: Readonly<Record<RunColumn, ColumnDefinition>> = {
  status: textColumn('Status', 'Status, and what the active run is doing', 128, 'status'),
  name: textColumn('Name', 'Name of the run', 158, 'name'),
  preset: textColumn('Preset', 'Preset the configuration started from', 76, 'preset'),
  method: textColumn('Method', 'Generative method', 74, null),
  field: textColumn('Network', 'Network that computes the field', 92, null),
  source: textColumn('Data', 'Dataset the run is trained on', 86, 'source'),
  device: textColumn('Device', 'Device that computed the run', 64, null),
  step: numberColumn('Step', 'Last step stored', 70, 'step'),
  progress: textColumn('Progress', 'Completed steps out of all steps', 96, 'step'),
  course: textColumn('Loss curve', 'Loss over the whole run, logarithmic', 78, null),
  loss: numberColumn(
    'Loss',
    'Newest training loss; sorted within equal data, masks and objective',
    70,
    'loss',
  ),
  bestPsnr: numberColumn(
    'PSNR, dB',
    'Best PSNR of the evaluations during training, dB; sorted within equal data and masks',
    80,
    'bestPsnr',
  ),
  gain: numberColumn(
    'Gain, dB',
    'Best PSNR minus that of the thin plate on the same images, dB; sorted within equal data and masks',
    72,
    'gain',
  ),
  bestSsim: numberColumn(
    'SSIM',
    'Best SSIM of the evaluations during training; sorted within equal data and masks',
    68,
    'bestSsim',
  ),
  processSeconds: numberColumn('Trained', 'Training time over all segments', 92, 'processSeconds'),
  createdAt: textColumn('Created', 'When the run was created', 84, 'createdAt'),
  updatedAt: textColumn('Changed', 'When the run last changed', 84, 'updatedAt'),
  tags: textColumn('Tags', 'Tags of the run', 64, null),
};

/** Sort keys by which the first click on a header sorts in descending order. */
export const descendingFirst: readonly RunSortKey[] = [
  'step',
  'bestPsnr',
  'gain',
  'bestSsim',
  'processSeconds',
  'createdAt',
  'updatedAt',
];

/** Widths of the check box before and the menu button after the columns, pixels. */
const edgeWidths = { selection: 34, menu: 32 } as const;

/** Returns `grid-template-columns` for the header and every row. */
export function gridTemplate(columns: readonly RunColumn[]): string {
  const tracks = columns.map((column) =>
    column === 'name'
      ? `minmax(${columnDefinitions.name.width}px, 1fr)`
      : `${columnDefinitions[column].width}px`,
  );
  if (!columns.includes('name')) tracks.push('1fr');
  return [`${edgeWidths.selection}px`, ...tracks, `${edgeWidths.menu}px`].join(' ');
}

/** Returns the width in pixels below which the list scrolls horizontally. */
export function minimumWidth(columns: readonly RunColumn[]): number {
  const widths = columns.reduce((sum, column) => sum + columnDefinitions[column].width, 0);
  return widths + edgeWidths.selection + edgeWidths.menu;
}

/** Returns the columns to show: each once, and always the name. */
export function shownColumns(chosen: readonly RunColumn[]): readonly RunColumn[] {
  const columns = [...new Set(chosen)];
  return columns.includes('name') ? columns : ['name', ...columns];
}

/** Adds a column (at its default position, if the others are in default order) or removes it. */
export function toggleColumn(chosen: readonly RunColumn[], column: RunColumn): readonly RunColumn[] {
  if (chosen.includes(column)) return chosen.filter((other) => other !== column || other === 'name');
  const place = runColumns.indexOf(column);
  const next = chosen.findIndex((other) => runColumns.indexOf(other) > place);
  const at = next < 0 ? chosen.length : next;
  return [...chosen.slice(0, at), column, ...chosen.slice(at)];
}

/** Moves a column to another position. */
export function moveColumn(
  chosen: readonly RunColumn[],
  column: RunColumn,
  to: number,
): readonly RunColumn[] {
  if (!chosen.includes(column)) return chosen;
  const others = chosen.filter((other) => other !== column);
  const at = Math.min(others.length, Math.max(0, to));
  return [...others.slice(0, at), column, ...others.slice(at)];
}

function textColumn(
  title: string,
  description: string,
  width: number,
  sort: RunSortKey | null,
): ColumnDefinition {
  return { title, description, width, isNumber: false, sort };
}

function numberColumn(
  title: string,
  description: string,
  width: number,
  sort: RunSortKey | null,
): ColumnDefinition {
  return { ...textColumn(title, description, width, sort), isNumber: true };
}
