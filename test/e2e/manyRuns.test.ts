import type { Page } from '@playwright/test';
import { expect, it } from 'vitest';
import { presets } from '../../shared/config/presets.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { seedManyRuns } from './support/seedRuns.ts';

const total = 10_000;

/** Returns the sorted milliseconds of frames while the list is scrolled by `pixels` per frame. */
async function measureFrames(page: Page, pixels: number): Promise<number[]> {
  const times = await page.locator('.run-grid').evaluate(async (grid, step) => {
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const found: number[] = [];
    let last = await frame();
    for (let index = 0; index < 12; index += 1) {
      grid.scrollTop += step;
      const now = await frame();
      found.push(now - last);
      last = now;
    }
    return found;
  }, pixels);
  return times.sort((a, b) => a - b);
}

function describeTimes(times: readonly number[]): string {
  const at = (fraction: number) => times[Math.floor(fraction * (times.length - 1))].toFixed(0);
  return `median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms`;
}

describePage('a list of ten thousand runs', (openLab) => {
  const open = openLab.shared({ seed: (store) => seedManyRuns(store, total) });

  it('only visible rows are rendered while the list is scrolled', async () => {
    const { page } = await open('#/runs');
    await expectPage(page.getByRole('link', { name: 'run 9999' })).toBeVisible();
    const grid = page.getByRole('grid');
    await expectPage(grid).toHaveAttribute('aria-rowcount', String(total + 1));
    for (const pixels of [30, 300, 3000]) {
      const times = await measureFrames(page, pixels);
      console.log(`scrolling ${pixels} px per frame: ${describeTimes(times)}`);
      expect(await page.locator('.run-row').count()).toBeLessThan(60);
      await grid.evaluate((element) => element.scrollTo(0, 0));
    }
    await grid.focus();
    await page.keyboard.press('End');
    await expectPage(page.getByRole('link', { name: 'run 0', exact: true })).toBeVisible();
    await page.keyboard.press('Control+a');
    await expectPage(page.getByText(/10\s?000 selected/)).toBeVisible();
    // The place in the list is remembered.
    await page.keyboard.press('Home');
    await expectPage(page.getByRole('link', { name: 'run 9999' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expectPage(page.getByText(/10\s?000 selected/)).toHaveCount(0);
  });

  it('a search is answered quickly, and the scroll position is restored afterwards', async () => {
    const { page } = await open('#/runs');
    await expectPage(page.getByRole('link', { name: 'run 9999' })).toBeVisible();
    for (const [text, count] of [
      [presets[0].name, String(Math.ceil(total / presets.length))],
      ['7777', '1'],
    ]) {
      const began = Date.now();
      await page.getByRole('textbox', { name: 'Search runs' }).fill(text);
      await expectPage(page.getByText(new RegExp(`^${count} of 10\\s?000 runs`))).toBeVisible();
      console.log(
        `"${text}" found after ${Date.now() - began} ms, 150 ms of them waiting for further letters`,
      );
    }
    await page.getByRole('textbox', { name: 'Search runs' }).fill('');
    await expectPage(page.getByRole('link', { name: 'run 9999' })).toBeVisible();
    await page.getByRole('grid').evaluate((grid) => grid.scrollTo(0, 200_000));
    await expectPage(page.getByRole('link', { name: 'run 9999' })).toHaveCount(0);
    const middle = page.locator('[aria-rowindex="5565"][aria-busy="false"]').getByRole('link');
    const opened = await middle.textContent();
    await middle.click();
    await expectPage(page).toHaveURL(/#\/runs\/[a-z2-7]{8}$/);
    await page.goBack();
    await expectPage.poll(() => page.getByRole('grid').evaluate((grid) => grid.scrollTop)).toBe(200_000);
    await expectPage(middle).toHaveText(opened ?? '');
    await page.getByRole('grid').evaluate((grid) => grid.scrollTo(0, 0));
    await expectPage(page.getByRole('link', { name: 'run 9999' })).toBeVisible();
  });

  it('only visible rows are rendered while it is scrolled in groups', async () => {
    const { page } = await open('#/runs');
    await expectPage(page.getByRole('link', { name: 'run 9999' })).toBeVisible();
    await page.getByRole('button', { name: 'Group', exact: true }).click();
    await page.getByRole('dialog', { name: 'Group the runs' }).getByRole('button', { name: 'Tag' }).click();
    const grid = page.getByRole('treegrid', { name: 'Runs' });
    await expectPage(grid.locator('[aria-level="1"]').first()).toBeVisible();
    await page.getByRole('button', { name: 'Open all groups' }).click();
    await expectPage(grid.locator('[aria-level="2"]').first()).toBeVisible();
    for (const pixels of [30, 300, 3000]) {
      const times = await measureFrames(page, pixels);
      console.log(`scrolling groups ${pixels} px per frame: ${describeTimes(times)}`);
      expect(await page.locator('.run-row, .group-row').count()).toBeLessThan(60);
      await grid.evaluate((element) => element.scrollTo(0, 0));
    }
  });
});
