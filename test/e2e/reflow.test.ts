/** Views in narrow windows and at 200 % zoom. */

import type { Page } from '@playwright/test';
import { it } from 'vitest';
import { describePage, expectPage, leaveView } from './support/openLab.ts';
import { seedSweep, type SeededSweep } from './support/seedSweep.ts';

/** Views, and an element that shows that they are there. */
const views: readonly (readonly [address: (seeded: SeededSweep) => string, shown: string])[] = [
  [() => '#/runs', '[role=grid]'],
  [({ runs }) => `#/runs/${runs['first try']}`, '.chart-panel canvas'],
  [({ runs }) => `#/runs/${runs['first try']}?tab=charts`, '.chart-panel canvas'],
  [({ runs }) => `#/runs/${runs['first try']}?tab=evaluations`, 'main table'],
  [({ runs }) => `#/runs/${runs['first try']}?tab=method`, 'main .katex'],
  [({ runs }) => `#/runs/${runs['first try']}?tab=checkpoints`, 'main table'],
  [({ runs }) => `#/runs/${runs['first try']}?tab=configuration`, 'main table'],
  [({ runs }) => `#/runs/${runs['first try']}?tab=log`, 'main dl'],
  [({ image }) => `#/images/${image.id}`, '.studio canvas'],
  [() => '#/images', 'main .grid'],
  [({ ids }) => `#/inpaintings/${ids[1]}`, 'main canvas'],
  [() => '#/data', 'main article'],
  [() => '#/method', 'main .katex'],
  [() => '#/settings', 'main .log__line, main .log'],
  [() => '#/doctor', 'main .page-header'],
  [() => '#/new', '.parameter-form'],
  [() => '#/sweeps', '[role=progressbar]'],
  [({ sweep }) => `#/sweeps/${sweep}`, '.sweep-table [role=cell]'],
  [({ sweep }) => `#/sweeps/${sweep}?tab=parameters`, '.svg-figure img'],
  [({ sweep }) => `#/sweeps/${sweep}?tab=curves`, '.svg-figure img'],
  [({ sweep }) => `#/sweeps/${sweep}?tab=images`, '.previews canvas'],
  [({ runs }) => `#/compare?runs=${runs['first try']},${runs['long baseline']}`, 'main table'],
];

describePage('a narrow window', (openLab) => {
  // Vuetify's tabs warn when the last tab cannot be scrolled to the middle.
  const open = openLab.shared({ seed: seedSweep, expectedErrors: /Scroll target is not reachable/ });

  // 200 % zoom of a window of 1440 × 900 pixels, and a phone.
  for (const [width, height] of [
    [720, 450],
    [480, 900],
  ])
    it(`shows every view within ${width} × ${height} pixels without scrolling sideways`, async () => {
      const lab = await open('#/nowhere');
      const { page, origin, seeded } = lab;
      await page.setViewportSize({ width, height });
      for (const [addressOf, shown] of views) {
        await leaveView(lab);
        await page.goto(`${origin}/${addressOf(seeded)}`);
        await expectPage(page.locator(shown).first()).toBeVisible();
        await expectPage.poll(() => findOverflow(page), { message: addressOf(seeded) }).toEqual([]);
      }
    });
});

/** Returns the elements that end outside of the view, unless they lie in a part that scrolls by itself. */
function findOverflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const main = document.querySelector('main');
    if (!main) return ['no main'];
    const { right } = main.getBoundingClientRect();
    const limit = Math.min(right, innerWidth) + 1;
    const isClipped = (element: Element) => {
      for (let each = element.parentElement; each && each !== main; each = each.parentElement)
        if (getComputedStyle(each).overflowX !== 'visible') return true;
      return false;
    };
    const outside = [...main.querySelectorAll('*')].filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 0 && box.right > limit && !isClipped(element);
    });
    const described = outside
      .slice(0, 6)
      .map((each) => `${each.tagName} ${each.className} ends at ${each.getBoundingClientRect().right}`);
    return main.scrollWidth > main.clientWidth + 1
      ? [`scrolls: ${main.scrollWidth}`, ...described]
      : described;
  });
}
