/** Navigation within a comparison of runs. */

import type { Page } from '@playwright/test';
import { expectPage } from './openLab.ts';

/** Opens the comparison of these runs at a tab, named as in the address. */
export async function openComparison(page: Page, ids: readonly string[], tab = 'results'): Promise<void> {
  await page.goto(new URL(`#/compare?runs=${ids.join(',')}&tab=${tab}`, page.url()).href);
  const heading = page.getByRole('heading', { name: `Comparison of ${ids.length} runs` });
  await expectPage(heading).toBeVisible();
}

export const openTab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true }).click();
