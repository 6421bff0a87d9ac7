import type { Page } from '@playwright/test';
import { expect, it } from 'vitest';
import { getRun } from '../../main/store/runs/runs.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import { demoSource } from '../../shared/dataset.ts';
import { writeImages } from '../jobs/smallRun.ts';
import { insertExampleRun } from '../store/exampleStore.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { seedRuns } from './support/seedRuns.ts';

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
const search = (page: Page) => page.getByRole('textbox', { name: 'Search runs' });
const tab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Run lists' }).getByRole('button', { name });
const select = (page: Page, name: string) =>
  page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).click();
const bulk = (page: Page) => page.getByRole('toolbar', { name: 'Selected runs' });

/** Makes a finished and evaluated run one on the images of the demo, and returns its ID. */
async function seedFinishedDemo(store: Store): Promise<string> {
  const id = (await seedRuns(store))['first try'];
  const { config } = getRun(store.db, id);
  const demo = { ...config, data: { ...config.data, source: demoSource } };
  store.db.prepare('UPDATE runs SET config = ? WHERE id = ?').run(JSON.stringify(demo), id);
  return id;
}

/** Lists the names of the displayed rows from top to bottom. */
async function listNames(page: Page): Promise<string[]> {
  const tops = await page.locator('.run-row').evaluateAll((rows) =>
    rows.map((element) => ({
      top: element.getBoundingClientRect().top,
      name: element.querySelector('.name-cell a')?.textContent ?? '',
    })),
  );
  return tops.sort((a, b) => a.top - b.top).map(({ name }) => name);
}

