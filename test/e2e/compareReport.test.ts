/** From two trained runs to a report that is read without scripts, with real results throughout. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, it, onTestFinished } from 'vitest';
import { forkHost } from '../../main/jobs/computeHost.ts';
import { startTraining } from '../../main/jobs/training.ts';
import { listCheckpointRows } from '../../main/store/runs/checkpoints.ts';
import { listEvaluations, type StoredEvaluation } from '../../main/store/runs/evaluations.ts';
import type { EvaluationRow } from '../../shared/metric.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import { figureKeyword, type FigureOrigin } from '../../shared/figureOrigin.ts';
import { signed } from '../../shared/numbers/nonFinite.ts';
import { pairedStatistics } from '../../shared/comparison/pairedStatistics.ts';
import { readPngText } from '../../shared/images/pngText.ts';
import { smallConfig, writeImages } from '../jobs/smallRun.ts';
import { makeTemporaryFolder, sharedCacheFolder } from '../store/temporaryFolder.ts';
import { describePage, expectPage } from './support/openLab.ts';

const names = ['slow learner', 'fast learner'] as const;
/** Part of the path of the images, where a user's name would be. */
const secret = 'marker-of-the-user';

describePage('a report with real evaluations', (openLab) => {
  it('selected runs are compared, evaluated by a common protocol and reported with the stored numbers', async () => {
    const { page, dataFolder } = await openLab({ seed: trainRuns, createHost: forkHost });
    for (const name of names)
      await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).click();
    await page
      .getByRole('toolbar', { name: 'Selected runs' })
      .getByRole('button', { name: 'Compare' })
      .click();
    await expectPage(page.getByText('None of these runs has been evaluated')).toBeVisible();
    await evaluateTogether(page);
    await checkFigure(page, dataFolder);
    const address = await createReport(page);

    const { report, requested } = await openWithoutScripts(page, address);
    expect(requested).toEqual([address]);
    await compareNumbers(report, dataFolder);
    const text = await report.content();
    for (const hidden of [secret, dataFolder, import.meta.dirname]) expect(text).not.toContain(hidden);
    expect(text).toContain('Does a larger learning rate help?');
    expect(await report.locator('#images img').evaluate((image) => image.getAttribute('src'))).toMatch(
      /^data:image\/png;base64,/,
    );
  });
});

/** The part of the numbers of a report that is checked. */
interface Numbers {
  readonly runs: readonly {
    readonly summary: { readonly id: string; readonly name: string };
    readonly evaluations: readonly { readonly rows: unknown }[];
  }[];
}

/** Trains the smallest possible models on generated images. */
async function trainRuns(store: Store): Promise<void> {
  const config = smallConfig(await writeImages(join(makeTemporaryFolder(), secret, 'waves'), 60));
  for (const [index, name] of names.entries()) {
    const optim = { ...config.optim, learningRate: index === 0 ? 1e-4 : 5e-3 };
    const { id } = insertRun(store, { name, config: { ...config, optim }, totalSteps: 12 });
    const { ended } = startTraining(store, id, { createHost: forkHost, cacheFolder: sharedCacheFolder });
    expect((await ended).status).toBe('finished');
  }
}

async function evaluateTogether(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Evaluate on a common protocol…' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Test images').fill('4');
  await dialog.getByLabel('Samples per image').fill('2');
  await dialog.getByRole('button', { name: 'Evaluate 2 runs' }).click();
  await expectPage(page.getByText(/One protocol ·/)).toBeVisible();
}

