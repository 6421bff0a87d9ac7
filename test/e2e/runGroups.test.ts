import { it } from 'vitest';
import { updateRun } from '../../main/store/runs/runs.ts';
import { noiseAt } from './support/curves.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { seedSweep } from './support/seedSweep.ts';

describePage('groups of the run list', (openLab) => {
  const open = openLab.shared({
    async seed(store) {
      const seeded = await seedSweep(store);
      seeded.members.forEach((id, index) =>
        updateRun(store.db, id, { bestPsnr: 22 + 0.1 * noiseAt(index, 1) }),
      );
      return seeded;
    },
  });

  it('show counts, means and intervals, open by pointer and keys, select their runs, and are remembered', async () => {
    const { page } = await open('#/runs');
    await expectPage(page.getByRole('grid', { name: 'Runs' })).toBeVisible();
    await page.getByRole('button', { name: 'Group', exact: true }).click();
    const menu = page.getByRole('dialog', { name: 'Group the runs' });
    await menu.getByRole('searchbox').fill('learning rate');
    await menu.getByRole('button', { name: 'Learning rate Optimiser' }).click();

    const grid = page.getByRole('treegrid', { name: 'Runs' });
    const groups = grid.locator('[aria-level="1"]');
    const first = groups.first();
    await expectPage(first).toContainText('0.0005');
    await expectPage(first).toContainText(/6 runs/);
    await expectPage(first).toContainText(/\d\d\.\d\d[A-Z]?± \d\.\d\d/);
    await expectPage(grid.locator('[aria-level="2"]')).toHaveCount(0);

    await first.getByText('0.0005').click();
    await expectPage(first).toHaveAttribute('aria-expanded', 'true');
    await expectPage(grid.locator('[aria-level="2"]')).toHaveCount(6);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowLeft');
    await expectPage(grid).toHaveAttribute('aria-activedescendant', (await first.getAttribute('id')) ?? '');
    await page.keyboard.press('ArrowLeft');
    await expectPage(grid.locator('[aria-level="2"]')).toHaveCount(0);
    await page.keyboard.press('Space');
    await expectPage(page.getByText('6 selected')).toBeVisible();
    await page.keyboard.press('Enter');
    await expectPage(grid.locator('[aria-level="2"][aria-selected="true"]')).toHaveCount(6);

    await page.reload();
    await expectPage(page.getByRole('button', { name: 'Grouped by learning rate' })).toBeVisible();
    await expectPage(grid.locator('[aria-level="2"]')).toHaveCount(6);
    await expectPage(page.getByRole('button', { name: 'Columns' })).toBeInViewport();
    await page.getByRole('button', { name: 'Grouped by learning rate' }).click();
    await menu.getByRole('button', { name: 'Not grouped' }).click();
    await expectPage(page.getByRole('grid', { name: 'Runs' })).toBeVisible();
  });
});