describePage('the list of runs', (openLab) => {
  const open = openLab.shared({ seed: seedRuns });

  it('runs are filtered by text, status and preset, and the back button undoes each step', async () => {
    const { page } = await open();
    await expectPage(row(page, 'first try')).toBeVisible();
    expect(await listNames(page)).toHaveLength(8);
    await page.keyboard.press('/');
    await page.keyboard.type('BASELINE edges');
    await expectPage.poll(() => listNames(page)).toEqual(['wider network']);
    await page.keyboard.press('Escape');
    await expectPage.poll(() => listNames(page)).toHaveLength(8);
    await page.getByRole('button', { name: /^finished/ }).click();
    await expectPage.poll(() => listNames(page)).toEqual(['long baseline', 'first try']);
    await expectPage(page).toHaveURL(/status=finished/);
    await page.getByRole('button', { name: /^crashed/ }).click();
    await expectPage.poll(() => listNames(page)).toHaveLength(3);
    await page.getByRole('group', { name: 'Filters' }).getByRole('button', { name: 'Preset' }).click();
    await page.getByRole('checkbox', { name: /^Small/ }).check();
    await page.keyboard.press('Escape');
    await expectPage.poll(() => listNames(page)).toEqual(['no memory']);
    await page.goBack();
    await page.goBack();
    await expectPage.poll(() => listNames(page)).toEqual(['long baseline', 'first try']);
    await search(page).fill('nothing is called this');
    await expectPage(page.getByText('No matching runs')).toBeVisible();
    await page.getByRole('main').getByRole('button', { name: 'Clear filters' }).last().click();
    await expectPage.poll(() => listNames(page)).toHaveLength(8);
  });

  it('a click sorts the list, Shift adds further columns, and the order is remembered', async () => {
    const { page } = await openLab({ seed: seedRuns });
    const head = (name: string) => page.getByRole('columnheader', { name: new RegExp(`^${name}`) });
    await expectPage(head('Created')).toHaveAttribute('aria-sort', 'descending');
    await head('Preset').getByRole('button').click();
    await head('Name')
      .getByRole('button')
      .click({ modifiers: ['Shift'] });
    await expectPage
      .poll(async () => (await listNames(page)).slice(0, 3))
      .toEqual(['night run', 'no memory', 'big steps']);
    await head('Preset')
      .getByRole('button')
      .click({ modifiers: ['Shift'] });
    await expectPage
      .poll(async () => (await listNames(page)).slice(0, 2))
      .toEqual(['big steps', 'first try']);
    await page.reload();
    await expectPage(head('Name')).toHaveAttribute('aria-sort', 'ascending');
    await expectPage
      .poll(async () => (await listNames(page)).slice(0, 2))
      .toEqual(['big steps', 'first try']);
  });

  it('a row shows why its run failed, the next step, and the marks of the run', async () => {
    const { page } = await open();
    await expectPage(row(page, 'big steps')).toContainText(
      'Start a new run with a smaller optim.learningRate',
    );
    await expectPage(row(page, 'long baseline')).toContainText(/5000.*23\.\d\d.*baseline/);
    await expectPage(row(page, 'long baseline').locator('svg.spark path')).toHaveAttribute('d', /^M0 0L/);
  });

  it('several runs are tagged at once, distinguishing tags of all, some and none of them', async () => {
    const { page } = await openLab({ seed: seedRuns });
    await select(page, 'first try');
    await select(page, 'wider network');
    await bulk(page).getByRole('button', { name: 'Tags' }).click();
    const dialog = page.getByRole('dialog', { name: 'Tags of 2 runs' });
    await expectPage(dialog.getByRole('checkbox', { name: 'baseline' })).toBeChecked();
    await expectPage(dialog.getByRole('checkbox', { name: 'width' })).toHaveJSProperty('indeterminate', true);
    expect(await findAccessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('checkbox', { name: 'baseline' }).uncheck();
    await dialog.getByRole('textbox', { name: 'New tag' }).fill('thesis');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Change tags' }).click();
    await expectPage(row(page, 'first try')).toContainText('thesis');
    await expectPage(row(page, 'first try')).not.toContainText('baseline');
    await expectPage(row(page, 'wider network')).toContainText('width');
  });

  it('archiving is undone with Ctrl+Z or from the archive', async () => {
    const { page } = await openLab({ seed: seedRuns });
    await row(page, 'short').getByRole('gridcell').nth(3).click();
    await page.keyboard.press('e');
    await expectPage(row(page, 'short')).toHaveCount(0);
    await expectPage(tab(page, 'Archived')).toContainText('2');
    await page.keyboard.press('Control+z');
    await expectPage(row(page, 'short')).toBeVisible();
    await tab(page, 'Archived').click();
    await expectPage.poll(() => listNames(page)).toEqual(['archived']);
    await select(page, 'archived');
    await bulk(page).getByRole('button', { name: 'Restore from the archive' }).click();
    await expectPage(page.getByText('The archive is empty')).toBeVisible();
  });

  it('runs are deleted to the trash, restored from it, and deleted permanently only after confirmation', async () => {
    const { page } = await openLab({ seed: seedRuns });
    await select(page, 'short');
    await select(page, 'big steps');
    await page.keyboard.press('Delete');
    await expectPage(page.getByText('2 runs are in the trash')).toBeVisible();
    await expectPage(row(page, 'short')).toHaveCount(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expectPage(row(page, 'short')).toBeVisible();
    await tab(page, 'Trash').click();
    await expectPage(tab(page, 'Trash')).toContainText(/\d+(\.\d)? [kM]B/);
    await select(page, 'deleted');
    await bulk(page).getByRole('button', { name: 'Restore' }).click();
    await expectPage(page.getByText('The trash is empty')).toBeVisible();
    await tab(page, 'Active').click();
    await expectPage(row(page, 'deleted')).toBeVisible();
    await page.getByRole('grid').focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    await expectPage(page.getByText('No active runs')).toBeVisible();
    await tab(page, 'Trash').click();
    await page.getByRole('button', { name: 'Empty trash' }).click();
    const question = page.getByRole('alertdialog', { name: 'Delete 9 runs permanently?' });
    await expectPage(question.getByRole('button', { name: 'Delete permanently' })).toBeDisabled();
    await question.getByRole('textbox').fill('delete 9');
    await question.getByRole('button', { name: 'Delete permanently' }).click();
    await expectPage(page.getByText('The trash is empty')).toBeVisible();
    await expectPage(tab(page, 'Archived')).toContainText('1');
  });

  it('the list can be used by keyboard alone', async () => {
    const { page } = await openLab({ seed: seedRuns });
    const grid = page.getByRole('grid', { name: 'Runs' });
    await expectPage(row(page, 'first try')).toBeVisible();
    await page.keyboard.press('Control+f');
    await page.keyboard.type('synthetic');
    await page.keyboard.press('Enter');
    await expectPage(grid).toBeFocused();
    await expectPage
      .poll(() => listNames(page))
      .toEqual(['short', 'no memory', 'big steps', 'wider network', 'first try', 'waiting']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await expectPage(bulk(page)).toContainText('3 selected');
    await page.keyboard.press('Escape');
    await page.keyboard.press('F2');
    await page.keyboard.type('wider still');
    await page.keyboard.press('Enter');
    await expectPage(row(page, 'wider still')).toBeVisible();
    await page.keyboard.press('Shift+F10');
    await expectPage(page.getByRole('menuitem', { name: 'Open' })).toBeFocused();
    expect(await findAccessibilityFaults(page)).toEqual([]);
    await page.getByRole('menuitem', { name: 'Note' }).press('Enter');
    const note = page.getByRole('textbox', { name: 'Note' });
    await expectPage(note).toHaveValue('Twice the width; looks better on edges.');
    await note.fill('Run it again with seed 2.');
    await page.keyboard.press('Control+Enter');
    await expectPage(page.getByRole('dialog')).toHaveCount(0);
    await grid.focus();
    await page.keyboard.press('Enter');
    await expectPage(page).toHaveURL(/#\/runs\/[a-z2-7]{8}$/);
    await page.goBack();
    await expectPage(page).toHaveURL(/text=synthetic/);
    await expectPage(grid).toBeFocused();
    await expectPage(search(page)).toHaveValue('synthetic');
  });

  it('chosen columns and named views are kept', async () => {
    const { page } = await openLab({ seed: seedRuns });
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'Trained' }).uncheck();
    await page.getByRole('button', { name: 'Move Preset left' }).click();
    await page.keyboard.press('Escape');
    await expectPage(page.getByRole('columnheader', { name: /^Trained/ })).toHaveCount(0);
    await page.getByRole('button', { name: /^paused/ }).click();
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('textbox', { name: 'Name of the current view' }).fill('to continue');
    await page.keyboard.press('Enter');
    await expectPage(page.getByRole('button', { name: 'to continue', exact: true })).toBeVisible();
    await page.keyboard.press('Escape');
    await page.goto(new URL('#/runs', page.url()).href);
    await page.reload();
    await expectPage.poll(() => listNames(page)).toHaveLength(8);
    const titles = await page.getByRole('columnheader').allTextContents();
    expect(titles.map((title) => title.trim()).slice(1, 4)).toEqual(['Status', 'Preset', 'Name']);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('button', { name: 'to continue', exact: true }).click();
    await expectPage.poll(() => listNames(page)).toEqual(['wider network']);
  });

  it('visible rows keep their place when runs appear, and new runs are shown on request', async () => {
    const { page } = await openLab({ seed: seedRuns });
    await expectPage(row(page, 'long baseline')).toBeVisible();
    const headers = { 'content-type': 'application/json' };
    await page.evaluate((init) => fetch('/api/training.demo', init), { method: 'POST', headers, body: '{}' });
    await expectPage(page.getByRole('button', { name: '1 new run' })).toBeVisible();
    expect((await listNames(page))[0]).toBe('long baseline');
    await page.getByRole('button', { name: '1 new run' }).click();
    await expectPage.poll(() => listNames(page)).toHaveLength(9);
    const active = page.getByRole('row').filter({ hasText: 'running' });
    await expectPage(active).toContainText(/ left/);
    expect(await findAccessibilityFaults(page)).toEqual([]);
  });

  it('returning to the list over a slow connection shows every row again', async () => {
    const { page } = await openLab({ seed: seedRuns });
    await page.getByRole('link', { name: 'long baseline', exact: true }).click();
    await expectPage(page.getByRole('heading', { level: 1, name: 'long baseline' })).toBeVisible();
    // The height of the list is known long before its rows are answered.
    await page.route(/api\/runs\.(ids|list)$/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await route.continue();
    });
    const answered = page.waitForResponse(/api\/runs\.ids$/);
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await answered;
    await page.getByRole('checkbox', { name: 'Select long baseline', exact: true }).click();
    await expectPage(page.locator('.run-row--blank')).toHaveCount(0);
  });

  it('a run that another process creates while the list is loading appears in it', async () => {
    const { page, dataFolder } = await openLab({ seed: seedRuns });
    await expectPage(row(page, 'long baseline')).toBeVisible();
    const created = Promise.withResolvers();
    const answeredBefore = Promise.withResolvers();
    const reported = page
      .waitForEvent('websocket')
      .then((socket) =>
        socket.waitForEvent('framereceived', ({ payload }) => String(payload).includes('runs.listChanged')),
      );
    await page.route(/api\/runs\.ids$/, async (route) => {
      const response = await route.fetch();
      answeredBefore.resolve(null);
      await created.promise;
      await route.fulfill({ response });
    });
    await page.reload();
    await answeredBefore.promise;
    const store = openStore(dataFolder);
    insertExampleRun(store, 'created meanwhile');
    store.close();
    await reported;
    // Longer than the page waits before it looks at a change.
    await page.waitForTimeout(600);
    created.resolve(null);
    await expectPage(page.getByRole('button', { name: '1 new run' })).toBeVisible();
  });

  it('the first start says what this is, shows a figure, and opens each of three doors with one click', async () => {
    const { page } = await openLab();
    await expectPage(page.getByRole('heading', { level: 1, name: 'Sparse Field Lab' })).toBeVisible();
    const picture = page.getByRole('img', { name: /^Three small test images/ });
    await expectPage.poll(() => picture.evaluate((each: HTMLImageElement) => each.naturalWidth)).toBe(134);
    const chosen = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Open photograph' }).click();
    await chosen;
    await page.getByRole('button', { name: 'Choose folder' }).click();
    await expectPage(page.getByRole('dialog', { name: 'Add a folder' })).toBeVisible();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Run the 3-minute demo' }).click();
    await expectPage(page).toHaveURL(/#\/runs\/[a-z2-7]{8}$/);
    await page.getByRole('link', { name: 'Runs', exact: true }).first().click();
    await expectPage(page.getByRole('row').filter({ hasText: 'running' })).toBeVisible();
  });

  it('a demo that has finished offers what comes next', async () => {
    const folder = makeTemporaryFolder();
    await writeImages(folder);
    const { page } = await openLab({ seed: seedFinishedDemo, address: (id) => `#/runs/${id}` });
    const next = page.getByRole('region', { name: 'The demo has finished. What next?' });
    const chosen = page.waitForEvent('filechooser');
    await next.getByRole('button', { name: 'Fill in a photograph' }).click();
    await chosen;
    await next.getByRole('button', { name: 'Compare with classical methods' }).click();
    await expectPage(page.getByRole('tab', { name: /^Evaluations/ })).toHaveAttribute(
      'aria-selected',
      'true',
    );
    await next.getByRole('button', { name: 'Train on my images' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a folder' });
    await dialog.getByRole('textbox', { name: 'Path' }).fill(folder);
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Use this folder' }).click();
    await expectPage(page).toHaveURL(/#\/new\?data=folder-/);
  });
});
