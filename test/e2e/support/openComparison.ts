/** A laboratory with runs to compare, and navigation within their comparison. */

import type { Page } from '@playwright/test';
import type { Store } from '../../../main/store/store.ts';
import { expectPage, type LabOptions, type OpenLab, type OpenedLab } from './openLab.ts';
import { seedComparison, type SeededComparison } from './seedComparison.ts';

/** Opens a laboratory with the runs of `seedComparison` and those that `seedMore` adds. */
export async function openSeeded(
  openLab: OpenLab,
  options: LabOptions = {},
  seedMore: (store: Store, runs: SeededComparison['runs']) => void | Promise<void> = () => undefined,
): Promise<OpenedLab & SeededComparison> {
  const seeded: SeededComparison[] = [];
  const lab = await openLab({
    ...options,
    async seed(store) {
      const comparison = await seedComparison(store);
      await seedMore(store, comparison.runs);
      seeded.push(comparison);
    },
  });
  return { ...lab, ...seeded[0] };
}

/** Opens the comparison of these runs at a tab, named as in the address. */
export async function openComparison(page: Page, ids: readonly string[], tab = 'results'): Promise<void> {
  await page.goto(new URL(`#/openComparison?runs=${ids.join(',')}&tab=${tab}`, page.url()).href);
  const heading = page.getByRole('heading', { name: `Comparison of ${ids.length} runs` });
  await expectPage(heading).toBeVisible();
}

export const openTab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true }).click();
