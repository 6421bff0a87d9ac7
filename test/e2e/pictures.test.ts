import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import sharp from 'sharp';
import { it } from 'vitest';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { makePhotograph, pictureFile, type PictureFile } from './support/pictureFiles.ts';
import { dropFiles, pasteFile } from './support/dropFiles.ts';
import { describePage } from './support/openLab.ts';
import { seedRuns } from './support/seedRuns.ts';

async function openFiles(page: Page, files: readonly PictureFile[]): Promise<void> {
  const chosen = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open pictures' }).click();
  await (await chosen).setFiles(files.map((file) => ({ ...file })));
}

describePage('own pictures', (openLab) => {
  const openSeeded = (address = '#/pictures') =>
    openLab({ address, seed: async (store) => void (await seedRuns(store)) });

  it('one picture leads to its own view, where part of it is known, and to its inpainting', async () => {
    const { page } = await openSeeded();
    await openFiles(page, [pictureFile('harbour.png', await makePhotograph({ width: 64, height: 48 }))]);
    await expect(page.getByRole('heading', { level: 1, name: 'harbour.png' })).toBeVisible();
    await expect(page.getByText('64 × 48 pixels')).toBeVisible();
    await expect(page.getByText('614 of 3072 pixels known, 19.99 %')).toBeVisible();
    expect(await findAccessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Fill in the picture' }).click();
    await expect(page).toHaveURL(/#\/inpaintings\/[a-z2-7]{8}$/);
  });
});
