/** The guided tour from an empty laboratory to its end, by doing what it is about. */

import { expect, it } from 'vitest';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { createTrainingHost } from './support/trainingHost.ts';

describePage('the guided tour', (openLab) => {
  it('continues when a step has been done, remembers where it was closed, and covers nothing', async () => {
    const { page } = await openLab({
      viewport: { width: 480, height: 700 },
      createHost: createTrainingHost({ stepTime: 1 }),
    });
    await page.getByRole('button', { name: 'Take the five-minute tour' }).click();
    const tour = page.getByRole('region', { name: 'Train a network' });
    await expectPage(tour.getByText('step 1 of 5')).toBeVisible();
    // The button that opened it is gone.
    await expectPage(tour).toBeFocused();
    expect(await findAccessibilityFaults(page)).toEqual([]);
    // What the step is about is marked, and lies above the tour once it is scrolled to.
    const target = page.locator('[data-tour-target]');
    await expectPage(target).toHaveCount(1);
    await target.scrollIntoViewIfNeeded();
    const [marked, bar] = await Promise.all([target.boundingBox(), tour.boundingBox()]);
    expect((marked?.y ?? 0) + (marked?.height ?? 0)).toBeLessThanOrEqual(bar?.y ?? 0);

    await tour.getByRole('button', { name: 'Start the demo' }).click();
    // The demo is short here: its end is the end of the second step.
    const evaluating = page.getByRole('region', { name: 'Compare it with interpolation' });
    await expectPage(evaluating).toBeVisible();

    await evaluating.getByRole('button', { name: 'Later' }).click();
    await expectPage(evaluating).toHaveCount(0);
    await expectPage(page.getByRole('main')).toBeFocused();
    await page.reload();
    await page.getByRole('main').getByRole('button', { name: 'Note' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('guided tour');
    await expectPage(page.getByRole('option', { name: 'Take the guided tour' })).toHaveAttribute(
      'aria-selected',
      'true',
    );
    await page.keyboard.press('Enter');
    await expectPage(evaluating.getByText('step 3 of 5')).toBeVisible();

    // From another view, it is opened first.
    await page.evaluate(() => void (location.hash = '#/settings'));
    await expectPage(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
    await evaluating.getByRole('button', { name: 'Show me' }).click();
    await expectPage(page.locator('[data-command="run.evaluate"]')).toBeFocused();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Evaluate', exact: true }).click();
    const image = page.getByRole('region', { name: 'Fill in your image' });
    await expectPage(image).toBeVisible();
    await image.getByRole('button', { name: 'Skip' }).click();
    const report = page.getByRole('region', { name: 'Write a report' });
    // The one run of the tour is enough, once its view has the evaluation: before, there is nothing to report.
    await page.locator('[data-command="run.report"]').waitFor();
    await report.getByRole('button', { name: 'Show me' }).click();
    await expectPage(page.locator('[data-command="run.report"]')).toBeFocused();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Report' });
    await expectPage(dialog.getByRole('textbox', { name: 'Title' })).toHaveValue(/\S/);
    expect(await findAccessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('checkbox', { name: 'Also as PDF' }).uncheck();
    await dialog.getByRole('button', { name: 'Create report' }).click();
    await expectPage(dialog.getByRole('list', { name: 'Files of the report' })).toContainText('report.html');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await expectPage(page.getByRole('region', { name: 'That was the tour' })).toBeVisible();
  });
});
