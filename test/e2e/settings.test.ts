import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { openLog } from '../../main/ipc/log.ts';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { describePage, expectPage } from './support/openLab.ts';

/** Reads the settings file, which is empty until it is written. */
function readSettings(dataFolder: string): unknown {
  const file = join(dataFolder, 'config', 'settings.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

describePage('the settings view', (openLab) => {
  const open = openLab.shared();

  it('settings apply immediately, are saved to the file and survive a reload', async () => {
    const { page, dataFolder } = await open('#/settings');
    const application = page.locator('.v-application');
    await expectPage(application).toHaveClass(/v-theme--light/);
    await page.getByRole('button', { name: 'Dark' }).click();
    await expectPage(application).toHaveClass(/v-theme--dark/);
    await page.getByRole('button', { name: 'Comfortable' }).click();
    await expectPage(page.locator('html')).toHaveAttribute('data-density', 'comfortable');
    await page.getByRole('switch', { name: 'Continue waiting runs after a restart' }).check();
    await expectPage
      .poll(() => readSettings(dataFolder))
      .toMatchObject({ theme: 'dark', density: 'comfortable', startQueue: true });
    await page.reload();
    await expectPage(application).toHaveClass(/v-theme--dark/);
    await expectPage(
      page.getByRole('switch', { name: 'Continue waiting runs after a restart' }),
    ).toBeChecked();
  });

  it('the smoothing of charts is set by keyboard', async () => {
    const { page, dataFolder } = await open('#/settings');
    const slider = page.getByRole('slider', { name: 'Smoothing of charts' });
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await expectPage(slider).toHaveAttribute('aria-valuenow', '0.61');
    await expectPage.poll(() => readSettings(dataFolder)).toMatchObject({ smoothing: 0.61 });
    await page.reload();
    await expectPage(slider).toHaveAttribute('aria-valuenow', '0.61');
  });

  it('the data folder is shown in full, and desktop-only actions are marked as unavailable', async () => {
    const { page, dataFolder } = await open('#/settings');
    await expectPage(page.getByText(dataFolder, { exact: true })).toBeVisible();
    await expectPage(page.getByRole('button', { name: 'Copy path' })).toBeVisible();
    await expectPage(page.getByRole('switch', { name: /Keep the machine awake/ })).toBeDisabled();
    await expectPage(page.getByRole('switch', { name: /Notify when a run finishes/ })).toBeDisabled();
    await expectPage(page.getByText('Update the application on the machine that serves it.')).toBeVisible();
  });

  it('the log is shown and filtered by severity', async () => {
    const { page, dataFolder } = await open('#/doctor');
    const log = openLog(join(dataFolder, 'config', 'logs'));
    log.write('info', 'a quiet line');
    log.write('error', 'a loud line');
    await page.getByRole('link', { name: 'Settings' }).click();
    const lines = page.getByRole('group', { name: 'Log lines' });
    await expectPage(lines.getByText('a quiet line')).toBeVisible();
    await page.getByText('Everything').click();
    await page.getByRole('option', { name: 'Errors', exact: true }).click();
    await expectPage(lines.getByText('a quiet line')).toHaveCount(0);
    await expectPage(lines.getByText('a loud line')).toBeVisible();
  });

  it('the settings have no accessibility fault in both themes', async () => {
    const { page } = await openLab({ address: '#/settings' });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expectPage(page.locator('.v-application')).toHaveClass(new RegExp(`v-theme--${colorScheme}`));
      await expectPage(page.getByRole('heading', { name: 'Log' })).toBeVisible();
      expectPage(await findAccessibilityFaults(page)).toEqual([]);
    }
  });
});
