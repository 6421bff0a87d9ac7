import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, it, vi } from 'vitest';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { dragFolder, dropFiles } from './support/dropFiles.ts';
import { createPhotograph, imageFile } from './support/imageFiles.ts';
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

  it('a typed path leads to its folder, crumbs lead up, and chosen folders are listed until they are gone', async () => {
    const home = await createHome();
    vi.stubEnv('HOME', home);
    const { page } = await openLab({ address: '#/data' });
    await page.getByRole('button', { name: 'Add folder' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a folder' });
    const path = dialog.getByRole('textbox', { name: 'Path' });
    await expectPage(path).toHaveValue(home);
    await path.fill('~/brids');
    await path.press('Enter');
    await expectPage(
      dialog.getByText(`${home}/brids does not exist. The folders in ${home}: birds, empty.`),
    ).toBeVisible();
    await path.fill(`"${home}/birds"`);
    await path.press('Enter');
    await expectPage(dialog.getByText('8 images in this folder.')).toBeVisible();
    await expectPage(dialog.getByText('does not exist')).toHaveCount(0);
    await expectPage(dialog.getByRole('textbox', { name: 'Filter' })).toBeFocused();
    const crumbs = dialog.getByRole('navigation', { name: 'Folders above' });
    await crumbs.getByRole('button').last().click();
    await expectPage(path).toHaveValue(home);
    await dialog.getByRole('button', { name: 'birds' }).click();
    await dialog.getByRole('button', { name: 'Use this folder' }).click();
    await expectPage(page.getByRole('article', { name: 'birds' })).toBeVisible();
    await page.getByRole('button', { name: 'Add folder' }).click();
    await dialog.getByRole('region', { name: 'Recent' }).getByRole('button', { name: 'birds' }).click();
    await expectPage(path).toHaveValue(`${home}/birds`);
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    renameSync(join(home, 'birds'), join(home, 'moved'));
    await page.getByRole('button', { name: 'Add folder' }).click();
    await expectPage(dialog.getByRole('button', { name: 'birds not found' })).toBeDisabled();
  });

  it('a path that is typed before the first folder is read stays, as does the focus, and leads to its folder', async () => {
    const home = await createHome();
    vi.stubEnv('HOME', home);
    const { page } = await openLab({ address: '#/data' });
    const isAnswered = Promise.withResolvers<boolean>();
    await page.route('**/api/folders.list', async (route) => {
      await isAnswered.promise;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Add folder' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a folder' });
    const path = dialog.getByRole('textbox', { name: 'Path' });
    await path.fill('~/birds');
    isAnswered.resolve(true);
    await expectPage(dialog.getByRole('button', { name: 'birds' })).toBeVisible();
    await expectPage(path).toHaveValue('~/birds');
    await expectPage(path).toBeFocused();
    await page.keyboard.press('Enter');
    await expectPage(dialog.getByText('8 images in this folder.')).toBeVisible();
    await expectPage(path).toHaveValue(`${home}/birds`);
    await expectPage(dialog.getByRole('textbox', { name: 'Filter' })).toBeFocused();
  });

  it('a folder that is dropped on the view asks for its path, and dropped images are filled in as everywhere', async () => {
    const home = await createHome();
    vi.stubEnv('HOME', home);
    const { page } = await openLab({ address: '#/data' });
    await expectPage(page.getByRole('article', { name: 'Synthetic images' })).toBeVisible();
    await dragFolder(page, 'birds', 'dragover');
    await expectPage(page.getByText('Drop a folder to add it to the datasets')).toBeVisible();
    await dragFolder(page, 'birds', 'drop');
    const dialog = page.getByRole('dialog', { name: 'Add a folder' });
    await expectPage(dialog.getByRole('status')).toContainText('Type or paste the path of “birds”');
    const path = dialog.getByRole('textbox', { name: 'Path' });
    await expectPage(path).toHaveValue(home);
    await expectPage(path).toBeFocused();
    await path.fill('birds');
    await path.press('Enter');
    await expectPage(path).toHaveValue(`${home}/birds`);
    await dialog.getByRole('button', { name: 'Use this folder' }).click();
    await expectPage(page.getByRole('article', { name: 'birds' })).toBeVisible();
    await dropFiles(page, [imageFile('photo.png', await createPhotograph({ width: 64, height: 48 }))]);
    await expectPage(page).toHaveURL(/#\/images\/\w+/);
  });

  it('a folder that is dropped on the datasets of the new run form is chosen for the run', async () => {
    const home = await createHome();
    vi.stubEnv('HOME', home);
    const { page } = await openLab({ address: '#/new' });
    await expectPage(page.getByRole('radio', { name: /^Synthetic/ })).toBeChecked();
    await dragFolder(page, 'birds', 'dragover', '#datasets-title');
    await expectPage(page.getByText('Drop a folder to train on its images')).toBeVisible();
    await dragFolder(page, 'birds', 'drop', '#datasets-title');
    const path = page.getByRole('dialog', { name: 'Add a folder' }).getByRole('textbox', { name: 'Path' });
    await expectPage(path).toHaveValue(home);
    await path.fill('birds');
    await path.press('Enter');
    await page.getByRole('button', { name: 'Use this folder' }).click();
    await expectPage(page.getByRole('radio', { name: /birds/ })).toBeChecked();
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
