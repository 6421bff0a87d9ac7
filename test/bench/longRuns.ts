/**
 * What a run of two million logged steps costs to show, to list and to write out: times and memory of the real command line
 * and of the laboratory behind the page.
 *
 *   node test/bench/longRuns.ts [steps]
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMetricsCsv } from '../../main/ipc/metricsCsv.ts';
import { readSeries } from '../../main/ipc/requests/runs.ts';
import { exportRun } from '../../main/store/bundle/exportRun.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { runConfigSchema } from '../../shared/config/config.ts';
import { loggedMetrics, type MetricName } from '../../shared/metric.ts';
import { runMetricsMedia } from '../../shared/runDetail.ts';
import { seriesRequestSchema } from '../../shared/series.ts';

const steps = Number(process.argv[2] ?? 2_000_000);
const root = join(import.meta.dirname, '..', '..');

const folder = mkdtempSync(join(tmpdir(), 'long-runs-'));
try {
  const id = fill();
  // The start of node, and of the program, alone.
  await command(['help']);
  for (let round = 0; round < 2; round++) {
    await command(['runs']);
    await command(['show', id]);
  }
  await command(['show', id, '--json']);
  await command(['runs', '--json']);
  const store = openStore(folder);
  await work('series of the page', async () => {
    const names = ['loss', 'gradNorm'] as const;
    await readSeries(store, seriesRequestSchema.parse({ ids: [id], names, smoothing: 0.9 }));
  });
  await work('CSV of all metrics', () => readCsv(store, id));
  await work('export', () => {
    const path = join(folder, 'long.sparsefield');
    exportRun(store, { runId: id, path, checkpoints: 'newest', appVersion: '0.0.0' });
  });
  store.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A finished run with loss, gradient norm and learning rate of every step, and an evaluation every thousand. */
function fill(): string {
  const store = openStore(folder);
  const { id } = insertRun(store, { name: 'long', config: runConfigSchema.parse({}) });
  const insert = store.db.prepare('INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)');
  const startedAt = performance.now();
  const names = Object.keys(loggedMetrics) as MetricName[];
  store.db.transaction(() => {
    for (const name of names) {
      const every = name.startsWith('evaluation/') ? 1000 : 1;
      for (let step = every; step <= steps; step += every)
        insert.run(id, name, step, 1 / step, step / 10, 1.8e12 + 100 * step);
    }
  })();
  store.close();
  const bytes = statSync(join(folder, 'lab.sqlite')).size;
  print(`database of ${steps} steps: ${megabytes(bytes)}, filled in ${seconds(startedAt)}`);
  return id;
}

/** Processor time and most memory of a process so far. */
interface Usage {
  readonly seconds: number;
  readonly bytes: number;
}

/** Runs a command and reports its processor time: other work on the machine does not count. */
async function command(words: readonly string[]): Promise<void> {
  const startedAt = performance.now();
  const environment = { ...process.env, SPARSE_FIELD_LAB_DATA: folder, SPARSE_FIELD_LAB_CONFIG: folder };
  const child = spawn(process.execPath, ['main/cli/index.ts', ...words], { cwd: root, env: environment });
  let bytes = 0;
  let used: Usage = { seconds: 0, bytes: 0 };
  child.stdout.on('data', (chunk: Buffer) => (bytes += chunk.length));
  child.stderr.pipe(process.stderr);
  const watch = setInterval(() => (used = usageOf(child.pid) ?? used), 5);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  const time = `${used.seconds.toFixed(2)} s of processor time, ${seconds(startedAt)} in all`;
  print(
    `lab ${words.join(' ')}: exit ${String(code)}, ${time}, peak ${megabytes(used.bytes)}, wrote ${megabytes(bytes)}`,
  );
}

/** From Linux's process files, whose clock ticks a hundred times a second; null elsewhere. */
function usageOf(pid: number | undefined): Usage | null {
  try {
    const [user, system] = readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8')
      .split(') ')[1]
      .split(' ')
      .slice(11, 13);
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    const bytes = 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
    return bytes === 0 ? null : { seconds: (Number(user) + Number(system)) / 100, bytes };
  } catch {
    return null;
  }
}

/** With the longest time in which nothing else could be done, and what memory grew by. */
async function work(name: string, task: () => Promise<void> | void): Promise<void> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const startedAt = performance.now();
  await task();
  const took = seconds(startedAt);
  await new Promise((resolve) => setTimeout(resolve, 50));
  delay.disable();
  clearInterval(watch);
  print(
    `${name}: ${took}, longest pause ${Math.round(delay.max / 1e6)} ms, memory +${megabytes(peak - before)}`,
  );
}

async function readCsv(store: Store, id: string): Promise<void> {
  const media = findMetricsCsv(store.db, runMetricsMedia(id));
  let characters = 0;
  for await (const chunk of media && 'chunks' in media ? media.chunks : []) characters += chunk.length;
  print(`  ${megabytes(characters)} of CSV`);
}

function seconds(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(2)} s`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
