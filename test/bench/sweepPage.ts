/**
 * node test/bench/sweepPage.ts [--runs 1000] [--tabs results,tasks]: measures the page of a sweep with many runs in Chromium on a real server: CPU time
 * of the page's main thread and of its longest task while each tab opens, and the frames while its tables scroll. The tab of the tasks
 * is that of the same sweep on a cluster, which answers at once.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, type CDPSession, chromium, type Page } from '@playwright/test';
import { buildPage, pageFolder } from '../../main/runtime/buildApp.ts';
import { findChromium } from '../../main/runtime/chromium.ts';
import { serveLaboratory } from '../../main/server/serveLaboratory.ts';
import type { ClusterAccess } from '../../main/cluster/access.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import { createSweep, getSweep, setSweepState } from '../../main/store/sweeps.ts';
import { type ClusterTask, countTasks, slurmOptionsSchema } from '../../shared/sweep/slurm.ts';
import { seedLargeSweep } from '../e2e/support/insertSweep.ts';
import { findLongestTask, tracing } from './longestTask.ts';
import { median } from './rounds.ts';

const rounds = 3;
/** An element that is there once a tab is drawn. */
const tabs = {
  results: '[role=table] [role=cell]',
  parameters: '.svg-figure img',
  curves: '.svg-figure img',
  tasks: '.cluster-tasks [role=cell]',
} as const;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    tabs: { type: 'string', default: Object.keys(tabs).join(',') },
  },
});
const dataFolder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-bench-'));
try {
  await measure(Number(values.runs));
} finally {
  rmSync(dataFolder, { recursive: true, force: true });
}

async function measure(count: number): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('No Chromium was found. SPARSE_FIELD_LAB_CHROMIUM names one.');
  const store = openStore(dataFolder);
  const id = seedLargeSweep(store, count);
  const submitted = insertSubmitted(store, id);
  store.close();
  await buildPage(() => undefined);
  const served = await serveLaboratory({
    dataFolder,
    cacheFolder: join(dataFolder, 'cache'),
    configFolder: join(dataFolder, 'config'),
    pageFolder,
    version: '0.0.0-bench',
    port: 0,
    createHost() {
      throw new Error('Nothing is computed here.');
    },
    accessOf: () => accessTo(createTasks(count)),
  });
  if (served.kind === 'running') throw new Error(`${dataFolder} is served by process ${served.pid} already.`);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(served.link);
    await page.getByRole('main').waitFor();
    const session = await page.context().newCDPSession(page);
    // Durations are of the thread's CPU time, which other work on the machine does not lengthen.
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    for (const [tab, shown] of Object.entries(tabs)) {
      if (!values.tabs.split(',').includes(tab)) continue;
      const opened: Opening[] = [];
      for (let round = 0; round < rounds; round++)
        opened.push(
          await timeOpening({ browser, page, session }, { id: tab === 'tasks' ? submitted : id, tab, shown }),
        );
      const part = (read: (opening: Opening) => number) => `${median(opened.map(read)).toFixed(0)} ms`;
      console.log(
        `${count} runs, ${tab}: CPU of the main thread ${part(({ cpu }) => cpu)}, of its longest task ${part(({ longest }) => longest)}, shown after ${part(({ shown: time }) => time)}`,
      );
    }
    await page.evaluate((hash) => void (location.hash = hash), `#/sweeps/${id}`);
    for (const rows of ['By setting', 'Every run']) {
      await page.getByRole('button', { name: rows }).click();
      for (const pixels of [30, 300]) console.log(`${rows}: ${await scroll(page, session, pixels)}`);
    }
    await page.evaluate((hash) => void (location.hash = hash), `#/sweeps/${submitted}?tab=tasks`);
    await page.locator(tabs.tasks).first().waitFor();
    for (const pixels of [30, 300])
      console.log(`Tasks: ${await scroll(page, session, pixels, '.cluster-tasks .virtual-table')}`);
  } finally {
    await browser.close();
    await served.close();
  }
}

