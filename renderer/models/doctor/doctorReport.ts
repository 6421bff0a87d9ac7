/** The doctor's findings as rows for the page and as Markdown to share. */

import { formatBytes, formatCount, formatSignificant } from '../../../shared/text/format.ts';
import type { DoctorReport } from '../../../shared/doctor.ts';

export interface DoctorFact {
  readonly name: string;
  readonly value: string;
}

/** Returns one sentence that says which backend computes on this machine. */
export function describeVerdict(report: DoctorReport): string {
  const { backend, version, device, execution } = report;
  if (!backend) return 'This machine cannot compute yet. See the failed checks.';
  if (backend === 'webgpu') {
    const { adapter, api } = report;
    return `Training runs on ${adapter ?? 'the graphics card'} through WebGPU${api ? ` (${api})` : ''}.`;
  }
  const name = `${backend === 'tensorflow' ? 'TensorFlow' : 'WASM'} ${version ?? ''}`.trim();
  const how = { compiled: ', steps run as one compiled graph', eager: ', steps run operation by operation' };
  return `Training runs with ${name} on the ${device ?? 'CPU'}${execution ? how[execution] : ''}.`;
}

/** Returns the facts about the machine; those that were not measured are omitted. */
export function listFacts(report: DoctorReport): DoctorFact[] {
  const { threads, gigaflops, microsecondsPerOperation, gpu, adapter, backend } = report;
  // Threads are those of the processor.
  const hasThreads = threads !== null && backend !== 'webgpu';
  const measured: (DoctorFact | null)[] = [
    { name: 'Platform', value: report.platform },
    { name: 'Node.js', value: report.nodeVersion },
    { name: 'Graphics card', value: gpu ?? adapter ?? 'none found' },
    hasThreads ? { name: 'Threads', value: String(threads) } : null,
    gigaflops === null
      ? null
      : {
          name: 'Matrix product',
          value: `${gigaflops < 1000 ? formatSignificant(gigaflops, 3) : formatCount(gigaflops)} billion operations/s`,
        },
    microsecondsPerOperation === null
      ? null
      : { name: 'Overhead of one operation', value: `${formatSignificant(microsecondsPerOperation, 3)} µs` },
    { name: 'Data folder', value: report.dataFolder ?? '–' },
    { name: 'Free space', value: formatBytes(report.freeBytes) },
  ];
  return measured.filter((fact) => fact !== null);
}

/** Returns the report as GitHub-flavoured Markdown; `findings` are the repairs made when the store was opened. */
export function writeDoctorMarkdown(
  report: DoctorReport,
  { version, findings }: { version: string; findings: readonly string[] },
): string {
  const checks = report.checks.map(
    ({ name, ok, found, fix }) =>
      `| ${ok ? 'ok' : '**failed**'} | ${escapeCell(name)} | ${escapeCell(found)} | ${escapeCell(fix ?? '')} |`,
  );
  return [
    `# Sparse Field Lab ${version}: doctor's report`,
    '',
    describeVerdict(report),
    ...report.whyNotBetter.map((reason) => `- ${reason}`),
    '',
    '| | check | found | what to do |',
    '|---|---|---|---|',
    ...checks,
    '',
    ...listFacts(report).map(({ name, value }) => `- ${name}: ${value}`),
    ...findings.map((finding) => `- At startup: ${finding}`),
    '',
  ].join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');
}
