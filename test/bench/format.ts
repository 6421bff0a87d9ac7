/** Formats the report as tables. */

import { formatColumns } from '../../main/cli/format.ts';
import type { BenchReport, BenchRow, GrowthRow, LoopShare, MachineInfo, Rival } from './report.ts';

export function formatReport({ machine, rows, growth, loop }: BenchReport): string {
  const tables = [
    formatMachine(machine),
    formatTraining(rows.filter(({ kind }) => kind === 'train')),
    formatSampling(rows.filter(({ kind }) => kind === 'sample')),
    formatRivals(rows),
    growth.length > 0 ? formatGrowth(growth) : '',
    loop ? formatLoop(loop) : '',
    machine.disturbance ?? '',
    'Medians over rounds in which all contestants took turns; in brackets our time divided by theirs, below 1 where ours is shorter.',
  ];
  return tables.filter((table) => table !== '').join('\n\n');
}

function formatMachine(machine: MachineInfo): string {
  const { cpu, cores, memoryGigabytes, backend, torch, matmulGigaflops, matmulSize } = machine;
  return [
    `${cpu}, ${cores} cores, ${memoryGigabytes} GB`,
    `${backend}, Node ${machine.node}, ${torch ? `PyTorch ${torch}` : 'no PyTorch'}`,
    `peak: ${Math.round(matmulGigaflops)} GFLOP/s (${matmulSize}³ float32 product)`,
  ].join('\n');
}

function formatTraining(rows: readonly BenchRow[]): string {
  if (rows.length === 0) return '';
  const head = ['training', 'engine', 'batch', 'ms per step', 'best PyTorch', 'which', 'of peak'];
  return formatColumns([
    [...head, 'memory', 'its memory'],
    ...rows.map((row) => [
      row.config,
      row.engine,
      String(row.batch),
      formatNumber(row.milliseconds),
      ...bestOf(row, ({ milliseconds }) => milliseconds),
      formatPercent(row.peakShare),
      formatMemory(row.megabytes),
      formatMemory(row.rivals.at(0)?.megabytes ?? null),
    ]),
  ]);
}

function formatSampling(rows: readonly BenchRow[]): string {
  if (rows.length === 0) return '';
  return formatColumns([
    ['sampling', 'engine', 'NFE', 'batch', 'images/s', 'best PyTorch', 'which', 'of peak'],
    ...rows.map((row) => [
      row.config,
      row.engine,
      String(row.nfe),
      String(row.batch),
      formatNumber(imagesPerSecond(row, row.milliseconds)),
      ...bestOf(row, ({ milliseconds }) => imagesPerSecond(row, milliseconds)),
      formatPercent(row.peakShare),
    ]),
  ]);
}

/** Every variant of PyTorch next to the compiled engine. */
function formatRivals(rows: readonly BenchRow[]): string {
  const compared = rows.filter(({ engine, rivals }) => engine === 'compiled' && rivals.length > 1);
  if (compared.length === 0) return '';
  return formatColumns([
    ['PyTorch', 'work', 'variant', 'ms'],
    ...compared.flatMap((row) =>
      row.rivals.map(({ name, milliseconds, ratio }) => [
        row.config,
        row.nfe === null ? 'step' : `${row.nfe} NFE`,
        name,
        withRatio(milliseconds, ratio),
      ]),
    ),
  ]);
}

/** Returns two cells: the value of the fastest variant of PyTorch with the ratio, and its name. */
function bestOf(row: BenchRow, valueOf: (rival: Rival) => number): string[] {
  const best = row.rivals.at(0);
  return best ? [withRatio(valueOf(best), best.ratio), best.name] : ['–', '–'];
}

function formatGrowth(rows: readonly GrowthRow[]): string {
  return formatColumns([
    ['growth of a compiled tiny step', 'from', 'to', 'ms per step', 'time'],
    ...rows.map(({ quantity, from, to, milliseconds, ratio }) => [
      quantity,
      String(from),
      String(to),
      formatNumber(milliseconds),
      `× ${ratio.toFixed(2)}`,
    ]),
  ]);
}

function formatLoop({ config, milliseconds, nativeMilliseconds, outsideShare }: LoopShare): string {
  return (
    `The training loop of ${config}: ${formatNumber(milliseconds)} ms per step, ${formatNumber(nativeMilliseconds)} ms of it in ` +
    `TensorFlow; ${formatPercent(outsideShare)} outside (batches, tensors in and out, the loop).`
  );
}

function imagesPerSecond({ batch }: BenchRow, milliseconds: number): number {
  return (1000 * batch) / milliseconds;
}

/** Formats a value with its ratio, such as `33.1 (0.73)`. */
function withRatio(value: number, ratio: number): string {
  return `${formatNumber(value)} (${ratio.toFixed(2)})`;
}

/** Formats three significant digits; numbers from 100 are whole. */
export function formatNumber(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function formatPercent(fraction: number | null): string {
  return fraction === null ? '–' : `${Math.round(100 * fraction)} %`;
}

function formatMemory(megabytes: number | null): string {
  return megabytes === null ? '–' : `${Math.round(megabytes)} MB`;
}
