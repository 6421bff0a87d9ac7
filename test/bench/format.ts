/** Formats the report as tables. */

import { formatColumns } from '../../main/cli/format.ts';
import type { BenchReport, BenchRow, GrowthRow, LoopShare, MachineInfo } from './report.ts';

export function formatReport({ machine, rows, growth, loop }: BenchReport): string {
  const tables = [
    formatMachine(machine),
    formatTraining(rows.filter(({ kind }) => kind === 'train')),
    formatSampling(rows.filter(({ kind }) => kind === 'sample')),
    growth.length > 0 ? formatGrowth(growth) : '',
    loop ? formatLoop(loop) : '',
    machine.disturbance ?? '',
    'Medians over rounds in which all contestants took turns; in brackets our time divided by theirs, below 1 where ours is shorter.',
  ];
  return tables.filter((table) => table !== '').join('\n\n');
}

function formatMachine(machine: MachineInfo): string {
  const { cpu, cores, memoryGigabytes, tensorflow, device, torch, matmulGigaflops, matmulSize } = machine;
  return [
    `${cpu}, ${cores} cores, ${memoryGigabytes} GB`,
    `${tensorflow} on the ${device}, Node ${machine.node}, ${torch ? `PyTorch ${torch}` : 'no PyTorch'}`,
    `peak: ${Math.round(matmulGigaflops)} GFLOP/s (${matmulSize}³ float32 product)`,
  ].join('\n');
}

function formatTraining(rows: readonly BenchRow[]): string {
  if (rows.length === 0) return '';
  const head = ['training', 'engine', 'batch', 'ms per step', 'PyTorch', 'torch.compile', 'of peak'];
  const memory = ['memory', 'PyTorch', 'torch.compile'];
  return formatColumns([
    [...head, ...memory],
    ...rows.map((row) => [
      row.config,
      row.engine,
      String(row.batch),
      formatNumber(row.milliseconds),
      withRatio(row.pytorchEager, row.ratioToPytorchEager),
      withRatio(row.pytorchCompiled, row.ratioToPytorchCompiled),
      formatPercent(row.peakShare),
      formatMemory(row.megabytes),
      formatMemory(row.pytorchEagerMegabytes),
      formatMemory(row.pytorchCompiledMegabytes),
    ]),
  ]);
}

function formatSampling(rows: readonly BenchRow[]): string {
  if (rows.length === 0) return '';
  const head = ['sampling', 'engine', 'NFE', 'batch', 'images/s', 'PyTorch', 'torch.compile', 'of peak'];
  return formatColumns([
    head,
    ...rows.map((row) => [
      row.config,
      row.engine,
      String(row.nfe),
      String(row.batch),
      formatNumber((1000 * row.batch) / row.milliseconds),
      withRatio(imagesPerSecond(row.batch, row.pytorchEager), row.ratioToPytorchEager),
      withRatio(imagesPerSecond(row.batch, row.pytorchCompiled), row.ratioToPytorchCompiled),
      formatPercent(row.peakShare),
    ]),
  ]);
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

function imagesPerSecond(images: number, milliseconds: number | null): number | null {
  return milliseconds === null ? null : (1000 * images) / milliseconds;
}

/** Formats a value with its ratio, such as `33.1 (0.73)`, or a dash. */
function withRatio(value: number | null, ratio: number | null): string {
  return value === null || ratio === null ? '–' : `${formatNumber(value)} (${ratio.toFixed(2)})`;
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