/** Expects a saved figure to name its runs, weights and protocol, but not the location of the data. */
async function checkFigure(page: Page, dataFolder: string): Promise<void> {
  await page.getByRole('tab', { name: 'Images', exact: true }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save comparison as PNG' }).click();
  const text = readPngText(readFileSync(await (await download).path()), figureKeyword) ?? '';
  const origin = JSON.parse(text) as FigureOrigin;
  expect(text).not.toContain(secret);
  expect(origin).toMatchObject({ images: [0], protocol: { source: 'folder:waves', maskSeed: 42 } });
  expect(origin.runs.map(({ name }) => name).sort()).toEqual([...names].sort());
  const store = openStore(dataFolder);
  try {
    for (const { runId, step, checkpointSha256 } of origin.runs) {
      const kept = listCheckpointRows(store.db, runId).find((checkpoint) => checkpoint.step === step);
      expect(checkpointSha256).toBe(kept?.sha256);
    }
  } finally {
    store.close();
  }
}

/** Returns the address of the report's page. */
async function createReport(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Report…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Title').fill('Learning rates');
  await dialog.getByLabel('Question it answers').fill('Does a larger learning rate help?');
  await dialog.getByLabel('Also as PDF').uncheck();
  await dialog.getByRole('button', { name: 'Create report' }).click();
  const line = dialog.getByRole('listitem').filter({ hasText: 'report.html' });
  const address = await line.getByRole('link', { name: 'Open' }).getAttribute('href');
  return new URL(address ?? '', page.url()).href;
}

/** Opens the report in a context that is logged in but runs no scripts. */
async function openWithoutScripts(
  page: Page,
  address: string,
): Promise<{ report: Page; requested: string[] }> {
  const browser = page.context().browser();
  if (!browser) throw new Error('The page has no browser.');
  const storageState = await page.context().storageState();
  const context = await browser.newContext({ javaScriptEnabled: false, storageState });
  onTestFinished(() => context.close());
  const report = await context.newPage();
  const requested: string[] = [];
  report.on('request', (request) => requested.push(request.url()));
  const response = await report.goto(address);
  expect(response?.status()).toBe(200);
  return { report, requested };
}

/** Reads the evaluation of each run, in the order of the report. */
function readStore(dataFolder: string, ids: readonly string[]): readonly StoredEvaluation[] {
  const store = openStore(dataFolder);
  try {
    return ids.map((id) => listEvaluations(store.db, id)[0]);
  } finally {
    store.close();
  }
}

/** Formats PSNR and SSIM as tables do. */
function formatScores(row: EvaluationRow | undefined): readonly string[] {
  if (!row || row.psnr === null) throw new Error('The row has no PSNR.');
  return [row.psnr.toFixed(2), row.ssim.toFixed(4)];
}

async function compareNumbers(report: Page, dataFolder: string): Promise<void> {
  const text = await report.locator('#numbers').textContent();
  const { runs } = JSON.parse(text ?? '') as Numbers;
  expect(runs.map(({ summary }) => summary.name).sort()).toEqual([...names].sort());
  const stored = readStore(
    dataFolder,
    runs.map(({ summary }) => summary.id),
  );
  expect(runs.map(({ evaluations: [{ rows }] }) => rows)).toEqual(stored.map(({ rows }) => rows));
  const means = stored.map(({ rows }) => rows.find(({ method }) => method.includes('posterior mean')));
  // Their seconds are measured: computed for each run, they would differ.
  const [one, other] = stored.map(({ rows }) => rows.filter(({ nfe }) => nfe === 0));
  expect(other).toEqual(one);
  const [ofOne, ofOther] = stored.map(({ imageSheets }) => imageSheets?.sheets);
  expect(ofOther?.slice(0, 2 + one.length)).toEqual(ofOne?.slice(0, 2 + one.length));
  const [first, second] = means.map((row) => row?.perImage);
  if (!first || !second) throw new Error('A run has no posterior mean with numbers per image.');
  for (const [index, row] of means.entries()) {
    const method = `${runs[index].summary.name} · posterior mean`;
    const line = report.locator('#results tbody tr', { hasText: method }).first();
    for (const text of formatScores(row)) await expectPage(line).toContainText(text);
  }
  const pair = pairedStatistics(second, first, 'psnr');
  const difference = `${signed(pair?.mean?.mean ?? NaN)} dB`;
  const line = report.locator('#results tbody tr', { hasText: difference }).first();
  await expectPage(line).toContainText(`${runs[1].summary.name} · posterior mean`);
}
