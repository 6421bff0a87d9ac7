import type { Page } from '@playwright/test';
import { expect, it } from 'vitest';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { seedComparison } from './support/seedComparison.ts';
import { seedSweep, type SeededSweep } from './support/seedSweep.ts';

/** Addresses of views, and a text that each view shows once it is loaded. */
const views: Readonly<Record<string, (seeded: SeededSweep) => readonly [address: string, text: string]>> = {
  'the list of runs': () => ['#/runs', 'first try'],
  'the form of a new run': () => ['#/new', 'Tiny'],
  'the inpainting of images': () => ['#/images', 'Drop images or a folder'],
  'the list of sweeps': () => ['#/sweeps', 'rates and widths'],
  ...Object.fromEntries(
    [
      ['results', 'Runs across parameters'],
      ['parameters', 'Which parameters matter'],
      ['curves', 'In colours'],
      ['images', 'Newest previews'],
    ].map(([tab, text]) => [
      `the tab “${tab}” of a sweep`,
      ({ sweep }: SeededSweep) => [`#/sweeps/${sweep}?tab=${tab}`, text] as const,
    ]),
  ),
  'the list of comparisons and reports': () => ['#/compare', 'Saved comparisons'],
  'the list of datasets': () => ['#/data', 'CIFAR-10'],
  'the method': () => ['#/method', 'Paths from noise to image'],
  'the settings': () => ['#/settings', 'Settings'],
  'the doctor': () => ['#/doctor', 'Doctor'],
  'an address without a view': () => ['#/nowhere', 'Runs'],
  'an inpainting': ({ ids }) => [`#/inpaintings/${ids[1]}`, 'Scores'],
  'a failed inpainting': ({ ids }) => [`#/inpaintings/${ids[3]}`, 'The inpainting failed'],
  ...Object.fromEntries(
    ['overview', 'charts', 'evaluations', 'method', 'checkpoints', 'configuration', 'log'].map((tab) => [
      `the tab “${tab}” of a run`,
      ({ runs }: SeededSweep) => [`#/runs/${runs['long baseline']}?tab=${tab}`, 'long baseline'] as const,
    ]),
  ),
};

const comparisonTabs = ['results', 'pairs', 'images', 'charts', 'curves', 'parameters'];

/** Rules about colours. A theme changes nothing else, so the second one need not be checked for names and roles again. */
const colourRules = ['color-contrast', 'link-in-text-block'];

async function expectNoFaults(page: Page): Promise<void> {
  expect(await findAccessibilityFaults(page), 'in the light theme').toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectPage(page.locator('.v-theme--dark').first()).toBeVisible();
  expect(await findAccessibilityFaults(page, colourRules), 'in the dark theme').toEqual([]);
}

describePage('axe finds no accessibility fault in either theme', (openLab) => {
  const openViews = openLab.shared({ seed: seedSweep });
  const openComparison = openLab.shared({ seed: seedComparison });

  it.each(Object.keys(views))('in %s', async (name) => {
    const { page, seeded } = await openViews((data) => views[name](data)[0]);
    const [, text] = views[name](seeded);
    await expectPage(page.locator('main').getByText(text).first()).toBeVisible();
    await expectNoFaults(page);
  });

  it.each(comparisonTabs)('in the tab “%s” of a comparison', async (tab) => {
    const { page } = await openComparison(({ runs }) => {
      const ids = ['wider network', 'big steps', 'night run'].map((name) => runs[name]);
      return `#/compare?runs=${ids.join(',')}&tab=${tab}`;
    });
    await expectPage(page.getByRole('tabpanel', { name: tab })).toBeVisible();
    await expectNoFaults(page);
  });

  it('in the form of a sweep', async () => {
    const { page } = await openLab({ address: '#/new?preset=tiny' });
    await page.getByRole('button', { name: 'Vary…' }).click();
    const add = page.getByRole('combobox', { name: 'Vary a parameter' });
    for (const path of ['optim.learningRate', 'field.dim', 'sampler.solver']) await add.selectOption(path);
    await page.getByRole('combobox', { name: 'How the values of Width are given' }).selectOption('range');
    await page.getByLabel('Stop weak runs early').check();
    await page.getByRole('combobox', { name: 'Computed' }).selectOption('cluster');
    await page.getByRole('textbox', { name: 'Time limit', exact: true }).fill('soon');
    await expectPage(page.getByText('Halving needs a budget in steps or minutes.').first()).toBeVisible();
    await expectNoFaults(page);
  });

  it('in an empty laboratory', async () => {
    const { page } = await openLab();
    await expectPage(page.getByText(/demo/i).first()).toBeVisible();
    await expectNoFaults(page);
  });
});
