import { expect, it } from 'vitest';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { describePage, type OpenedLab, expectPage } from './support/openLab.ts';
import { seedComparison, type SeededComparison } from './support/seedComparison.ts';
import { seedInpaintings, type SeededInpaintings } from './support/seedInpaintings.ts';

/** What each address shows once it is there. */
const routes: readonly (readonly [string, string])[] = [
  ['#/runs', 'first try'],
  ['#/new', 'Tiny'],
  ['#/pictures', 'Drop images or a folder'],
  ['#/data', 'CIFAR-10'],
  ['#/settings', 'Settings'],
  ['#/doctor', 'Doctor'],
  ['#/nowhere', 'Runs'],
];

describePage('accessibility, as axe sees it', (openLab) => {
  async function openSeeded(theme: 'light' | 'dark'): Promise<OpenedLab & SeededInpaintings> {
    const seeded: SeededInpaintings[] = [];
    const lab = await openLab({
      theme,
      seed: async (store) => void seeded.push(await seedInpaintings(store)),
    });
    return { ...lab, ...seeded[0] };
  }

  it.each(['light', 'dark'] as const)('every view is without fault in the %s theme', async (theme) => {
    const { page, runs, ids } = await openSeeded(theme);
    const faults: Record<string, string[]> = {};
    const tabs = ['overview', 'charts', 'evaluations', 'checkpoints', 'configuration', 'log'];
    const run = `#/runs/${runs['long baseline']}`;
    const [, several, , failed] = ids;
    const views = [
      ...routes,
      [`#/inpaintings/${several}`, 'Scores'] as const,
      [`#/inpaintings/${failed}`, 'could not be computed'] as const,
      ...tabs.map((tab) => [`${run}?tab=${tab}`, 'long baseline'] as const),
    ];
    for (const [address, text] of views) {
      await page.goto(new URL(address, page.url()).href);
      await expectPage(page.locator('main').getByText(text).first()).toBeVisible();
      const found = await findAccessibilityFaults(page);
      if (found.length > 0) faults[address] = found;
    }
    expect(faults).toEqual({});
  });

  it.each(['light', 'dark'] as const)('every part of a comparison is without fault, %s', async (theme) => {
    const seeded: SeededComparison[] = [];
    const { page } = await openLab({
      theme,
      seed: async (store) => void seeded.push(await seedComparison(store)),
    });
    const { runs } = seeded[0];
    const ids = ['wider network', 'big steps', 'night run'].map((name) => runs[name]).join(',');
    const faults: Record<string, string[]> = {};
    for (const tab of ['results', 'pairs', 'images', 'charts', 'curves', 'parameters']) {
      await page.goto(new URL(`#/compare?runs=${ids}&tab=${tab}`, page.url()).href);
      await expectPage(page.getByRole('tabpanel', { name: tab })).toBeVisible();
      const found = await findAccessibilityFaults(page);
      if (found.length > 0) faults[tab] = found;
    }
    expect(faults).toEqual({});
  });

  it('the empty laboratory is without fault', async () => {
    const { page } = await openLab();
    await expectPage(page.getByText(/demo/i).first()).toBeVisible();
    expect(await findAccessibilityFaults(page)).toEqual([]);
  });
});
