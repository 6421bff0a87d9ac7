import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, it, vi } from 'vitest';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { describePage, expectPage } from './support/openLab.ts';

/** Creates a home folder with a folder `birds` of eight small images, and an empty one. */
async function createHome(): Promise<string> {
  const home = makeTemporaryFolder();
  mkdirSync(join(home, 'birds'));
  mkdirSync(join(home, 'empty'));
  for (let index = 0; index < 8; index += 1) {
    const background = { r: 30 * index, g: 90, b: 200 - 20 * index };
    const image = sharp({ create: { width: 40, height: 32, channels: 3, background } });
    writeFileSync(join(home, 'birds', `${index}.png`), await image.png().toBuffer());
  }
  return home;
}

describePage('the datasets view', (openLab) => {
  afterEach(() => void vi.unstubAllEnvs());

  it('a dataset is shown with its state, size and sample images', async () => {
    const { page } = await openLab({ address: '#/data' });
    const synthetic = page.getByRole('article', { name: 'Synthetic images' });
    await expectPage(synthetic.getByText('ready')).toBeVisible();
    const sheet = synthetic.getByRole('img', { name: /first images/ });
    const width = () => sheet.evaluate((image: HTMLImageElement) => image.naturalWidth);
    await expectPage.poll(width).toBe(256);
    const cifar = page.getByRole('article', { name: 'CIFAR-10' });
    await expectPage(cifar.getByText('not downloaded')).toBeVisible();
    await expectPage(cifar.getByRole('button', { name: /^Download \d+ MB$/ })).toBeVisible();
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
  });

  it('a folder of images can be added in a browser, verified, and removed from the list without changing it', async () => {
    vi.stubEnv('HOME', await createHome());
    const { page } = await openLab({ address: '#/data' });
    await page.getByRole('button', { name: 'Add folder' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a folder' });
    await expectPage(dialog.getByText('No images directly in this folder.')).toBeVisible();
    await expectPage(dialog.getByRole('button', { name: 'Use this folder' })).toBeDisabled();
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'birds' }).click();
    await expectPage(dialog.getByText('8 images in this folder.')).toBeVisible();
    await dialog.getByRole('button', { name: 'Use this folder' }).click();
    const birds = page.getByRole('article', { name: 'birds' });
    await expectPage(birds.getByText('ready')).toBeVisible();
    await birds.getByRole('button', { name: 'Verify' }).click();
    await expectPage(birds.getByText('Verified, SHA-256')).toBeVisible();
    await birds.getByRole('button', { name: 'Remove' }).click();
    const question = page.getByRole('alertdialog', { name: 'Remove birds from the list?' });
    await question.getByRole('button', { name: 'Remove from the list' }).click();
    await expectPage(birds).toHaveCount(0);
  });

  it('the folder dialog filters folders by name and leads to the parent folder', async () => {
    vi.stubEnv('HOME', await createHome());
    const { page } = await openLab({ address: '#/data' });
    await expectPage(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
    await page.keyboard.press('Control+o');
    const dialog = page.getByRole('dialog', { name: 'Add a folder' });
    await dialog.getByRole('textbox', { name: 'Filter' }).fill('emp');
    await expectPage(dialog.getByRole('button', { name: 'birds' })).toHaveCount(0);
    await dialog.getByRole('button', { name: 'empty' }).click();
    await expectPage(dialog.getByText('No subfolders')).toBeVisible();
    await dialog.getByRole('button', { name: 'Parent folder' }).click();
    await expectPage(dialog.getByRole('button', { name: 'birds' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expectPage(dialog).toHaveCount(0);
  });

  it('a dataset is kept when its removal is not confirmed, and can be chosen for a new run', async () => {
    vi.stubEnv('HOME', await createHome());
    const { page } = await openLab({ address: '#/data' });
    await page.getByRole('button', { name: 'Add folder' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a folder' });
    await dialog.getByRole('button', { name: 'birds' }).click();
    await dialog.getByRole('button', { name: 'Use this folder' }).click();
    const birds = page.getByRole('article', { name: 'birds' });
    await birds.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
    await expectPage(birds).toBeVisible();
    await birds.getByRole('link', { name: 'New run' }).click();
    await expectPage(page.getByRole('radio', { name: /birds/ })).toBeChecked();
  });
});
