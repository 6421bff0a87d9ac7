import { it } from 'vitest';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { describePage, expectPage } from './support/openLab.ts';

describePage('the doctor view', (openLab) => {
  it('the machine is checked on request, and the report can be copied and remains after visiting another view', async () => {
    const { page, dataFolder } = await openLab({ address: '#/doctor' });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await expectPage(page.getByText('This machine has not been checked yet')).toBeVisible();
    await page.getByRole('main').getByRole('button', { name: 'Run checks' }).click();
    await expectPage(page.getByRole('table', { name: 'Checks of this machine' })).toBeVisible();
    await expectPage(page.getByText(/^Training runs with (TensorFlow|WASM) \d/)).toBeVisible();
    await expectPage(page.getByRole('rowheader', { name: /Backend/ })).toBeVisible();
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Copy report' }).click();
    const readClipboard = () => page.evaluate(() => navigator.clipboard.readText());
    await expectPage.poll(readClipboard).toContain("doctor's report");
    const report = await readClipboard();
    expectPage(report).toContain(dataFolder);

    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('link', { name: 'Doctor' }).click();
    await expectPage(page.getByRole('table', { name: 'Checks of this machine' })).toBeVisible();
  });
});
