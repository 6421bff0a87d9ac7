/**
 * Takes the screenshots of README and docs/ from the real page, with runs that are trained for them on synthetic images or
 * with the runs of an existing data folder: npm run docs:screenshots [-- --data-dir PATH] [--image FILE] [--minutes 5].
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import sharp from 'sharp';
import { forkHost } from '../../main/jobs/computeHost.ts';
import { buildPage, pageFolder } from '../../main/runtime/buildApp.ts';
import { findChromium } from '../../main/runtime/chromium.ts';
import { findRuntimePaths } from '../../main/runtime/paths.ts';
import { serveLaboratory } from '../../main/server/serveLaboratory.ts';
import { listEvaluations } from '../../main/store/runs/evaluations.ts';
import { listRuns } from '../../main/store/runs/runs.ts';
import { openStore } from '../../main/store/store.ts';
import { createPhotograph } from '../e2e/support/imageFiles.ts';

const { root } = findRuntimePaths();
const imagesFolder = join(root, 'docs', 'images');
const viewport = { width: 1440, height: 900 };
/** Milliseconds to wait for a result on a machine that may be slow. */
const patience = 15 * 60_000;

const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    image: { type: 'string' },
    minutes: { type: 'string', default: '5' },
  },
});
const temporaryFolder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-screenshots-'));
const dataFolder = values['data-dir'] ?? join(temporaryFolder, 'data');
try {
  if (values['data-dir'] === undefined) trainRuns(Number(values.minutes));
  await takeScreenshots();
} finally {
  rmSync(temporaryFolder, { recursive: true, force: true });
}

/** Trains and evaluates two runs whose comparison is worth a screenshot. */
function trainRuns(minutes: number): void {
  const lab = (...args: string[]) =>
    execFileSync(process.execPath, ['main/cli/start.mjs', ...args, '--data-dir', dataFolder], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  for (const preset of ['laptop', 'denoiser']) {
    lab('train', '--preset', preset, '--minutes', String(minutes), '--name', preset);
    lab('evaluate', 'latest', '--images', '64', '--samples', '4');
  }
}

async function takeScreenshots(): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === null) {
    throw new Error('No Chromium was found. Install it, or set SPARSE_FIELD_LAB_CHROMIUM to its path.');
  }
  const runs = findEvaluatedRuns();
  if (runs.length < 2)
    throw new Error(
      `${dataFolder} has ${runs.length} evaluated runs. Screenshots need two: train and evaluate them.`,
    );
  mkdirSync(imagesFolder, { recursive: true });
  await buildPage(() => undefined);
  const served = await serveLaboratory({
    dataFolder,
    cacheFolder: join(temporaryFolder, 'cache'),
    configFolder: join(temporaryFolder, 'config'),
    pageFolder,
    createHost: forkHost,
    version: '0.1.0',
    port: 0,
  });
  if (served.kind === 'running')
    throw new Error(`${dataFolder} is open in process ${served.pid}. Close it first.`);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const context = await browser.newContext({ viewport, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(served.link);
    await page.getByRole('grid').waitFor();
    await saveThemes(page, 'runs');
    await visitRuns(page, runs);
    await visitMethod(page);
    await inpaint(page);
  } finally {
    await browser.close();
    await served.close();
  }
}

/** Returns the IDs of the runs with an evaluation, most steps first. */
function findEvaluatedRuns(): string[] {
  const store = openStore(dataFolder);
  try {
    return listRuns(store.db)
      .filter(({ id }) => listEvaluations(store.db, id).length > 0)
      .sort((one, other) => other.step - one.step)
      .map(({ id }) => id);
  } finally {
    store.close();
  }
}

async function visitRuns(page: Page, ids: readonly string[]): Promise<void> {
  await goTo(page, `#/runs/${ids[0]}`);
  await page.locator('section[aria-label=Loss] canvas').waitFor();
  await saveThemes(page, 'run');
  await goTo(page, '#/new');
  await page.getByRole('button', { name: /^Start now/ }).waitFor();
  await saveThemes(page, 'new-run');
  await goTo(page, `#/compare?runs=${ids.slice(0, 2).join(',')}&tab=results`);
  await page.getByRole('heading', { name: /^Comparison of/ }).waitFor();
  await saveThemes(page, 'compare');
}

/** The toy is shown when it has been trained. */
async function visitMethod(page: Page): Promise<void> {
  await goTo(page, '#/method?section=toy');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await page.getByText(/^Trained: step/).waitFor({ timeout: patience });
  // Near the data, where the samples of the three methods differ.
  const toy = page.getByRole('region', { name: /^A toy/ });
  await toy.getByRole('slider', { name: 'Time t' }).press('End');
  // Its controls may have been scrolled into view while the figures above it were still rendered.
  await page.locator('#toy-title').evaluate((heading) => heading.scrollIntoView());
  await saveThemes(page, 'method');
}

/** Reconstructs one image from 20 % of its pixels. */
async function inpaint(page: Page): Promise<void> {
  const file = values.image;
  await goTo(page, '#/images');
  const chosen = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: /^Open (pictures|images)$/ }).click();
  await (
    await chosen
  ).setFiles({
    name: file === undefined ? 'hills.png' : basename(file),
    mimeType: file === undefined || file.endsWith('.png') ? 'image/png' : 'image/jpeg',
    buffer: file === undefined ? await createPhotograph({ width: 256, height: 192 }) : readFileSync(file),
  });
  await page
    .getByText(/pixels known, /)
    .first()
    .waitFor();
  await saveThemes(page, 'mask-studio');
  await page.keyboard.press('Control+Enter');
  await page.waitForURL(/#\/inpaintings\//);
  await page.getByRole('img', { name: 'Posterior mean', exact: true }).waitFor({ timeout: patience });
  await saveThemes(page, 'inpainting');
}

async function saveThemes(page: Page, name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await save(page, name, theme);
  }
}

async function goTo(page: Page, address: string): Promise<void> {
  await page.goto(new URL(address, page.url()).href);
}

/** Writes `docs/images/<name>-<theme>.webp` once all requests and animations have finished and all images are shown. */
async function save(page: Page, name: string, theme: 'light' | 'dark'): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() => Array.from(document.images).every(({ complete }) => complete));
  await page.waitForTimeout(1000);
  const png = await page.screenshot();
  const file = join(imagesFolder, `${name}-${theme}.webp`);
  await sharp(png).webp({ quality: 82 }).toFile(file);
  console.log(file);
}