/** Stores the sweep again as one that was submitted to a cluster. Returns its ID. */
function insertSubmitted(store: Store, id: string): string {
  const { spec } = getSweep(store.db, id);
  const options = slurmOptionsSchema.parse({ host: 'login', program: '/opt/lab' });
  const place = { kind: 'slurm', folder: '/shared/sweep', program: '/opt/lab', options } as const;
  const submitted = createSweep(store.db, { ...spec, name: 'a large sweep on a cluster' }, { place });
  setSweepState(store.db, submitted.id, { state: 'running' });
  return submitted.id;
}

/** Tasks of which every fifth waits, runs, was requeued, is done, or has failed with twenty lines of its log. */
function createTasks(count: number): ClusterTask[] {
  const statuses = ['queued', 'running', 'requeued', 'done', 'failed'] as const;
  return Array.from({ length: count }, (_, member): ClusterTask => {
    const status = statuses[member % statuses.length];
    const hasFailed = status === 'failed';
    return {
      member,
      status,
      job: `17_${member}`,
      node: `node${member % 40}`,
      step: status === 'queued' ? 0 : 300,
      totalSteps: 900,
      starts: status === 'queued' ? 0 : 1,
      scores: [],
      message: hasFailed ? 'It needed more memory than “Memory” allows at step 300. Use Retry.' : null,
      log: hasFailed ? Array.from({ length: 20 }, (_line, line) => `line ${line} of its log`) : [],
      result: null,
    };
  });
}

/** A cluster with these tasks, on which nothing happens. */
function accessTo(tasks: readonly ClusterTask[]): ClusterAccess {
  const status = { tasks, counts: countTasks(tasks), living: tasks.length, messages: [] };
  return {
    resolvePath: async (path) => path,
    create: async () => undefined,
    act: async () => ({ status, appVersion: '0.0.0-bench' }),
    withResults: async () => undefined,
  };
}

/** Milliseconds. */
interface Opening {
  readonly cpu: number;
  /** Processor time of the longest task. */
  readonly longest: number;
  readonly shown: number;
}

async function timeOpening(
  { browser, page, session }: { browser: Browser; page: Page; session: CDPSession },
  { id, tab, shown }: { id: string; tab: string; shown: string },
): Promise<Opening> {
  await page.evaluate(() => void (location.hash = '#/nowhere'));
  await page.getByText('Page not found').waitFor();
  const before = await readCpu(session);
  await browser.startTracing(page, tracing);
  const time = await page.evaluate(
    async ({ hash, selector }) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const began = performance.now();
      location.hash = hash;
      while (!document.querySelector(selector)) await frame();
      const duration = performance.now() - began;
      // Parts that are rendered in their turn, and images that are decoded, come some frames later.
      for (let index = 0; index < 30; index++) await frame();
      return duration;
    },
    { hash: `#/sweeps/${id}?tab=${tab}`, selector: shown },
  );
  const { ofProcessor: longest } = findLongestTask(await browser.stopTracing());
  return { shown: time, longest, cpu: (await readCpu(session)) - before };
}

/** CPU milliseconds of the tasks of the page's main thread since it was created. */
async function readCpu(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
}

async function scroll(
  page: Page,
  session: CDPSession,
  pixels: number,
  selector = '.virtual-table',
): Promise<string> {
  const before = await readCpu(session);
  const times = await page.locator(selector).evaluate(async (table, step) => {
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const found: number[] = [];
    let last = await frame();
    for (let index = 0; index < 60; index += 1) {
      table.scrollTop += step;
      const now = await frame();
      found.push(now - last);
      last = now;
    }
    table.scrollTop = 0;
    return found;
  }, pixels);
  const cpu = ((await readCpu(session)) - before) / times.length;
  const sorted = [...times].sort((one, other) => one - other);
  const at = (fraction: number) => sorted[Math.floor(fraction * (sorted.length - 1))].toFixed(0);
  const rows = await page.locator(`${selector} [role=row]`).count();
  return `scrolling ${pixels} px per frame: frames median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms; ${cpu.toFixed(1)} ms of CPU each; ${rows} rows rendered`;
}
