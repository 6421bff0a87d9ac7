import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { it } from 'vitest';
import { readMetrics } from '../../main/store/runs/metrics.ts';
import { getRun, updateRun } from '../../main/store/runs/runs.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import type { MetricName } from '../../shared/metric.ts';
import { describePage, expectPage, type OpenShared } from './support/openLab.ts';
import { seedRuns } from './support/seedRuns.ts';
import { createTrainingHost } from './support/trainingHost.ts';

const options = { seed: seedRuns, createHost: createTrainingHost({ stepTime: 10, totalSteps: 100_000 }) };

/** Shows a seeded run at one of its tabs. */
async function showRun(open: OpenShared<Record<string, string>>, name: string, tab = 'overview') {
  const lab = await open((ids) => `#/runs/${ids[name]}?tab=${tab}`);
  await expectPage(lab.page.getByRole('heading', { level: 1, name })).toBeVisible();
  return lab;
}

const chartOf = (page: Page, metric: MetricName) => page.locator(`[data-metric="${metric}"]`);

/** Reads the number of points from the accessible description of a chart; NaN until they are drawn. */
async function countPoints(chart: Locator): Promise<number> {
  const label = await chart
    .getByRole('img')
    .evaluate((image) => (image.ariaBusy === 'true' ? '' : (image.ariaLabel ?? '')));
  return Number(/: (\d+) points/.exec(label)?.[1]);
}

/** Returns everything that is drawn as one text, for comparisons. */
function readPixels(chart: Locator): Promise<string> {
  return chart.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
}

async function download(page: Page, chart: Locator, item: RegExp): Promise<Buffer> {
  await chart.getByRole('button', { name: /^Save/ }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('listitem').filter({ hasText: item }).or(page.getByText(item)).first().click(),
  ]);
  return readFileSync(await file.path());
}

