import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { expect, it } from 'vitest';
import { figureKeyword } from '../../shared/figureOrigin.ts';
import { readPngText } from '../../shared/images/pngText.ts';
import { openComparison } from './support/openComparison.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { seedComparison } from './support/seedComparison.ts';
import { seedPaths } from './support/seedPaths.ts';

const scores = (page: Page) => page.getByRole('list', { name: 'PSNR of this preview' }).getByRole('listitem');

/** Whether a pane shows anything but its background. */
async function isDrawn(page: Page, name: RegExp): Promise<boolean> {
  return page.getByRole('img', { name }).evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const pixels = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data;
    return pixels?.some((byte) => byte !== 0) ?? false;
  });
}

describePage('images and charts of compared runs', (openLab) => {
  const open = openLab.shared({ seed: seedComparison });

  it('previews replace images that evaluations did not store, at one step for all runs or the last step of a run', async () => {
    const { page, seeded } = await open();
    const { runs } = seeded;
    await openComparison(page, [runs['wider network'], runs['big steps']], 'images');
    await expectPage(page.getByText('Showing previews from the training instead.')).toBeVisible();
    await expectPage(scores(page)).toHaveText([/wider network.* at step 1250/, /big steps.* at step 250/]);
    await page.keyboard.press('ArrowLeft');
    await expectPage(scores(page)).toHaveText([/at step 1000/, /at step 250/]);
    await page.keyboard.press('Home');
    await expectPage(scores(page)).toHaveText([/at step 0/, /at step 0/]);
    await page.keyboard.press('ArrowRight');
    await expectPage(scores(page)).toHaveText([/at step 250/, /at step 250/]);
    for (const name of [/^Truth/, /^wider network, step 250/, /^big steps, step 250/])
      await expectPage.poll(() => isDrawn(page, name)).toBe(true);
    // The same image at the same step: the seeded previews agree.
    const [first, second] = (await scores(page).allTextContents()).map((text) => /[\d.]+ dB/.exec(text)?.[0]);
    expect(first).toBe(second);
    await page.getByRole('button', { name: 'Image 3' }).click();
    await expectPage
      .poll(async () => (await scores(page).first().textContent()) ?? '')
      .not.toContain(first ?? '');
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await expectPage(page.getByRole('button', { name: 'Fit to view' })).toBeEnabled();
  });

  it('a point of the scatter plot opens its image by pointer and by keyboard', async () => {
    const { page, seeded } = await open();
    const { runs } = seeded;
    await openComparison(page, [runs['wider network'], runs['big steps']], 'pairs');
    const dots = page.getByRole('listbox', { name: /^Images in big steps against wider network/ });
    await dots.focus();
    await page.keyboard.press('End');
    const option = dots.getByRole('option');
    await expectPage(option).toHaveText(/^Image \d+, [−+].*dB$/);
    const image = /\d+/.exec((await option.textContent()) ?? '')?.[0];
    const before = await findCorner(dots);
    const dot = await findCorner(option);
    await page.keyboard.press('Enter');
    await expectPage(page).toHaveURL(new RegExp(`tab=images&image=${image}$`));
    await page.goBack();
    await dots.scrollIntoViewIfNeeded();
    // The chart may have moved; a dot has a radius of 7 pixels.
    const chart = await findCorner(dots);
    await page.mouse.click(chart.x + dot.x - before.x + 7, chart.y + dot.y - before.y + 7);
    await expectPage(page).toHaveURL(new RegExp(`tab=images&image=${image}$`));
  });

  it('curves can be drawn over the number of images seen, which is steps times batch size', async () => {
    const { page, seeded } = await open();
    const { runs } = seeded;
    await openComparison(page, [runs['wider network'], runs['night run']], 'charts');
    await page.getByRole('combobox', { name: 'x axis' }).press('ArrowDown');
    await page.getByRole('option', { name: 'Images seen' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save Loss' }).click();
    await page.getByText('SVG on white', { exact: true }).click();
    const stream = await (await download).createReadStream();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toContain('Images seen');
  });
});

async function findCorner(element: Locator): Promise<{ x: number; y: number }> {
  const box = await element.boundingBox();
  if (!box) throw new Error('The element is not shown.');
  return box;
}

describePage('intermediate states of the samples of compared runs', (openLab) => {
  const states = (page: Page) => page.getByRole('list', { name: 'PSNR of this state' }).getByRole('listitem');
  const open = openLab.shared({
    async seed(store) {
      const seeded = await seedComparison(store);
      await seedPaths(store, seeded.runs);
      return seeded;
    },
  });
  const openPaths = async (names: readonly string[]) => {
    const { page, seeded } = await open();
    await openComparison(
      page,
      names.map((name) => seeded.runs[name]),
      'images&image=2',
    );
    await page.getByRole('button', { name: 'Along the path' }).click();
    return page;
  };

  it('all runs show the requested time or the nearest earlier one', async () => {
    const page = await openPaths(['wider network', 'big steps']);
    await expectPage(states(page)).toHaveText([
      /wider network.* dB at t = 1\.00/,
      /big steps.* dB at t = 1\.00/,
    ]);
    const image = page.getByRole('slider', { name: 'Image' });
    await expectPage(image).toHaveAttribute('aria-valuetext', 'image 2 of 12');
    await page.keyboard.press('ArrowLeft');
    await expectPage(states(page)).toHaveText([/dB at t = 0\.75/, /dB at t = 0\.50/]);
    for (const name of [
      /^Truth/,
      /^wider network, t = 0\.75 · one sample \(Heun\)/,
      /^big steps, t = 0\.50 · one sample \(Heun\)/,
    ])
      await expectPage.poll(() => isDrawn(page, name)).toBe(true);
    await page.keyboard.press('Home');
    await expectPage(states(page)).toHaveText([/dB at t = 0\.00/, /dB at t = 0\.00/]);
    const atStart = await states(page).allTextContents();
    await page.keyboard.press('ArrowRight');
    await expectPage(states(page)).toHaveText([/dB at t = 0\.25/, atStart[1]]);
  });

  it('the chosen image is shown here and with the evaluation, and a saved figure describes its content', async () => {
    const page = await openPaths(['wider network', 'big steps']);
    const before = (await states(page).allTextContents()).join();
    await page.getByRole('button', { name: 'Next image' }).click();
    await expectPage(page).toHaveURL(/tab=images&image=3$/);
    await expectPage.poll(async () => (await states(page).allTextContents()).join()).not.toBe(before);
    await page.getByRole('button', { name: 'Previous state' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save comparison as PNG' }).click();
    const file = readFileSync(await (await download).path());
    expect((await download).suggestedFilename()).toBe('path-image-3-t-0.75.png');
    expect(JSON.parse(readPngText(file, figureKeyword) ?? 'null')).toMatchObject({
      images: [2],
      runs: [
        { name: 'wider network', method: 'flow · one sample (heun)', time: 0.75, step: 250 },
        { name: 'big steps', method: 'flow · one sample (heun)', time: 0.5, step: 250 },
      ],
    });
    await page.getByRole('button', { name: 'Evaluation', exact: true }).click();
    await expectPage(page.getByRole('slider', { name: 'Image' })).toHaveAttribute(
      'aria-valuetext',
      'image 3 of 12',
    );
  });

  it('the best classical method is among the images, and the others on request', async () => {
    const page = await openPaths(['wider network', 'big steps']);
    await page.getByRole('button', { name: 'Evaluation', exact: true }).click();
    const ofImage = page.getByRole('list', { name: 'PSNR of this image' });
    await expectPage.poll(() => isDrawn(page, /^thin plate/)).toBe(true);
    await expectPage(ofImage.getByRole('listitem').filter({ hasText: 'thin plate' })).toContainText('dB');
    await expectPage(page.getByRole('img', { name: 'nearest', exact: true })).toBeHidden();
    await page.getByLabel('All classical methods').check();
    await expectPage.poll(() => isDrawn(page, /^nearest/)).toBe(true);
    await expectPage(ofImage.getByRole('listitem').filter({ hasText: 'nearest' })).toContainText('dB');
  });

  it('a run without stored states is named, together with how to store them', async () => {
    const page = await openPaths(['wider network', 'night run']);
    await expectPage(
      page.getByText('No states along the path of “night run” with this protocol.'),
    ).toBeVisible();
    await expectPage(states(page)).toHaveText([/at t = 1\.00/, /night run.*no states kept/]);
    const images = page.getByRole('tabpanel', { name: 'images' });
    await expectPage(images.getByRole('button', { name: 'Evaluate on a common protocol…' })).toBeVisible();
  });
});

describePage('evaluating by a common protocol', (openLab) => {
  it('the evaluations use the chosen dataset, EMA weights and symmetries', async () => {
    const { page, seeded } = await openLab({ seed: seedComparison });
    const { runs } = seeded;
    await openComparison(page, [runs['wider network'], runs['night run']]);
    await page.getByRole('button', { name: 'Evaluate on a common protocol…' }).first().click();
    const dialog = page.getByRole('dialog');
    await expectPage(dialog.getByText('The runs were trained on different data')).toBeVisible();
    await dialog.getByRole('combobox', { name: 'Dataset' }).press('ArrowDown');
    await page.getByRole('option', { name: /^Synthetic images, [\d\s]+test images/ }).click();
    await expectPage(dialog.getByText('The runs were trained on different data')).toBeHidden();
    await dialog.getByRole('combobox', { name: 'Self-ensemble' }).press('ArrowDown');
    await page.getByRole('option', { name: 'With reflections and rotations' }).click();
    const request = page.waitForRequest((sent) => (sent.postData() ?? '').includes('"symmetries"'));
    await dialog.getByRole('button', { name: 'Evaluate 2 runs' }).click();
    expect((await request).postData()).toMatch(/"symmetries":8.*"datasetId":"synthetic"/);
    await expectPage(page.getByText(/2 evaluations on a common protocol added to the queue/)).toBeVisible();
  });
});
