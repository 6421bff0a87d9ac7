/** The doctor's report as text for people. */

import type { DoctorReport } from '../../shared/doctor.ts';

/** Aligned lines: facts, checks with their fixes, and why nothing better runs. Ends without a line break. */
export function formatDoctor(report: DoctorReport): string {
  const facts: [string, string][] = [
    ['System', report.platform],
    ['Threads', formatNumber(report.threads, '')],
    ['Matrix product', formatNumber(report.gigaflops, ' GFLOP/s (1024³ float32)')],
    ['Small operation', formatNumber(report.microsecondsPerOperation, ' µs')],
  ];
  const checks = report.checks.map(({ name, ok, found }): [string, string] => [
    name,
    `${ok ? '✓' : '✗'} ${found}`,
  ]);
  const fixes = report.checks.flatMap(({ name, fix }) => (fix === null ? [] : [`  ${name}: ${fix}`]));
  return [
    ...alignRows([...checks, ...facts]),
    ...(report.whyNotBetter.length > 0
      ? ['', 'Why nothing better runs', ...report.whyNotBetter.map((why) => `  ${why}`)]
      : []),
    ...(fixes.length > 0 ? ['', 'What to do', ...fixes] : ['', 'All is well.']),
  ].join('\n');
}

function formatNumber(value: number | null, unit: string): string {
  if (value === null) return 'not measured';
  return `${value < 10 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value)}${unit}`;
}

function alignRows(rows: readonly [string, string][]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}
