import type { Page } from '@playwright/test';
import { expect, it } from 'vitest';
import { openStore } from '../../main/store/store.ts';
import { listEvaluations } from '../../main/store/runs/evaluations.ts';
import { pairedStatistics } from '../../shared/comparison/pairedStatistics.ts';
import { signed } from '../../shared/numbers/nonFinite.ts';
import { openComparison, openTab as tab } from './support/openComparison.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { seedComparison } from './support/seedComparison.ts';

const select = (page: Page, name: string) =>
  page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).click();
const bulk = (page: Page) => page.getByRole('toolbar', { name: 'Selected runs' });

/** Reads the stored posterior mean of a run. */
function readPosteriorMean(dataFolder: string, runId: string) {
  const store = openStore(dataFolder);
  try {
    const rows = listEvaluations(store.db, runId).flatMap((evaluation) => evaluation.rows);
    const row = rows.find(({ method }) => method.includes('posterior mean'));
    if (!row?.perImage) throw new Error('The seeded run has no posterior mean.');
    return { row, perImage: row.perImage };
  } finally {
    store.close();
  }
}

describePage('comparing runs', (openLab) => {
  const open = openLab.shared({ seed: seedComparison });

  it('the key C and the button open a comparison of the selected runs', async () => {
    const { page, seeded } = await open();
    const { runs } = seeded;
    await select(page, 'wider network');
    await expectPage(bulk(page).getByRole('button', { name: 'Compare' })).toBeDisabled();
    await select(page, 'big steps');
    await expectPage(bulk(page).getByRole('button', { name: 'Compare' })).toBeEnabled();
    await page.keyboard.press('c');
    await expectPage(page.getByRole('heading', { name: 'Comparison of 2 runs' })).toBeVisible();
    const rail = page.getByRole('navigation', { name: 'Views' });
    await expectPage(rail.getByRole('link', { name: 'Compare' })).toHaveAttribute('aria-current', 'page');
    const address = decodeURIComponent(page.url());
    expect(address).toContain(runs['wider network']);
    expect(address).toContain(runs['big steps']);
    await page.goBack();
    await bulk(page).getByRole('button', { name: 'Compare' }).click();
    await expectPage(page.getByRole('heading', { name: 'Comparison of 2 runs' })).toBeVisible();
  });

  it('a comparison shows the stored numbers and names the better run', async () => {
    const { page, seeded, dataFolder } = await open();
    const { runs } = seeded;
    const [better, worse] = ['wider network', 'big steps'].map((name) =>
      readPosteriorMean(dataFolder, runs[name]),
    );
    await openComparison(page, [runs['wider network'], runs['big steps']]);
    const row = page.getByRole('row').filter({ hasText: 'wider network · posterior mean (1 NFE)' }).first();
    await expectPage(row).toContainText(better.row.psnr?.toFixed(2) ?? '');
    const statistics = pairedStatistics(better.perImage, worse.perImage, 'psnr');
    await expectPage(page.getByText(/“wider network” is better than “big steps” by/)).toContainText(
      `better on ${statistics?.wins}, worse on ${statistics?.losses}`,
    );
    await tab(page, 'Pairs');
    const pair = page
      .getByRole('region', { name: 'Paired differences' })
      .getByRole('row')
      .filter({ hasText: 'big steps' });
    await expectPage(pair).toContainText(signed(-(statistics?.mean?.mean ?? 0)));
    await expectPage(page.getByRole('img', { name: /^big steps against wider network/ })).toBeVisible();
    const best = statistics?.gains.indexOf(Math.min(...statistics.gains)) ?? 0;
    await page.getByRole('button', { name: new RegExp(`^Image ${best + 1},`) }).click();
    await expectPage(page).toHaveURL(new RegExp(`tab=images&image=${best + 1}$`));
  });

  it('different protocols are pointed out, and evaluations by a common one can be queued', async () => {
    const { page, seeded } = await openLab({ seed: seedComparison });
    const { runs } = seeded;
    await openComparison(page, [runs['wider network'], runs['night run']]);
    await expectPage(page.getByText('These runs were evaluated with different protocols')).toBeVisible();
    await expectPage(page.getByRole('table').first()).not.toContainText(
      /wider network[\s\S]*night run|night run[\s\S]*wider network/,
    );
    await page.getByRole('button', { name: 'Evaluate on a common protocol…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Test images').fill('0');
    await expectPage(dialog.getByRole('button', { name: 'Evaluate 2 runs' })).toBeDisabled();
    await dialog.getByLabel('Test images').fill('20');
    await dialog.getByRole('button', { name: 'Evaluate 2 runs' }).click();
    await expectPage(page.getByText(/2 evaluations on a common protocol added to the queue/)).toBeVisible();
    await expectPage(page.getByText('These runs were evaluated with different protocols')).toBeHidden();
    await expectPage(page.getByText(/One protocol ·/)).toBeVisible();
  });

  it('a comparison shows differing parameters, charts of all runs, and quality against cost', async () => {
    const { page, seeded } = await open();
    const { runs } = seeded;
    await openComparison(page, [runs['wider network'], runs['night run']]);
    await tab(page, 'Parameters');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('group', { name: 'Copy the table Parameters that differ' }).getByText('CSV').click();
    // The clipboard is written a moment after the click.
    await expectPage
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toMatch(/^Parameter,Path,wider network,night run\r?\n[^]*: Preset,preset,\S+,Small\r?\n/);
    await expectPage(page.getByRole('row').filter({ hasText: 'Preset' }).first()).toContainText('Small');
    const few = await page.getByRole('row').count();
    await page.getByLabel('All parameters').check();
    await expectPage.poll(() => page.getByRole('row').count()).toBeGreaterThan(few);
    await tab(page, 'Charts');
    await expectPage(page.getByRole('list', { name: 'Runs in the charts' })).toContainText('night run');
    await tab(page, 'Cost & calibration');
    await expectPage(page.getByRole('img', { name: 'Quality against function evaluations' })).toBeVisible();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save Quality against function evaluations' }).click();
    await page.getByRole('listitem').or(page.getByRole('option')).filter({ hasText: /^SVG$/ }).click();
    expect((await download).suggestedFilename()).toBe('Quality-against-function-evaluations.svg');
  });

  it('before any evaluation, a comparison shows scores, curves and previews of the training, and how to evaluate', async () => {
    const { page, seeded } = await open();
    const { runs } = seeded;
    await openComparison(page, [runs.short, runs['no memory']]);
    await expectPage(page.getByText('None of these runs has been evaluated')).toBeVisible();
    const scores = page.getByRole('region', { name: 'Scores while training' }).first();
    await expectPage(scores.getByRole('row').filter({ hasText: 'short' })).toContainText(/250.*dB/);
    await expectPage(page.locator('[data-metric="evaluation/psnr"]').first()).toBeVisible();
    await expectPage(page.getByRole('img', { name: 'short, image 1' })).toBeVisible();
    for (const name of ['Pairs', 'Cost & calibration']) {
      await tab(page, name);
      const evaluate = page.getByRole('tabpanel').getByRole('button', { name: /^(Evaluate on|Measure)/ });
      await expectPage(evaluate).toBeVisible();
    }
  });

  it('quality against function evaluations is measured with several samples and numbers of steps', async () => {
    const { page, seeded } = await openLab({ seed: seedComparison });
    const { runs } = seeded;
    await openComparison(page, [runs['wider network'], runs['big steps']], 'curves');
    await page.getByRole('button', { name: 'Measure quality against NFE…' }).click();
    const dialog = page.getByRole('dialog');
    await expectPage(dialog.getByLabel('Samples per image')).toHaveValue('4');
    await expectPage(dialog.getByLabel('Solver steps')).toBeHidden();
    const steps = dialog.getByLabel('Numbers of steps');
    const start = dialog.getByRole('button', { name: 'Evaluate 2 runs' });
    await steps.fill('1, two');
    await expectPage(start).toBeDisabled();
    await steps.fill('1, 2 8');
    await expectPage(dialog.getByText(/3 settings of the sampler, at most \d+ function/)).toBeVisible();
    await dialog.getByLabel('Samples per image').fill('1');
    await expectPage(start).toBeDisabled();
    await dialog.getByLabel('Samples per image').fill('2');
    const request = page.waitForRequest((sent) => (sent.postData() ?? '').includes('"curve"'));
    await start.click();
    expect((await request).postData()).toMatch(/"curve":\{"solvers":\["\w+"\],"steps":\[1,2,8\]\}/);
    await expectPage(page.getByText(/2 evaluations on a common protocol added to the queue/)).toBeVisible();
  });

  it('runs can be removed and added, and too few or missing runs are explained', async () => {
    const { page, seeded } = await open();
    const { runs } = seeded;
    await openComparison(page, [runs['wider network'], runs['big steps'], runs['night run']]);
    await page.getByRole('button', { name: 'Remove night run from the comparison' }).click();
    await expectPage(page.getByRole('heading', { name: 'Comparison of 2 runs' })).toBeVisible();
    await page.getByRole('button', { name: 'Add run' }).click();
    await page.getByRole('dialog').getByText('short', { exact: true }).click();
    await expectPage(page.getByRole('list', { name: 'Compared runs' })).toContainText('short');
    await page.goto(new URL('#/compare', page.url()).href);
    await expectPage(page.getByText('Select runs in the list, then press C')).toBeVisible();
    await page.goto(new URL(`#/compare?runs=${runs.short},zzzzzzzz`, page.url()).href);
    await expectPage(page.getByText('The runs could not be compared')).toBeVisible();
  });

  it('a comparison is saved under a name, found again in the list and the palette, renamed and deleted', async () => {
    const { page, seeded } = await open();
    const { runs } = seeded;
    await openComparison(page, [runs['wider network'], runs['big steps']]);
    await page.getByRole('button', { name: 'Save…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('width against steps');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expectPage(page.getByRole('heading', { name: 'width against steps' })).toBeVisible();
    await page.getByRole('link', { name: 'Saved' }).click();
    const list = page.getByRole('region', { name: 'Saved comparisons' });
    await expectPage(list.getByRole('listitem')).toContainText('wider network, big steps');
    await list.getByRole('button', { name: 'Rename width against steps' }).click();
    await dialog.getByLabel('Name').fill('width');
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await expectPage(dialog).toBeHidden();
    await expectPage(list.getByRole('link', { name: 'width', exact: true })).toBeVisible();
    await page.keyboard.press('Control+k');
    const search = page.getByRole('combobox', { name: 'Command or run' });
    await expectPage(search).toBeFocused();
    await search.fill('open the comparison width');
    await expectPage(page.getByRole('option', { name: /Open the comparison “width”/ })).toBeVisible();
    await search.press('Enter');
    await expectPage(page.getByRole('heading', { name: 'width', exact: true })).toBeVisible();
    await page.getByRole('link', { name: 'Saved' }).click();
    await list.getByRole('button', { name: 'Delete width' }).click();
    await expectPage(list.getByText('None yet.')).toBeVisible();
  });

  it('the dialog asks for a title and a question before it creates a report', async () => {
    const { page, seeded } = await open();
    const { runs } = seeded;
    await openComparison(page, [runs['wider network'], runs['big steps']]);
    await page.getByRole('button', { name: 'Report…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Title').fill('Width');
    await dialog.getByLabel('Question it answers').fill('Does width help?');
    await dialog.getByLabel('Introduction').fill('About the width of a network.');
    await dialog.getByLabel('Also as PDF').uncheck();
    const request = page.waitForRequest(/compare\.report$/);
    await dialog.getByRole('button', { name: 'Create report' }).click();
    expect((await request).postDataJSON()).toMatchObject({
      title: 'Width',
      question: 'Does width help?',
      introduction: 'About the width of a network.',
      pdf: false,
    });
    const files = dialog.getByRole('list', { name: 'Files of the report' });
    for (const name of ['report.html', 'comparison.csv', 'numbers.json'])
      await expectPage(files.getByRole('listitem').filter({ hasText: name })).toBeVisible();
    await expectPage(dialog.getByRole('link', { name: 'Download all as zip' })).toBeVisible();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('link', { name: 'Saved' }).click();
    const reports = page.getByRole('region', { name: 'Reports' });
    await expectPage(reports.getByRole('link', { name: 'Width', exact: true })).toBeVisible();
    await expectPage(reports.getByRole('listitem')).toContainText('wider network, big steps');
  });
});
