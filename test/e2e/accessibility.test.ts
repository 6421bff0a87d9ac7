import { describe, expect, it } from 'vitest';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { seedComparison } from './support/seedComparison.ts';
import { seedInpaintings, type SeededInpaintings } from './support/seedInpaintings.ts';

/** Addresses of views, and a text that each view shows once it is loaded. */
const views: Readonly<
  Record<string, (seeded: SeededInpaintings) => readonly [address: string, text: string]>
> = {
  'the list of runs': () => ['#/runs', 'first try'],
  'the form of a new run': () => ['#/new', 'Tiny'],
  'the inpainting of images': () => ['#/images', 'Drop images or a folder'],
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
      ({ runs }: SeededInpaintings) =>
        [`#/runs/${runs['long baseline']}?tab=${tab}`, 'long baseline'] as const,
    ]),
  ),
};

const comparisonTabs = ['results', 'pairs', 'images', 'charts', 'curves', 'parameters'];

/** Rules to check by theme: a theme changes colours only, so the second one need not be checked for names and roles again. */
const rulesOf = { light: undefined, dark: ['color-contrast', 'link-in-text-block'] } as const;

describePage('axe finds no accessibility fault', (openLab) => {
  for (const theme of ['light', 'dark'] as const) {
    describe(`in the ${theme} theme`, () => {
      const openViews = openLab.shared({ theme, seed: seedInpaintings });
      const openComparison = openLab.shared({ theme, seed: seedComparison });

      it.each(Object.keys(views))('in %s', async (name) => {
        const { page, seeded } = await openViews((data) => views[name](data)[0]);
        const [, text] = views[name](seeded);
        await expectPage(page.locator('main').getByText(text).first()).toBeVisible();
        expect(await findAccessibilityFaults(page, rulesOf[theme])).toEqual([]);
      });

      it.each(comparisonTabs)('in the tab “%s” of a comparison', async (tab) => {
        const { page } = await openComparison(({ runs }) => {
          const ids = ['wider network', 'big steps', 'night run'].map((name) => runs[name]);
          return `#/compare?runs=${ids.join(',')}&tab=${tab}`;
        });
        await expectPage(page.getByRole('tabpanel', { name: tab })).toBeVisible();
        expect(await findAccessibilityFaults(page, rulesOf[theme])).toEqual([]);
      });
    });
  }

  it('in an empty laboratory', async () => {
    const { page } = await openLab();
    await expectPage(page.getByText(/demo/i).first()).toBeVisible();
    expect(await findAccessibilityFaults(page)).toEqual([]);
  });
});
