/**
 * Measures what it costs to show, list and export a run of two million logged steps: times and memory of the real command line
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
  const id = createRun();
  // The start of Node and of the program, for comparison.
  await measureCommand(['help']);
  for (let round = 0; round < 2; round++) {
    await measureCommand(['runs']);
    await measureCommand(['show', id]);
  }
  await measureCommand(['show', id, '--json']);
  await measureCommand(['runs', '--json']);
  const store = openStore(folder);
  await measureTask('series of the page', async () => {
    const names = ['loss', 'gradNorm'] as const;
    await readSeries(store, seriesRequestSchema.parse({ ids: [id], names, smoothing: 0.9 }));
  });
  await measureTask('CSV of all metrics', () => readCsv(store, id));
  await measureTask('export', () => {
    const path = join(folder, 'long.sparsefield');
    exportRun(store, { runId: id, path, checkpoints: 'newest', appVersion: '0.0.0' });
  });
  store.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Inserts a run with loss, gradient norm and learning rate of every step, and an evaluation every thousand steps. */
function createRun(): string {
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

/** Processor time and peak memory of a process so far. */
interface Usage {
  readonly seconds: number;
  readonly bytes: number;
}

/** Runs a command and reports its processor time, which does not depend on other work on the machine. */
async function measureCommand(args: readonly string[]): Promise<void> {
  const startedAt = performance.now();
  const environment = { ...process.env, SPARSE_FIELD_LAB_DATA: folder, SPARSE_FIELD_LAB_CONFIG: folder };
  const child = spawn(process.execPath, ['main/cli/start.mjs', ...args], { cwd: root, env: environment });
  let bytes = 0;
  let used: Usage = { seconds: 0, bytes: 0 };
  child.stdout.on('data', (chunk: Buffer) => (bytes += chunk.length));
  child.stderr.pipe(process.stderr);
  const watch = setInterval(() => (used = readUsage(child.pid) ?? used), 5);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  const time = `${used.seconds.toFixed(2)} s of processor time, ${seconds(startedAt)} in all`;
  print(
    `lab ${args.join(' ')}: exit ${String(code)}, ${time}, peak ${megabytes(used.bytes)}, wrote ${megabytes(bytes)}`,
  );
}

/** Reads the usage from the process files of Linux, whose clock ticks a hundred times per second; returns null on other systems. */
function readUsage(pid: number | undefined): Usage | null {
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

/** Runs a task and reports its time, the longest pause of the event loop and the growth of memory. */
async function measureTask(name: string, task: () => Promise<void> | void): Promise<void> {
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