describePage('charts of a run', (openLab) => {
  const open = openLab.shared(options);

  it('every curve is shown with all its points, thinned or not', async () => {
    const { page } = await showRun(open, 'long baseline', 'charts');
    for (const metric of ['loss', 'gradNorm', 'learningRate'] as const) {
      await expectPage.poll(() => countPoints(chartOf(page, metric))).toBe(5000);
    }
    for (const metric of ['psnr', 'ssim', 'mse', 'mae'] as const) {
      await expectPage.poll(() => countPoints(chartOf(page, `evaluation/${metric}`))).toBe(20);
    }
  });

  it('smoothing, logarithmic scales and another axis redraw the chart', async () => {
    const { page } = await showRun(open, 'first try', 'charts');
    const loss = chartOf(page, 'loss');
    await expectPage.poll(() => countPoints(loss)).toBe(150);
    const expectChange = async (act: () => Promise<unknown>) => {
      const before = await readPixels(loss);
      await act();
      await expectPage.poll(() => readPixels(loss)).not.toBe(before);
    };
    const smoothing = page.getByRole('slider', { name: 'Smoothing' });
    await expectChange(async () => {
      await smoothing.focus();
      await page.keyboard.press('End');
    });
    await expectChange(() => loss.getByRole('button', { name: 'log y' }).click());
    await expectChange(() => page.getByRole('button', { name: 'log x' }).click());
    await expectChange(async () => {
      await page.getByRole('combobox', { name: 'x axis' }).press('ArrowDown');
      await page.getByRole('option', { name: 'Training time' }).click();
    });
  });

  it('dragging zooms in to every logged point, and a double click zooms out', async () => {
    const { page } = await showRun(open, 'long baseline', 'charts');
    const loss = chartOf(page, 'loss');
    await expectPage.poll(() => countPoints(loss)).toBe(5000);
    const box = await loss.locator('canvas').boundingBox();
    if (!box) throw new Error('The chart is not shown on the page.');
    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 40, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await expectPage.poll(() => countPoints(loss)).toBeLessThan(1000);
    await expectPage.poll(() => countPoints(loss)).toBeGreaterThan(100);
    await loss.getByRole('button', { name: 'Loss as a table' }).click();
    await expectPage(page.getByText(/\d+ points in the visible part of the axis\./)).toBeVisible();
    await page.getByRole('button', { name: 'Close' }).click();
    await loss.locator('canvas').dblclick();
    await expectPage.poll(() => countPoints(loss)).toBe(5000);
    await expectPage(loss.getByRole('button', { name: 'Reset zoom' })).toHaveCount(0);
  });

  it('a zoom survives a redraw of the chart right after it', async () => {
    const { page } = await showRun(open, 'long baseline', 'charts');
    const loss = chartOf(page, 'loss');
    await expectPage.poll(() => countPoints(loss)).toBe(5000);
    await loss.locator('canvas').evaluate((canvas) => {
      const { left, top, width } = canvas.getBoundingClientRect();
      const act = (type: string, x: number) =>
        canvas.dispatchEvent(
          new MouseEvent(type, { bubbles: true, clientX: left + x, clientY: top + 60, buttons: 1 }),
        );
      act('mousedown', width / 2);
      act('mousemove', width / 2 + 40);
      act('mouseup', width / 2 + 40);
      const redraw = canvas.closest('section')?.querySelector('[title="Logarithmic y axis"]');
      (redraw as HTMLElement).click();
    });
    await expectPage.poll(() => countPoints(loss)).toBeLessThan(1000);
  });

  it('charts can be zoomed by keyboard', async () => {
    const { page } = await showRun(open, 'long baseline', 'charts');
    const loss = chartOf(page, 'loss');
    await expectPage.poll(() => countPoints(loss)).toBe(5000);
    await loss.locator('canvas').focus();
    await page.keyboard.press('+');
    await expectPage.poll(() => countPoints(loss)).toBeLessThan(2600);
    await page.keyboard.press('0');
    await expectPage.poll(() => countPoints(loss)).toBe(5000);
  });

  it('all charts share zoom and crosshair, and a chosen point shows the nearest preview', async () => {
    const { page } = await showRun(open, 'long baseline', 'charts');
    const [loss, gradient] = [chartOf(page, 'loss'), chartOf(page, 'gradNorm')];
    await expectPage.poll(() => countPoints(gradient)).toBe(5000);
    const plain = await readPixels(gradient);
    await loss.locator('canvas').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await expectPage(loss.getByRole('status')).toContainText('step 1 ·');
    await expectPage.poll(() => readPixels(gradient)).not.toBe(plain);
    await page.keyboard.press('Escape');
    await expectPage.poll(() => readPixels(gradient)).toBe(plain);

    const box = await loss.locator('canvas').boundingBox();
    if (!box) throw new Error('The chart is not shown on the page.');
    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    await expectPage.poll(() => readPixels(gradient)).not.toBe(plain);
    await page.mouse.click(box.x + box.width / 2, box.y + 60);
    const previews = page.getByRole('region', { name: /^Previews at step/ });
    await expectPage(previews.getByRole('status')).toContainText(/step \d+, the nearest preview/);
    await previews.getByRole('button', { name: 'Close the previews' }).click();
    await expectPage(previews).toHaveCount(0);

    await loss.locator('canvas').focus();
    await page.keyboard.press('+');
    await expectPage.poll(() => countPoints(gradient)).toBeLessThan(2600);
    await gradient.getByRole('button', { name: 'Reset zoom' }).click();
    await expectPage.poll(() => countPoints(loss)).toBe(5000);
  });

  it('another run can be added to the charts by its name and removed again', async () => {
    const { page } = await showRun(open, 'long baseline', 'charts');
    await page.getByRole('combobox', { name: 'Overlay runs' }).fill('first');
    await page.getByRole('option', { name: /first try/ }).click();
    await page.keyboard.press('Escape');
    const legend = page.getByRole('list', { name: 'Runs in the charts' });
    await expectPage(legend.getByRole('listitem')).toHaveText([/long baseline/, /first try/]);
    await expectPage(chartOf(page, 'loss').getByRole('img')).toHaveAttribute('aria-label', /first try/);
    await legend.getByRole('button', { name: /first try/ }).click();
    await expectPage(legend).toHaveCount(0);
  });

  it('a saved CSV holds every logged point of the store', async () => {
    const { page, dataFolder, seeded: ids } = await showRun(open, 'long baseline', 'charts');
    const csv = String(await download(page, chartOf(page, 'gradNorm'), /^CSV/));
    const [head, ...lines] = csv.trimEnd().split('\r\n');
    expectPage(head).toBe('run,run name,step,name,value,process seconds,time,images seen');
    const store = openStore(dataFolder);
    const points = readMetrics(store.db, ids['long baseline'], { names: ['gradNorm'] });
    const { batchSize } = getRun(store.db, ids['long baseline']).config.train;
    store.close();
    expectPage(lines).toEqual(
      points.map(
        ({ step, value, processSeconds, wallTime }) =>
          `${ids['long baseline']},long baseline,${step},gradNorm,${value},${processSeconds},${new Date(wallTime).toISOString()},${step * batchSize}`,
      ),
    );
  });

  it('a chart is saved as an image at twice its resolution', async () => {
    const { page } = await showRun(open, 'first try', 'charts');
    const png = await download(page, chartOf(page, 'loss'), /^PNG on white/);
    expectPage(png.subarray(1, 4).toString()).toBe('PNG');
    expectPage([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1800, 960]);
    expectPage(png.length).toBeGreaterThan(20_000);
  });
});

