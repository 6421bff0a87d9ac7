import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { addDataset } from '../../main/store/datasets.ts';
import type { Store } from '../../main/store/store.ts';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { seedRuns } from './support/seedRuns.ts';
import { createTrainingHost } from './support/trainingHost.ts';
import type { RunDetail } from '../../shared/runDetail.ts';

const field = (page: Page, path: string) => page.locator(`[id="parameter-${path}"]`);
const search = (page: Page) => page.getByRole('textbox', { name: 'Search parameters' });
const choosePreset = (page: Page, title: string) =>
  page.locator('.preset-row', { has: page.getByText(title, { exact: true }) }).getByRole('radio');
const startButton = (page: Page) => page.getByRole('button', { name: /^(Start now|Add to queue)/ });

/** Returns whether an element can be clicked without scrolling. */
function isInView(target: Locator): Promise<boolean> {
  return target.evaluate((element) => {
    const { top, bottom, left, width, height } = element.getBoundingClientRect();
    const above = document.elementFromPoint(left + width / 2, top + height / 2);
    // A field may cover the middle of its input with its label.
    const isOnTop = above !== null && (element.contains(above) || above.contains(element));
    return isOnTop && top >= 0 && bottom <= innerHeight;
  });
}

const images = mkdtempSync(join(tmpdir(), 'sparse-field-lab-images-'));
afterAll(() => rmSync(images, { recursive: true, force: true }));

/** Seeds runs, a folder of images and an unpacked CIFAR-10, of which the page knows the place only. */
async function seedWithDatasets(store: Store) {
  const ids = await seedRuns(store);
  const [birds, cifar] = ['birds', 'cifar'].map((name) => join(images, name));
  mkdirSync(birds, { recursive: true });
  mkdirSync(cifar, { recursive: true });
  for (let index = 0; index < 8; index += 1) {
    const background = { r: 30 * index, g: 90, b: 200 - 20 * index };
    const image = sharp({ create: { width: 40, height: 32, channels: 3, background } });
    writeFileSync(join(birds, `${index}.png`), await image.png().toBuffer());
  }
  addDataset(store.db, `folder:${birds}`);
  addDataset(store.db, `cifar10:${cifar}`);
  return ids;
}

/** Opens all sections of parameters, which are collapsed at first. */
async function unfold(page: Page) {
  const [expand, collapse] = ['Expand', 'Collapse'].map((verb) =>
    page.getByRole('button', { name: `${verb} all sections` }),
  );
  await expand.or(collapse).waitFor();
  if (await expand.isVisible()) await expand.click();
}

/** Requests the run whose view is shown. */
async function requestShownRun(page: Page): Promise<RunDetail> {
  await page.waitForURL(/#\/runs\/[a-z2-7]{8}/);
  const id = /#\/runs\/([a-z2-7]{8})/.exec(page.url())?.[1];
  return page.evaluate(async (runId) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ id: runId });
    const response = await fetch('/api/runs.get', { method: 'POST', headers, body });
    return ((await response.json()) as { value: RunDetail }).value;
  }, id);
}

