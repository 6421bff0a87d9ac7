import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { it } from 'vitest';
import { insertPngText } from '../../shared/images/pngText.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { copyFile, dragFiles, dropFiles, pasteFile } from './support/dropFiles.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { drawPixels, createPhotograph, imageFile, type ImageFile } from './support/imageFiles.ts';
import { seedRuns } from './support/seedRuns.ts';

const size = { width: 64, height: 48 };

async function choose(page: Page, button: string, files: readonly ImageFile[] | string): Promise<void> {
  const chosen = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: button, exact: true }).click();
  await (await chosen).setFiles(typeof files === 'string' ? files : files.map((file) => ({ ...file })));
}

async function photograph(name = 'harbour.png', from = size): Promise<ImageFile> {
  return imageFile(name, await createPhotograph(from));
}

/** Reads the pixels of the open image as they were imported. */
async function readImported(page: Page): Promise<{ width: number; height: number; data: Buffer }> {
  await expectPage(page).toHaveURL(/#\/images\/[0-9a-f]{16}$/);
  const id = new URL(page.url()).hash.split('/')[2];
  const answer = await page.request.get(new URL(`/media/pictures/${id}.png`, page.url()).href);
  const { data, info } = await sharp(await answer.body())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

describePage('importing your images', (openLab) => {
  const openShared = openLab.shared();
  const open = (address = '#/images') => openShared(address);

  it('the pixels of a PNG are reconstructed exactly as stored', async () => {
    const { page } = await open();
    await choose(page, 'Open images', [await photograph()]);
    await expectPage(page.getByRole('heading', { level: 1, name: 'harbour.png' })).toBeVisible();
    const { data, ...imported } = await readImported(page);
    expectPage(imported).toEqual(size);
    expectPage(data.equals(drawPixels(size))).toBe(true);
  });

  it('the address of earlier versions leads to the same view', async () => {
    const { page } = await open('#/pictures?from=abcdefgh');
    await expectPage(page).toHaveURL(/#\/images\?from=abcdefgh$/);
  });

  it('a dropped image is imported upright from any view', async () => {
    const { page } = await open('#/settings');
    const rotated = await sharp(await createPhotograph(size))
      .rotate(270)
      .jpeg({ quality: 95 })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const files = [imageFile('portrait.jpg', rotated, 'image/jpeg')];
    await expectPage(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
    await dragFiles(page, files);
    await expectPage(page.getByText('Drop images or a folder to fill them in')).toBeVisible();
    await dropFiles(page, files);
    await expectPage(page.getByText('Drop images or a folder to fill them in')).toHaveCount(0);
    await expectPage(page.getByRole('heading', { level: 1, name: 'portrait.jpg' })).toBeVisible();
    const { data, ...imported } = await readImported(page);
    expectPage(imported).toEqual(size);
    const errors = drawPixels(size).map((byte, index) => Math.abs(byte - data[index]));
    expectPage(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(6);
  });

  it('transparent parts of a pasted image are shown over the chosen background', async () => {
    const { page } = await open();
    await page.getByLabel('Hide transparent parts').uncheck();
    await page.getByLabel('Background of transparent parts').fill('#204060');
    const background = { r: 255, g: 0, b: 0, alpha: 0 };
    const clear = await sharp({ create: { width: 9, height: 5, channels: 4, background } })
      .png()
      .toBuffer();
    await pasteFile(page, imageFile('image.png', clear));
    await expectPage(page.getByText('9 × 5 pixels')).toBeVisible();
    expectPage([...(await readImported(page)).data.subarray(0, 3)]).toEqual([0x20, 0x40, 0x60]);
  });

  it('transparent parts can be hidden, inpainted and left out of the scores', async () => {
    const { page } = await open();
    const rgba = Uint8Array.from({ length: 9 * 5 * 4 }, (_, index) =>
      index % 4 === 3 && index < 36 ? 0 : 255,
    );
    const hole = await sharp(rgba, { raw: { width: 9, height: 5, channels: 4 } })
      .png()
      .toBuffer();
    await pasteFile(page, imageFile('hole.png', hole));
    await expectPage(page.getByText('36 of 45 pixels known')).toBeVisible();
    await expectPage(page.getByText('This image has transparent parts.')).toBeVisible();
    await expectPage(page.getByLabel('Original is known: measure the error')).toBeDisabled();
    await page.getByRole('button', { name: 'Hide all' }).click();
    await page.getByRole('button', { name: 'Hide transparent parts only' }).click();
    await expectPage(page.getByText('36 of 45 pixels known')).toBeVisible();
  });

  it('an image that is too large is reduced', async () => {
    const { page } = await open();
    const create = { width: 8064, height: 6048, channels: 3, background: '#336699' } as const;
    const photo = await sharp({ create }).png({ compressionLevel: 6 }).toBuffer();
    await choose(page, 'Open images', [imageFile('photo.png', photo)]);
    await expectPage(
      page.getByText('48.8 megapixels; at most 40 megapixels can be used at full size.'),
    ).toBeVisible();
    await page.getByRole('button', { name: 'Use a reduced copy' }).click();
    await expectPage(page.getByText('4032 × 3024 pixels. It was reduced from 8064 × 6048')).toBeVisible();
  });

  it('the shortcut imports from the clipboard and reports one without an image', async () => {
    const { page } = await open('#/doctor');
    await expectPage(page.getByRole('heading', { level: 1, name: 'Doctor' })).toBeVisible();
    await copyFile(page, await photograph());
    await page.keyboard.press('v');
    await expectPage(page.getByRole('heading', { level: 1, name: 'pasted image' })).toBeVisible();
    expectPage((await readImported(page)).data.equals(drawPixels(size))).toBe(true);
    await page.evaluate('navigator.clipboard.writeText("words")');
    await page.keyboard.press('v');
    await expectPage(page.getByText('No images found.')).toBeVisible();
  });

  it('greyscale images and images of 16 bits are imported', async () => {
    const { page } = await open();
    const grey = sharp(drawPixels(size), { raw: { ...size, channels: 3 } }).toColourspace('grey16');
    await choose(page, 'Open images', [imageFile('deep.png', await grey.png().toBuffer())]);
    await expectPage(page.getByRole('heading', { level: 1, name: 'deep.png' })).toBeVisible();
    const { data } = await readImported(page);
    expectPage(data[0]).toBe(data[1]);
    expectPage(data[1]).toBe(data[2]);
  });

  it('a folder is imported except for broken files, which are named', async () => {
    const { page } = await openLab({ address: '#/images' });
    const folder = makeTemporaryFolder();
    mkdirSync(join(folder, 'inner'));
    const good = await createPhotograph(size);
    const bomb = Buffer.from(good);
    bomb.writeUInt32BE(20_000, 16);
    bomb.writeUInt32BE(20_000, 20);
    const files: Record<string, Buffer> = {
      'a.png': good,
      'text.png': Buffer.from('no image at all'),
      'empty.jpg': Buffer.alloc(0),
      'bomb.png': bomb,
      'cut.png': good.subarray(0, good.length / 2),
      '.hidden': Buffer.from('x'),
      'wrong-name.gif': await sharp(good).jpeg().toBuffer(),
      'inner/b.webp': await sharp(good).webp().toBuffer(),
    };
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    await choose(page, 'Open folder', folder);
    await expectPage(page.getByText('7 files, 4 failed')).toBeVisible();
    for (const [name, words] of [
      ['text.png', 'This is not a PNG, JPEG or WebP image'],
      ['empty.jpg', 'The file is empty.'],
      ['bomb.png', 'at most 40 megapixels can be used at full size'],
      ['cut.png', 'cut short'],
      ['wrong-name.gif', '64 × 48 pixels'],
      ['b.webp', '64 × 48 pixels'],
    ]) {
      const row = page.getByRole('listitem').filter({ hasText: name });
      await expectPage(row).toContainText(words);
    }
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
  });

  it('a result of this application opens its run, or is described and imported like any image', async () => {
    let ids: Record<string, string> = {};
    const lab = { address: '#/images', expectedErrors: /404|Failed to load/ };
    const { page } = await openLab({ ...lab, seed: async (store) => void (ids = await seedRuns(store)) });
    const save = async (name: string, runId: string) => {
      const provenance = {
        inpaintingId: 'zzzzzzzz',
        runId,
        runName: 'first try',
        checkpointStep: 1500,
        checkpointSha256: 'a'.repeat(64),
        pictureId: '0123456789abcdef',
        version: '0.1.0',
        mask: { kind: 'drawn' },
      };
      const png = insertPngText(await createPhotograph(size), 'sparse-field-lab', JSON.stringify(provenance));
      return imageFile(name, Buffer.from(png));
    };
    await dropFiles(page, [await save('strange.png', 'zzzzzzzz')]);
    await expectPage(page.getByText('Neither the result nor the run is in this library.')).toBeVisible();
    await page.getByRole('button', { name: 'Use as image' }).click();
    await expectPage(page.getByText('64 × 48 pixels')).toBeVisible();
    await dropFiles(page, [await save('result.png', ids['first try'])]);
    await expectPage(page).toHaveURL(new RegExp(`#/runs/${ids['first try']}`));
  });
});