describePage('a run in training', (openLab) => {
  const open = openLab.shared(options);

  it('reloading the page neither loses nor duplicates points', async () => {
    const { page, dataFolder, seeded: ids } = await showRun(open, 'wider network', 'charts');
    const loss = chartOf(page, 'loss');
    await expectPage.poll(() => countPoints(loss)).toBe(125);
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await expectPage.poll(() => countPoints(loss)).toBeGreaterThan(135);
    await page.reload();
    await expectPage.poll(() => countPoints(loss)).toBeGreaterThan(150);
    await page.locator('.page-header').getByRole('button', { name: 'Pause', exact: true }).click();
    await expectPage(page.getByRole('button', { name: 'Resume', exact: true })).toBeVisible();
    const stored = () => {
      const store = openStore(dataFolder);
      const points = readMetrics(store.db, ids['wider network'], { names: ['loss'] });
      store.close();
      return points;
    };
    const steps = stored().map(({ step }) => step);
    // Every tenth step is logged, and the last before the pause, whichever that is.
    const logged = steps.filter((step, index) => step % 10 === 0 || index < steps.length - 1);
    expectPage(logged).toEqual(logged.map((_, index) => (index + 1) * 10));
    await expectPage.poll(() => countPoints(loss)).toBe(steps.length);
  });
});

describePage('the view of a run', (openLab) => {
  const open = openLab.shared(options);

  it('a run is renamed in place and keeps its tags and note', async () => {
    const { page } = await showRun(open, 'no memory');
    await page.keyboard.press('F2');
    await page.getByRole('textbox', { name: 'Name of the run' }).fill('renamed <b>run</b>');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Tag', exact: true }).click();
    await page.getByRole('textbox', { name: 'New tag' }).fill('paper');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Note' }).click();
    await page.getByRole('textbox', { name: 'Note' }).fill('Look at the **edges**.\n\n- <b>text</b>');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const note = page.getByRole('region', { name: 'Note' });
    await expectPage(note.getByText('Look at the edges.')).toBeVisible();
    await page.reload();
    await expectPage(page.getByRole('heading', { level: 1, name: 'renamed <b>run</b>' })).toBeVisible();
    await expectPage(page.getByRole('list', { name: 'Tags' })).toContainText('paper');
    await expectPage(note.locator('strong')).toHaveText('edges');
    await expectPage(note.getByRole('listitem')).toHaveText('<b>text</b>');
  });

  it('an evaluation is shown next to the classical methods with a description of its protocol', async () => {
    const { page } = await showRun(open, 'first try', 'evaluations');
    const rows = page.getByRole('table').first().getByRole('row');
    await expectPage(rows.filter({ hasText: 'thin plate' })).toContainText('20.00');
    await expectPage(rows.filter({ hasText: 'mean of 8 samples' })).toContainText('1500');
    await expectPage(
      rows.filter({ hasText: 'mean of 8 samples' }).getByText('(best)').first(),
    ).toBeAttached();
    await expectPage(page.getByText(/204 of 1024 pixels known/)).toBeVisible();
  });

  it('a failed run shows the reason and where to continue', async () => {
    const { page } = await showRun(open, 'big steps');
    const alert = page.getByRole('alert').filter({ hasText: 'The run diverged' });
    await expectPage(alert).toContainText('The loss became NaN at step 262.');
    await alert.getByRole('button', { name: 'Branch from step 250' }).click();
    await expectPage(page).toHaveURL(/#\/new\?from=\w{8}&branch=250/);
  });

  it('an empty chart explains what it waits for', async () => {
    const { page } = await showRun(open, 'waiting');
    await expectPage(page.getByText(/The first loss appears after the first step/)).toBeVisible();
  });

  it('a deleted run can be restored by undo', async () => {
    const { page, seeded: ids, origin } = await showRun(open, 'short');
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByText('Delete', { exact: true }).click();
    await expectPage(page).toHaveURL(/#\/runs/);
    await expectPage(page.getByText('"short" is in the trash')).toBeVisible();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.goto(`${origin}/#/runs/${ids.short}`);
    await expectPage(page.getByText('in the trash', { exact: true })).toHaveCount(0);
  });

  it('parameters that differ from the preset come first, and parameters can be searched', async () => {
    const { page } = await showRun(open, 'night run', 'configuration');
    await page.getByRole('searchbox', { name: 'Search parameters' }).fill('learningRate');
    await expectPage(page.getByRole('row', { name: /optim\.learningRate/ })).toContainText('0.001');
    await expectPage(page.getByRole('row')).toHaveCount(2);
  });
});

describePage('a run that learns nothing', (openLab) => {
  it('says so on its page and in the run list, with what to try', async () => {
    const warning = 'The network’s output is zero: after 500 steps its result still equals the thin plate.';
    const seed = async (store: Store) => {
      const ids = await seedRuns(store);
      updateRun(store.db, ids['first try'], { warning });
      return ids;
    };
    const { page } = await openLab({ seed, address: (ids) => `#/runs/${ids['first try']}` });
    const shown = page.getByRole('status', { name: 'Warning' });
    await expectPage(shown).toContainText('The run is not learning');
    await expectPage(shown).toContainText(warning);
    await expectPage(shown.getByRole('button', { name: 'Duplicate with changes' })).toBeVisible();
    await page.goto(new URL('#/runs', page.url()).href);
    await expectPage(page.getByText(warning)).toBeVisible();
  });
});