describePage('the view of a new run', (openLab) => {
  // Slow, because nothing waits for the runs that are started.
  const createHost = createTrainingHost({ stepTime: 1000 });
  // The images of the empty CIFAR-10 cannot be shown.
  const expectedErrors = /404/;
  const open = openLab.shared({ seed: seedWithDatasets, createHost, expectedErrors });

  it('training on a known folder takes four clicks to its first loss, all in view without scrolling', async () => {
    const { page } = await openLab({
      seed: seedWithDatasets,
      createHost: createTrainingHost(),
      expectedErrors,
    });
    let clicks = 0;
    const click = async (target: Locator) => {
      await expectPage(target).toBeVisible();
      expect(await isInView(target)).toBe(true);
      await target.click();
      clicks += 1;
    };
    await click(page.getByRole('navigation').getByRole('link', { name: 'New run' }));
    await click(page.getByRole('radio', { name: /^birds/ }));
    await click(choosePreset(page, 'Tiny'));
    expect(await isInView(page.getByRole('textbox', { name: 'Name' }))).toBe(true);
    expect(await isInView(page.getByRole('textbox', { name: /^Time limit/ }))).toBe(true);
    await click(startButton(page));
    await expectPage(page.locator('section[aria-label=Loss] canvas')).toBeVisible();
    const { run } = await requestShownRun(page);
    expect(run.config.data.source).toMatch(/^folder:.*birds$/);
    expect(clicks).toBe(4);
  });

  it('in a window of 1024 × 700 pixels, Start is in view wherever the form is scrolled to', async () => {
    const { page } = await open('#/new?preset=mend');
    const before = page.viewportSize();
    await page.setViewportSize({ width: 1024, height: 700 });
    await unfold(page);
    expect(await isInView(startButton(page))).toBe(true);
    await page.locator('.parameter-section').last().scrollIntoViewIfNeeded();
    expect(await isInView(startButton(page))).toBe(true);
    if (before) await page.setViewportSize(before);
  });

  it('images that a preset would enlarge are warned of, with the way to their size', async () => {
    const { page } = await open('#/new?preset=mend');
    await page.getByRole('radio', { name: /^birds/ }).check();
    const warning = page.getByRole('status').filter({ hasText: 'are enlarged to 64 × 64' });
    await expectPage(warning).toHaveCount(0);
    await page.getByRole('radio', { name: /^CIFAR-10 in/ }).check();
    await expectPage(warning).toBeVisible();
    await warning.getByRole('button', { name: 'Show the image size' }).click();
    await expectPage(field(page, 'data.imageSize')).toBeFocused();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('32');
    await expectPage(warning).toHaveCount(0);
  });

  it('a preset is changed through the search, an invalid value prevents the start, and its correction allows it', async () => {
    const { page } = await open('#/new');
    await choosePreset(page, 'Small').check();
    await expectPage(page).toHaveURL(/preset=small/);
    await expectPage(page.getByText('Estimate for this machine')).toBeVisible();
    await expectPage(page.locator('.estimate-panel dl')).toContainText(/Parameters\s*1/);

    await search(page).fill('learning rate');
    await expectPage(page.locator('[data-path="optim.learningRate"] mark').first()).toHaveText('Learning');
    await expectPage(field(page, 'data.imageSize')).toHaveCount(0);
    await field(page, 'optim.learningRate').fill('5e-');
    await expectPage(page.locator('[data-path="optim.learningRate"]')).toContainText('“5e-” is not a number');
    await expectPage(startButton(page)).toBeDisabled();
    await expectPage(page.getByRole('heading', { name: '1 problem to fix first' })).toBeVisible();

    await field(page, 'optim.learningRate').fill('5e-4');
    await expectPage(page.locator('[data-path="optim.learningRate"]')).toContainText('was 0.001');
    await search(page).fill('heads');
    await field(page, 'field.heads').fill('7');
    await expectPage(page.locator('[data-path="field.heads"]')).toContainText('multiple of heads');
    await field(page, 'field.heads').fill('8');
    await search(page).fill('');
    await page.getByRole('button', { name: 'Changed (2)' }).click();
    await expectPage(page.locator('[data-path]')).toHaveCount(2);
    await page.getByRole('textbox', { name: 'Name' }).fill('my first');
    await startButton(page).click();

    const { run } = await requestShownRun(page);
    expect(run).toMatchObject({ name: 'my first', preset: 'small' });
    expect(run.config).toMatchObject({ optim: { learningRate: 0.0005 }, field: { heads: 8 } });
    expect(['queued', 'running']).toContain(run.status);
  });

  it('help is opened by its button or found by a search, which also lists what has no effect and why', async () => {
    const { page } = await open('#/new?preset=laptop');
    await page.getByRole('radio', { name: /^Synthetic images \d/ }).check();
    const row = page.locator('[data-path="sampler.symmetries"]');
    await search(page).fill('self-ensemble');
    const help = row.getByRole('button', { name: 'Help on Self-ensemble' });
    await expectPage(help).toHaveAttribute('aria-expanded', 'false');
    await help.press('Enter');
    await expectPage(help).toHaveAttribute('aria-expanded', 'true');
    await expectPage(row.getByText('Source: Timofte et al. 2016')).toBeVisible();
    await expectPage(field(page, 'sampler.symmetries')).toHaveAccessibleDescription(/Typical: 1 or 2/);

    await search(page).fill('Hang et al.');
    const found = page.locator('[data-path="objective.weighting"]').getByRole('button', { name: /^Help on/ });
    await expectPage(found).toHaveAttribute('aria-expanded', 'true');

    await search(page).fill('crop');
    const inactive = page.locator('.parameter-form__inactive li');
    await expectPage(inactive).toContainText(['Random crops – only for a folder of images']);
    await expectPage(field(page, 'data.crops')).toHaveCount(0);
    await page.getByRole('radio', { name: /^birds/ }).check();
    await expectPage(field(page, 'data.crops')).toBeVisible();
    await search(page).fill('');
  });

  it('a mixture of mask laws is typed, refused with what is wrong in it, and used', async () => {
    const { page } = await open('#/new?preset=laptop');
    await unfold(page);
    await expectPage(field(page, 'mask.mixture')).toHaveCount(0);
    await field(page, 'mask.law').selectOption('mixture');
    await field(page, 'mask.mixture').fill('strokes 2 keep=0.7..0.95, stroke');
    const row = page.locator('[data-path="mask.mixture"]');
    await expectPage(row).toContainText('"stroke" in a mixture: no law "stroke". Expected parts such as');
    await expectPage(startButton(page)).toBeDisabled();
    await field(page, 'mask.mixture').fill('strokes 2.0 keep=0.7..0.95,text');
    await startButton(page).click();
    const { run } = await requestShownRun(page);
    expect(run.config.mask).toMatchObject({ law: 'mixture', mixture: 'strokes 2 keep=0.7..0.95, text' });
  });

  it('a Bayer pattern has a phase, and needs a network that reads a mask for each channel', async () => {
    const { page } = await open('#/new?preset=laptop');
    await unfold(page);
    await expectPage(field(page, 'mask.phase')).toHaveCount(0);
    await field(page, 'mask.law').selectOption('bayer');
    await field(page, 'mask.phase').selectOption('GBRG');
    const row = page.locator('[data-path="mask.law"]');
    await expectPage(row).toContainText('expected field.channelMask = true');
    await expectPage(startButton(page)).toBeDisabled();
    await field(page, 'field.channelMask').check();
    await startButton(page).click();
    const { run } = await requestShownRun(page);
    expect(run.config).toMatchObject({ mask: { law: 'bayer', phase: 'GBRG' }, field: { channelMask: true } });
  });

  it('a run with a budget, a tag and a switch is started by keyboard alone', async () => {
    const { page } = await openLab({ address: '#/new' });
    await expectPage(page.getByRole('radio', { name: /^Synthetic/ })).toBeChecked();
    await page.keyboard.press('Control+f');
    await expectPage(search(page)).toBeFocused();
    await page.keyboard.type('flips');
    await page.keyboard.press('Tab');
    const flips = field(page, 'data.flips');
    for (let steps = 0; steps < 12 && !(await isFocused(page, 'parameter-data.flips')); steps++) {
      await page.keyboard.press('Tab');
    }
    await expectPage(flips).toBeFocused();
    await page.keyboard.press('Space');
    await expectPage(flips).not.toBeChecked();
    await page.getByRole('combobox', { name: 'Unit of the budget' }).focus();
    await page.keyboard.type('s');
    await page.getByRole('textbox', { name: 'Number of steps' }).focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('300');
    await page.getByRole('combobox', { name: 'Tags' }).focus();
    await page.keyboard.type('by hand');
    await page.keyboard.press('Enter');
    await page.keyboard.type('not yet entered');
    await page.keyboard.press('Control+Enter');

    const { run, summary } = await requestShownRun(page);
    expect(run.config.data.flips).toBe(false);
    expect([run.config.train.steps, run.config.train.minutes]).toEqual([300, 10]);
    expect([...summary.tags].sort()).toEqual(['by hand', 'not yet entered']);
  });

  it('Ctrl+Enter moves to the first invalid value instead of starting, even in a collapsed group', async () => {
    const { page } = await open('#/new?preset=tiny');
    await unfold(page);
    await field(page, 'train.batchSize').fill('0');
    await page.getByRole('button', { name: 'Collapse all sections' }).click();
    await expectPage(field(page, 'train.batchSize')).toHaveCount(0);
    await page.keyboard.press('Control+Enter');
    await expectPage(field(page, 'train.batchSize')).toBeFocused();
    await expectPage(page).toHaveURL(/#\/new/);
  });

  it('a changed copy of a run lists its differences and can be created without starting', async () => {
    const { page } = await open((ids) => `#/new?from=${ids['wider network']}`);
    await expectPage(page.getByText('No differences from that run yet')).toBeVisible();
    await unfold(page);
    await field(page, 'seed').fill('7');
    await field(page, 'mask.keepRatio').fill('.1');
    const source = page.getByRole('region', { name: 'Starting point' });
    await expectPage(source).toContainText('2 differences from that run');
    await expectPage(source).toContainText('42 → 7');
    await expectPage(source).toContainText('0.2 → 0.1');
    await expectPage(page.getByRole('textbox', { name: 'Name' })).toHaveValue('wider network, changed');
    await page.getByRole('button', { name: 'More start options' }).click();
    await page.getByText('Create without starting').click();

    const { run, summary } = await requestShownRun(page);
    expect(run).toMatchObject({ name: 'wider network, changed', status: 'queued', step: 0 });
    expect([run.config.seed, run.config.mask.keepRatio]).toEqual([7, 0.1]);
    expect([...summary.tags].sort()).toEqual(['baseline', 'width']);
  });

  it('a branch names its checkpoint and warns when the network would not fit its weights', async () => {
    const { page } = await open((ids) => `#/new?from=${ids['wider network']}&branch=1250`);
    await unfold(page);
    const source = page.getByRole('region', { name: 'Starting point' });
    await expectPage(source).toContainText('from the weights of its checkpoint at step 1250');
    await expectPage(page.getByRole('textbox', { name: 'Name' })).toHaveValue(
      'wider network, from step 1250',
    );
    await expectPage(source).not.toContainText('may not fit');
    await field(page, 'field.latents').fill('64');
    await expectPage(source).toContainText('may not fit');
  });

  it('entered values survive a reload, separately for each preset', async () => {
    const { page } = await open('#/new?preset=tiny');
    await unfold(page);
    await field(page, 'optim.learningRate').fill('3e-3');
    await page.getByRole('textbox', { name: 'Name' }).fill('kept');
    await page.getByRole('button', { name: /^Other methods/ }).click();
    await choosePreset(page, 'Notebook').check();
    await expectPage(field(page, 'optim.learningRate')).toHaveValue('0.0001');
    await page.reload();
    await unfold(page);
    await expectPage(choosePreset(page, 'Notebook')).toBeChecked();
    await choosePreset(page, 'Tiny').check();
    await expectPage(field(page, 'optim.learningRate')).toHaveValue('3e-3');
    await expectPage(page.getByRole('textbox', { name: 'Name' })).toHaveValue('kept');
    await page.getByRole('button', { name: 'Reset all parameters' }).click();
    await expectPage(field(page, 'optim.learningRate')).toHaveValue('0.002');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expectPage(field(page, 'optim.learningRate')).toHaveValue('3e-3');
  });

  it('a preset is saved, offered first, renamed, exported, imported, made the default and deleted with undo', async () => {
    const { page } = await openLab({ address: '#/new?preset=tiny' });
    const titles = page.locator('.preset-list__own .preset-row__title');
    const act = async (name: string) => {
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.locator('.v-overlay--active .v-list-item').filter({ hasText: name }).click();
    };
    await page.getByRole('textbox', { name: /^Time limit/ }).fill('7');
    await page.getByRole('button', { name: 'Save as preset…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Save as preset' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('tiny');
    await expectPage(dialog.getByText('a preset of the program')).toBeVisible();
    await expectPage(dialog.getByRole('button', { name: 'Save' })).toBeDisabled();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Seven minutes');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expectPage(page).toHaveURL(/preset=seven-minutes/);
    await expectPage(titles).toHaveText(['Seven minutes']);
    await expectPage(choosePreset(page, 'Seven minutes')).toBeChecked();
    await expectPage(page.getByRole('button', { name: 'Changed (0)' })).toBeVisible();

    await act('Rename…');
    const renaming = page.getByRole('dialog', { name: 'Rename preset' });
    await renaming.getByRole('textbox', { name: 'Name' }).fill('Short one');
    await renaming.getByRole('button', { name: 'Rename' }).click();
    await expectPage(titles).toHaveText(['Short one']);
    const download = page.waitForEvent('download');
    await act('Export…');
    expect((await download).suggestedFilename()).toBe('short-one.preset.json');
    const file = join(images, 'exported.json');
    await (await download).saveAs(file);
    const chooser = page.waitForEvent('filechooser');
    await act('Import…');
    await (await chooser).setFiles(file);
    await expectPage(titles).toHaveText(['Short one', 'Short one 2']);
    await expectPage(choosePreset(page, 'Short one 2')).toBeChecked();

    await act('Use as default');
    await expectPage(page.locator('.preset-row', { hasText: 'Short one 2' })).toContainText('default');
    expect(await findAccessibilityFaults(page)).toEqual([]);
    await act('Delete');
    await expectPage(choosePreset(page, 'Laptop')).toBeChecked();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expectPage(choosePreset(page, 'Short one 2')).toBeChecked();
    await startButton(page).click();
    const { run } = await requestShownRun(page);
    expect(run).toMatchObject({ name: 'short-one-2', preset: 'short-one-2' });
    expect(run.config.train.minutes).toBe(7);
    await page.goto(new URL('#/new', page.url()).href);
    await expectPage(choosePreset(page, 'Short one 2')).toBeChecked();
  });

  it('a configuration is read from JSON, and refused with reasons if it is invalid', async () => {
    const { page } = await open('#/new?preset=tiny');
    await unfold(page);
    await page.getByRole('button', { name: 'JSON…' }).click();
    const text = page.getByRole('textbox', { name: 'Configuration' });
    await text.fill('{"preset": "notebook", "optim": {"learningRate": -1}}');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expectPage(page.getByRole('alert')).toContainText(
      'optim.learningRate: Found -1, expected more than 0.',
    );
    await text.fill('{"preset": "notebook", "optim": {"learningRate": 1e-3}}');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expectPage(choosePreset(page, 'Notebook')).toBeChecked();
    await expectPage(field(page, 'optim.learningRate')).toHaveValue('0.001');
    const command = page.getByRole('button', { name: 'Copy command line' });
    const line = /--preset notebook --data synthetic --set optim.learningRate=0.001$/;
    await expectPage(command).toHaveAttribute('title', line);
  });

  it.each(['light', 'dark'] as const)(
    'a form with invalid values has no accessibility fault in the %s theme',
    async (theme) => {
      const { page } = await open('#/new?preset=synthetic');
      await unfold(page);
      await page.emulateMedia({ colorScheme: theme });
      await expectPage(page.locator('.estimate-panel dl')).toContainText('MB');
      await field(page, 'optim.learningRate').fill('5e-');
      await field(page, 'seed').fill('1');
      await expectPage(page.getByRole('heading', { name: '1 problem to fix first' })).toBeVisible();
      expect(await findAccessibilityFaults(page)).toEqual([]);
    },
  );

  it('a missing run to start from is reported, with an alternative', async () => {
    const { page } = await openLab({ address: '#/new?from=aaaaaaaa' });
    await expectPage(page.getByText('The source run could not be read')).toBeVisible();
    await page.getByRole('link', { name: 'Start from a preset' }).click();
    await expectPage(choosePreset(page, 'Tiny')).toBeChecked();
  });
});

function isFocused(page: Page, id: string): Promise<boolean> {
  return page.evaluate((wanted) => document.activeElement?.id === wanted, id);
}
