/**
 * node test/bench/comparePage.ts [--runs 10] [--points 100000]: measures how long the comparison of long runs takes to open, from
 * the list of runs to the last table or chart that is drawn, in Chromium on a real server.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { buildPage, pageFolder } from '../../main/runtime/buildApp.ts';
import { findChromium } from '../../main/runtime/chromium.ts';
import { serveLaboratory } from '../../main/server/serveLaboratory.ts';
import { openStore } from '../../main/store/store.ts';
import { seedLongRuns } from '../e2e/support/seedLongRuns.ts';
import { median } from './rounds.ts';

const rounds = 5;
const charts = 7;

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10' }, points: { type: 'string', default: '100000' } },
});
const dataFolder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-bench-'));
try {
  await measure(Number(values.runs), Number(values.points));
} finally {
  rmSync(dataFolder, { recursive: true, force: true });
}

async function measure(count: number, points: number): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('No Chromium was found. SPARSE_FIELD_LAB_CHROMIUM names one.');
  const store = openStore(dataFolder);
  const ids = seedLongRuns(store, { count, points });
  store.close();
  await buildPage(() => undefined);
  const server = await serve();
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(server.link);
    for (const tab of ['results', 'charts']) {
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) times.push(await timeOpening(page, ids, tab));
      const list = times.map((time) => time.toFixed(0)).join(', ');
      console.log(
        `${count} runs of ${points} points, ${tab}: median ${median(times).toFixed(0)} ms (${list})`,
      );
    }
  } finally {
    await browser.close();
    await server.close();
  }
}

async function serve() {
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
  });
  if (served.kind === 'running') throw new Error(`${dataFolder} is served by process ${served.pid} already.`);
  return served;
}

/** Returns the milliseconds from the list of runs until everything in a tab is drawn. */
async function timeOpening(page: Page, ids: readonly string[], tab: string): Promise<number> {
  await page.evaluate(() => void (location.hash = '#/'));
  await page.getByRole('grid').waitFor();
  const wanted = { hash: `#/compare?runs=${ids.join(',')}&tab=${tab}`, tab, rows: ids.length, charts };
  return page.evaluate(async ({ hash, tab: part, rows, charts: count }) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const isDrawn = () =>
      part === 'results'
        ? document.querySelectorAll('[role=tabpanel] tbody tr').length > rows
        : [...document.querySelectorAll('[role=tabpanel] canvas')].filter(
            (canvas) => canvas.ariaBusy !== 'true' && /: [1-9]\d* points/.test(canvas.ariaLabel ?? ''),
          ).length === count;
    const began = performance.now();
    location.hash = hash;
    while (!isDrawn()) await frame();
    // What was drawn in this frame is visible after the next one.
    await frame();
    await frame();
    return performance.now() - began;
  }, wanted);
}
