import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { it } from 'vitest';
import { forkHost } from '../../main/jobs/computeHost.ts';
import { posteriorMean } from '../../shared/inpainting.ts';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { dropFiles } from './support/dropFiles.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { createPhotograph, imageFile } from './support/imageFiles.ts';
import { seedRuns } from './support/seedRuns.ts';

const size = { width: 64, height: 48 };

describePage('the mask studio', (openLab) => {
  const open = openLab.shared({ seed: seedRuns });
  const openWithoutRuns = openLab.shared({ createHost: forkHost });
  let images = 0;

  /** Imports an image of which the page does not yet keep a mask. */
  async function openImage(): Promise<Page> {
    const { page } = await open('#/images');
    images += 1;
    const pixels = await sharp(await createPhotograph(size))
      .linear(1, images)
      .png()
      .toBuffer();
    await dropFiles(page, [imageFile('harbour.png', pixels)]);
    await expectPage(page.getByText('614 of 3072 pixels known, 19.99 %')).toBeVisible();
    return page;
  }
  const expectKnown = (page: Page, text: string | RegExp) =>
    expectPage(page.locator('.legend')).toContainText(text);
  const stage = (page: Page) => page.getByRole('group', { name: /^Mask: arrow keys/ });

  async function choosePattern(page: Page, title: string): Promise<void> {
    await page.getByRole('combobox', { name: 'Pattern' }).press('ArrowDown');
    // Once the list is open, it scrolls to its chosen entry and focuses it.
    await expectPage(page.locator('[role=option]:focus')).toHaveCount(1);
    await page.getByRole('option', { name: title, exact: true }).click();
  }

  it('a mask drawn by a rule is used for the inpainting of the image', async () => {
    const page = await openImage();
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
    await page.getByLabel('Known', { exact: true }).fill('50');
    await page.keyboard.press('Enter');
    await expectKnown(page, '1536 of 3072 pixels known, 50.00 %');
    await page.getByLabel('Known', { exact: true }).fill('150');
    await page.keyboard.press('Enter');
    await expectPage(page.getByText('Found 150, expected a number from 0.01 to 100.')).toBeVisible();
    await expectPage(page.getByText('Perceiver IO · in tiles of 32')).toBeVisible();
    const startRequest = page.waitForRequest(/inpaint\.start$/);
    await page.keyboard.press('Control+Enter');
    expectPage((await startRequest).postDataJSON()).toMatchObject({
      mask: { kind: 'drawn', pattern: 'uniform', keepRatio: 0.5, seed: 42 },
      truthIsKnown: true,
      ...posteriorMean,
      scale: 1,
      fit: 'whole',
    });
    await expectPage(page).toHaveURL(/#\/inpaintings\/[a-z2-7]{8}$/);
  });

  it('the list of methods says what runs were trained on, recommends one, and finds runs by their masks', async () => {
    const page = await openImage();
    const method = page.getByRole('combobox', { name: 'Method' });
    await expectPage(page.getByText(/^Time: (up to|about|under)? ?\d/)).toBeVisible();
    await method.click();
    const options = page.getByRole('option');
    await expectPage(options.first()).toContainText('Recommended');
    await expectPage(options.first()).toContainText('trained on random pixels of 32 × 32 images');
    await expectPage(options.first()).toContainText(/Best \d\d\.\d\d dB on /);
    await expectPage(page.getByText('Recommended', { exact: true })).toHaveCount(1);
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
    await method.fill('synthetic random try');
    await expectPage(options).toHaveCount(1);
    await expectPage(options).toContainText('first try');
    await page.keyboard.press('Enter');
    await expectPage(method).toHaveValue('first try');
  });

  it('a mixture draws a mask of one of its laws, another one for another seed', async () => {
    const page = await openImage();
    await choosePattern(page, 'Mixture of laws');
    const mixture = page.getByLabel('Laws of the mixture');
    await mixture.fill('text keep=0.5, strokes keep=2');
    await mixture.blur();
    await expectPage(page.getByText('keep is "2". Expected a number above 0 and up to 1')).toBeVisible();
    await mixture.fill('text keep=0.5, strokes keep=0.75');
    await mixture.blur();
    await expectPage(page.getByLabel('Known', { exact: true })).toHaveCount(0);
    await expectKnown(page, /^(?:1536|2304) of 3072 pixels known/);
    await page.getByLabel('Seed', { exact: true }).fill('3');
    await page.keyboard.press('Enter');
    await expectKnown(page, /^(?:1536|2304) of 3072 pixels known/);
    const startRequest = page.waitForRequest(/inpaint\.start$/);
    await page.keyboard.press('Control+Enter');
    expectPage((await startRequest).postDataJSON()).toMatchObject({
      mask: { kind: 'drawn', pattern: 'mixture', mixture: 'text keep=0.5, strokes keep=0.75', seed: 3 },
    });
    await expectPage(page).toHaveURL(/#\/inpaintings\/[a-z2-7]{8}$/);
  });

  it('whoever has gone to another view before an inpainting has been started stays there, and is offered its page', async () => {
    const page = await openImage();
    const { promise: released, resolve: release } = Promise.withResolvers<null>();
    await page.route('**/api/inpaint.start', async (route) => {
      await released;
      await route.continue();
    });
    const started = page.waitForRequest(/inpaint\.start$/);
    await page.getByRole('button', { name: 'Fill in the image' }).click();
    await started;
    await page.getByRole('link', { name: 'Datasets' }).click();
    await expectPage(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
    release(null);
    const notice = page.getByRole('log', { name: 'Notices' });
    await expectPage(notice).toContainText('The inpainting of harbour.png has been started.');
    await expectPage(page).toHaveURL(/#\/data$/);
    await notice.getByRole('button', { name: 'Open' }).first().click();
    await expectPage(page).toHaveURL(/#\/inpaintings\/[a-z2-7]{8}$/);
  });

  it('a hole larger than any of the training is named below the run, and nothing is for random pixels', async () => {
    const page = await openImage();
    const warning = page.getByText(/^Trained on random pixels of 32 × 32 images/);
    await choosePattern(page, 'All but blocks');
    await expectPage(warning).toContainText('will look blurred');
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
    await choosePattern(page, 'Random pixels');
    await expectPage(warning).toHaveCount(0);
  });

  it('strokes of the pointer can be undone and redone, and a painted mask counts as damage', async () => {
    const page = await openImage();
    await page.getByRole('button', { name: 'Reveal all' }).click();
    await expectKnown(page, '3072 of 3072 pixels known, 100 %');
    await expectPage(page.getByText('All pixels are known')).toBeVisible();
    await page.keyboard.press('r');
    const box = await stage(page).boundingBox();
    if (!box) throw new Error('The stage is not shown.');
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    await page.mouse.move(middle.x - 4, middle.y - 4);
    await page.mouse.down();
    await page.mouse.move(middle.x + 4, middle.y + 4, { steps: 3 });
    await page.mouse.up();
    await expectKnown(page, '3068 of 3072');
    await page.keyboard.press('Control+z');
    await expectKnown(page, '3072 of 3072');
    await page.keyboard.press('Control+Shift+z');
    await expectKnown(page, '3068 of 3072');
    await expectPage(page.getByText('The hidden pixels are damaged.')).toBeVisible();
    const maskRequest = page.waitForRequest(/masks\.add$/);
    const startRequest = page.waitForRequest(/inpaint\.start$/);
    await page.getByRole('button', { name: 'Fill in the image' }).click();
    await maskRequest;
    const { mask, truthIsKnown } = (await startRequest).postDataJSON() as Record<string, unknown>;
    expectPage(mask).toEqual({ kind: 'painted', maskId: expectPage.stringMatching(/^[0-9a-f]{16}$/) });
    expectPage(truthIsKnown).toBe(false);
    await expectPage(page).toHaveURL(/#\/inpaintings\//);
    const id = page.url().split('/').at(-1);
    await page.goBack();
    await expectKnown(page, '3068 of 3072');
    // The view starts again with the mask and the settings of that inpainting.
    await page.goto(`${page.url()}?from=${id}`);
    await page.reload();
    await expectKnown(page, '3068 of 3072');
    await expectPage(page.getByText('The hidden pixels are damaged.')).toBeVisible();
    await expectPage(page.getByRole('heading', { level: 1, name: 'harbour.png' })).toBeVisible();
  });

  it('a mask is kept for the next image of any size, and the studio has no accessibility fault in the dark theme', async () => {
    const { page } = await openWithoutRuns('#/images');
    await page.emulateMedia({ colorScheme: 'dark' });
    await dropFiles(page, [imageFile('first.png', await createPhotograph(size))]);
    await expectKnown(page, '614 of 3072');
    await page.getByRole('button', { name: 'Keep mask' }).click();
    await dropFiles(page, [imageFile('second.png', await createPhotograph({ width: 64, height: 144 }))]);
    await expectKnown(page, '1843 of 9216');
    await page.getByRole('button', { name: 'Use kept mask' }).click();
    await expectKnown(page, `${3 * 614} of 9216`);
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
  });

  it('a mask can be painted by keyboard alone', async () => {
    const page = await openImage();
    await page.getByRole('button', { name: 'Reveal all' }).click();
    await stage(page).focus();
    for (const key of ['[', 'Space', 'ArrowRight', 'ArrowRight', 'Space', 'ArrowRight'])
      await page.keyboard.press(key);
    await expectKnown(page, '3069 of 3072');
    for (const key of ['e', 'ArrowLeft', 'Space', 'Space']) await page.keyboard.press(key);
    await expectKnown(page, '3070 of 3072');
    for (const key of ['l', 'Space', 'Shift+ArrowUp', 'Shift+ArrowLeft', 'Escape'])
      await page.keyboard.press(key);
    await expectKnown(page, '3070 of 3072');
    for (const key of ['r', 'Space', 'Shift+ArrowUp', 'Shift+ArrowLeft', 'Enter'])
      await page.keyboard.press(key);
    await expectPage(page.locator('.legend')).not.toContainText('3070 of 3072');
    await page.keyboard.press('i');
    await page.keyboard.press('+');
    await expectPage(page.getByRole('button', { name: 'Fit to view' })).toBeEnabled();
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
  });

  it('masks are saved and loaded as PNG with white for known pixels, and one of another size is refused', async () => {
    const page = await openImage();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save mask' }).click();
    const download = await saved;
    expectPage(download.suggestedFilename()).toBe('harbour-mask.png');
    const png = readFileSync(await download.path());
    const bytes = await sharp(png).greyscale().raw().toBuffer();
    expectPage(bytes.filter((byte) => byte === 255)).toHaveLength(614);
    expectPage(bytes.filter((byte) => byte === 0)).toHaveLength(3072 - 614);
    await page.getByRole('button', { name: 'Hide all' }).click();
    await expectPage(page.getByText('No pixels are known. Reveal at least one.')).toBeVisible();
    const load = async (name: string, buffer: Buffer) => {
      const chosen = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Load mask' }).click();
      await (await chosen).setFiles([imageFile(name, buffer)].map((file) => ({ ...file })));
    };
    await load('small.png', await sharp(png).resize(10, 10).png().toBuffer());
    await expectPage(page.getByText('The mask has 10 × 10 pixels, the image 64 × 48.')).toBeVisible();
    await load('mask.png', png);
    await expectKnown(page, '614 of 3072');
    const disc = Uint8Array.from({ length: 3072 }, (_, pixel) =>
      Math.hypot((pixel % 64) - 30, Math.floor(pixel / 64) - 20) < 9 ? 1 : 0,
    );
    const hole = await sharp(disc, { raw: { ...size, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    await load('hole.png', hole);
    const count = disc.reduce((sum, bit) => sum + bit, 0);
    await expectKnown(page, `${count} of 3072`);
    await page.getByText('Does white mark the hole instead?').waitFor();
    await page.getByRole('button', { name: 'Invert' }).last().click();
    await expectKnown(page, `${3072 - count} of 3072`);
  });

  it('a Bayer pattern counts values, is painted over in all channels, saved and loaded as it is, and filled in by a classical method alone', async () => {
    const page = await openImage();
    await choosePattern(page, 'Bayer pattern');
    await expectKnown(page, '3072 of 9216 values of red, green and blue known, 33.33 %');
    await expectPage(page.getByLabel('Known', { exact: true })).toHaveCount(0);
    await expectPage(page.locator('#start-obstacle')).toContainText(
      'This mask shows single channels of pixels',
    );
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
    const method = page.getByRole('combobox', { name: 'Method' });
    await method.click();
    await method.fill('thin plate');
    await page.keyboard.press('Enter');
    await expectPage(page.locator('#start-obstacle')).toHaveCount(0);
    await stage(page).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Space');
    await expectKnown(page, '3067 of 9216 values');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save mask' }).click(),
    ]);
    const file = readFileSync(await download.path());
    const bytes = await sharp(file).removeAlpha().raw().toBuffer();
    expectPage(bytes.filter((byte) => byte === 255).length).toBe(3067);
    await page.keyboard.press('Control+z');
    await expectKnown(page, '3072 of 9216 values');
    const chooserOpens = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Load mask' }).click();
    await (await chooserOpens).setFiles(imageFile('mosaic.png', file));
    await expectKnown(page, '3067 of 9216 values');
    await expectPage(page.getByText('Each of its channels is a mask of its own: 33 %')).toBeVisible();
    const maskRequest = page.waitForRequest(/masks\.add$/);
    await page.getByRole('button', { name: 'Fill in the image' }).click();
    await maskRequest;
    await expectPage(page).toHaveURL(/#\/inpaintings\/[a-z2-7]{8}$/);
  });

  it('one inpainting with the same settings is started for each imported image', async () => {
    const { page } = await openLab({ address: '#/images', seed: seedRuns });
    const names = ['one.png', 'two.png', 'three.png'];
    const files = names.map(async (name, index) =>
      imageFile(name, await createPhotograph({ width: 32 + index, height: 32 })),
    );
    await dropFiles(page, await Promise.all(files));
    await page.getByRole('link', { name: 'Fill in all 3' }).click();
    await expectPage(page.getByLabel('Apply to all 3 images')).toBeChecked();
    const requests: Record<string, unknown>[] = [];
    page.on('request', (one) => {
      if (one.url().endsWith('inpaint.start')) requests.push(one.postDataJSON() as Record<string, unknown>);
    });
    await page.getByRole('button', { name: 'Fill in 3 images' }).click();
    await expectPage(page.getByText('3 inpaintings started.')).toBeVisible();
    expectPage(new Set(requests.map(({ pictureId }) => pictureId)).size).toBe(3);
    const without = requests.map(({ pictureId: _id, ...rest }) => JSON.stringify(rest));
    expectPage(new Set(without).size).toBe(1);
  });

  it('images are filled in with the masks of their names, inverted on request', async () => {
    const { page } = await openLab({ address: '#/images', seed: seedRuns });
    const [one, two, three] = [20, 30, 40];
    const photos = [one, two, three].map(async (width) =>
      imageFile(`photo${width}.png`, await createPhotograph({ width, height: 24 })),
    );
    await dropFiles(page, await Promise.all(photos));
    await expectPage(page.getByRole('link', { name: 'Fill in all 3' })).toBeVisible();
    /** A white block of 10 × 10 pixels on black. */
    const block = (width: number) =>
      sharp({ create: { width, height: 24, channels: 3, background: 'black' } })
        .composite([
          { input: { create: { width: 10, height: 10, channels: 3, background: 'white' } }, left: 5, top: 5 },
        ])
        .png()
        .toBuffer();
    const masks = [
      imageFile(`photo${one}.png`, await block(one)),
      imageFile(`photo${two}_mask.png`, await block(two)),
      imageFile('other.png', await block(one)),
    ];
    const chosen = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Load masks' }).click();
    await (await chosen).setFiles(masks.map((file) => ({ ...file })));
    await expectPage(page.getByText('Masks loaded for 2 images.')).toBeVisible();
    await expectPage(page.getByText('No image for 1 file: other.png.')).toBeVisible();
    const row = page.getByRole('listitem').filter({ hasText: `Mask photo${two}_mask.png: 13.9 % known.` });
    await row.getByRole('button', { name: 'Invert?' }).click();
    await expectPage(page.getByText(`Mask photo${two}_mask.png, inverted: 86.1 % known.`)).toBeVisible();
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'Fill in all 3' }).click();
    await expectKnown(page, '100 of 480 pixels known');
    await expectPage(page.getByText('1 other image with a loaded mask.')).toBeVisible();
    const requests: { mask: { kind: string }; truthIsKnown: boolean }[] = [];
    page.on('request', (sent) => {
      if (sent.url().endsWith('inpaint.start')) requests.push(sent.postDataJSON());
    });
    await page.getByRole('button', { name: 'Fill in 2 images' }).click();
    await expectPage(page.getByText('2 inpaintings started.')).toBeVisible();
    await expectPage(page.getByRole('heading', { name: 'Batch of 2 images' })).toBeVisible();
    expectPage(requests.map(({ mask, truthIsKnown }) => [mask.kind, truthIsKnown])).toEqual([
      ['painted', false],
      ['painted', false],
    ]);
  });

  it('a photograph opened to be mended has no hidden pixels until they are painted over', async () => {
    const { page } = await openWithoutRuns('#/runs');
    const choosing = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Open photograph' }).click();
    const photograph = imageFile('scratched.png', await createPhotograph({ width: 60, height: 48 }));
    await (await choosing).setFiles(photograph);
    await expectKnown(page, '2880 of 2880 pixels known, 100 %');
    await expectPage(page.getByText(/nothing to fill in\. Paint over what to hide/)).toBeVisible();
    const box = await stage(page).boundingBox();
    if (!box) throw new Error('The studio shows no image.');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 20, box.y + box.height / 2 + 10, { steps: 3 });
    await page.mouse.up();
    await expectPage(page.locator('.legend')).not.toContainText('100 %');
    await page.getByRole('button', { name: 'Fill in the image' }).click();
    await expectPage(page.getByRole('heading', { name: 'Tension spline' })).toBeVisible();
    await expectPage(page.getByText('painted', { exact: true })).toBeVisible();
  });

  it('a fresh installation fills in an image by a classical method, and offers to train a network', async () => {
    const { page } = await openWithoutRuns('#/images');
    await dropFiles(page, [imageFile('harbour.png', await createPhotograph(size))]);
    const method = page.getByRole('combobox', { name: 'Method' });
    await expectPage(method).toHaveValue('Tension spline');
    await expectPage(page.getByText('One sample', { exact: true })).toHaveCount(0);
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
    await method.click();
    const titles = ['Tension spline', 'Biharmonic', 'Thin plate', 'Telea (fast marching)'];
    for (const title of titles) await expectPage(page.getByRole('option', { name: title })).toBeVisible();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Fill in the image' }).click();
    await expectPage(page.getByRole('heading', { name: 'Tension spline' })).toBeVisible();
    const scores = page.getByRole('region', { name: 'Scores' });
    await expectPage(scores.getByRole('rowheader')).toHaveText([
      'tension spline (result)',
      'thin plate',
      'biharmonic',
      'Telea',
    ]);
    await expectPage(page.getByRole('heading', { name: 'Compute again' })).toHaveCount(0);
    await expectPage(page.getByText(/sample|NFE|checkpoint/i)).toHaveCount(0);
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'Edit mask and settings' }).click();
    await expectPage(method).toHaveValue('Tension spline');
    await page.getByRole('link', { name: 'New run' }).last().click();
    await expectPage(page.getByRole('heading', { level: 1, name: 'New run' })).toBeVisible();
  });
});
