import type { Page } from '@playwright/test';
import { expect, it } from 'vitest';
import { describePage, expectPage } from './support/openLab.ts';
import { seedComparison } from './support/seedComparison.ts';

const figure = (page: Page, title: string) => page.getByRole('img', { name: title, exact: true });

describePage('the page that explains the method', (openLab) => {
  const open = openLab.shared({ seed: seedComparison });

  it('moves t by key and by dragging a figure, and draws the noise of a pixel again', async () => {
    const { page } = await open('#/method');
    const slider = page.getByRole('slider', { name: 'Time t' }).first();
    await expectPage(slider).toHaveAttribute('aria-valuenow', '0.35');
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await expectPage(slider).toHaveAttribute('aria-valuenow', '0.36');
    const mark = page.locator('.time-mark').first();
    const box = await mark.boundingBox();
    await mark.click({ position: { x: (box?.width ?? 0) - 20, y: 40 } });
    await expectPage(slider).toHaveAttribute('aria-valuenow', '1');

    await page.getByRole('combobox', { name: 'Start as in' }).selectOption({ label: 'night run' });
    await expectPage(page.getByText('The path of the chosen run')).toBeVisible();

    const paths = figure(page, 'Path of one pixel · Linear');
    const before = (await paths.getAttribute('src')) ?? '';
    await page.getByRole('button', { name: 'Draw x₀ again' }).click();
    await expectPage(paths).not.toHaveAttribute('src', before);
  });

  it('saves a figure as CSV with the numbers of the path', async () => {
    const { page } = await open('#/method');
    await page.getByRole('button', { name: 'Save α and σ · Linear' }).click();
    const saved = page.waitForEvent('download');
    await page.getByText('CSV', { exact: true }).click();
    const stream = await (await saved).createReadStream();
    let text = '';
    for await (const part of stream) text += String(part);
    expect(text).toContain('α,0.25,0.25');
    expect(text).toContain('σ,0.25,0.75');
  });

  it('trains the toy in the page until it is paused, and describes it for those who do not see it', async () => {
    const { page } = await open('#/method?section=toy');
    const plane = page.getByRole('img', { name: /^Flow matching: squares are the data/ });
    await expectPage(plane).toHaveCount(0);
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await expectPage(page.getByText(/^Training: step [1-9]\d* of/)).toBeVisible();
    await page.getByRole('button', { name: 'Pause training' }).click();
    await expectPage(page.getByText(/^Paused: step /)).toBeVisible();
    await expectPage(plane).toBeVisible();
    await page.getByRole('combobox', { name: 'Steps' }).selectOption('2');
    await page.getByRole('combobox', { name: 'Solver' }).selectOption('heun');
    await expectPage(plane).toHaveAttribute('aria-label', /after 4 function evaluations/);
    const time = page.locator('#toy').getByRole('slider', { name: 'Time t' });
    await expectPage(time).toHaveAttribute('aria-valuenow', '1');
    const still = await plane.screenshot();
    await page.getByRole('button', { name: 'Play time' }).click();
    await expectPage(time).not.toHaveAttribute('aria-valuenow', '1');
    await page.getByRole('button', { name: 'Stop time' }).click();
    await time.press('Home');
    await expectPage(time).toHaveAttribute('aria-valuenow', '0');
    await expectPage.poll(async () => (await plane.screenshot()).equals(still)).toBe(false);
  });

  it('explains a column head on focus, and leads to its word in the glossary', async () => {
    const { page } = await open(
      ({ runs }) => `#/compare?runs=${runs['wider network']},${runs['night run']}&tab=results`,
    );
    const head = page.getByRole('link', { name: 'CRPS', exact: true }).first();
    await head.waitFor();
    await page.keyboard.press('Tab');
    await head.focus();
    const explanation = page.getByText(/Continuous ranked probability score/);
    await expectPage(explanation).toBeVisible();
    await page.keyboard.press('Escape');
    await expectPage(explanation).toHaveCount(0);
    await head.click();
    await expectPage(page.locator('#word-crps')).toBeFocused();
    await expectPage(page.locator('#word-crps')).toBeInViewport();
  });
});
