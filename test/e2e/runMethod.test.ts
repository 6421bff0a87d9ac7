import { expect, it } from 'vitest';
import { keepStudy } from '../../main/jobs/studyJob.ts';
import { exampleStudiedRun } from '../support/exampleStudy.ts';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { seedRuns } from './support/seedRuns.ts';

describePage('the tab Method of a run', (openLab) => {
  it('shows the stored study, and a pixel that is chosen in one figure is chosen in all', async () => {
    const { page } = await openLab({
      seed: async (store) => {
        const runs = await seedRuns(store);
        keepStudy(store, runs['long baseline'], exampleStudiedRun(250));
        return runs;
      },
      address: (runs) => `#/runs/${runs['long baseline']}?tab=method`,
    });
    const main = page.locator('main');
    await expectPage(
      main.getByText('Computed at step 250 for 2 test images with 4 samples each'),
    ).toBeVisible();
    // The path of this run is the first of the paths, and no other run can be chosen.
    await expectPage(main.getByText('The path of this run')).toBeVisible();
    await expectPage(main.getByRole('combobox', { name: 'Start as in' })).toHaveCount(0);
    const numbers = main.getByRole('textbox', { name: /^Test images/ });
    await expectPage(numbers).toHaveValue('8, 10');
    await expectPage(main.getByText(/Time: \d/)).toBeVisible();
    await numbers.fill('4-2');
    await expectPage(main.getByText('“4-2” begins after its end. Enter 2-4 instead.')).toBeVisible();
    await expectPage(main.getByRole('button', { name: 'Compute again' })).toBeDisabled();
    // The middle query that is hidden.
    await expectPage(main.getByRole('heading', { name: 'Pixel 2, 2 along the solution' })).toBeVisible();
    await main.getByRole('application', { name: /^Truth/ }).press('ArrowLeft');
    await expectPage(main.getByRole('heading', { name: 'Pixel 1, 2 along the solution' })).toBeVisible();
    const sensitivity = main.getByRole('application', { name: /^Sensitivity at t = 0\.5: column 1, row 2/ });
    await expectPage(sensitivity).toBeVisible();
    await expectPage(
      main.getByRole('application', { name: /^Attention at t = 0\.5: column 1, row 2/ }),
    ).toBeVisible();
    await expectPage(main.getByText(/1 is what every known pixel would have/)).toBeVisible();
    const box = await sensitivity.boundingBox();
    if (!box) throw new Error('The map is not shown on the page.');
    await sensitivity.click({ position: { x: box.width * 0.9, y: box.height * 0.1 } });
    await expectPage(main.getByRole('heading', { name: 'Pixel 3, 0 along the solution' })).toBeVisible();
    await main.getByRole('combobox', { name: 'Image' }).first().selectOption('1');
    await expectPage(main.getByRole('img', { name: 'Error of the solution' })).toBeVisible();
    expect(await findAccessibilityFaults(page, undefined)).toEqual([]);
  });
});
