import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { figureKeyword } from '../../shared/figureOrigin.ts';
import { readPngText } from '../../shared/images/pngText.ts';
import { describePage, expectPage, type OpenShared } from './support/openLab.ts';
import { seedRuns } from './support/seedRuns.ts';

/** Shows the run `first try`, which has previews at 0, 250, … 1500; the last one is the best. */
async function showRun(open: OpenShared<Record<string, string>>) {
  const opened = await open((ids) => `#/runs/${ids['first try']}`);
  await expectPage(inspector(opened.page)).toBeVisible();
  await expectPage(thumbnails(opened.page)).toHaveCount(4);
  return { ...opened, id: opened.seeded['first try'] };
}

const inspector = (page: Page) => page.getByRole('region', { name: 'Previews' });
const thumbnails = (page: Page) => inspector(page).getByRole('option');
const slider = (page: Page) => inspector(page).getByRole('slider', { name: 'Step', exact: true });
const pane = (page: Page, name: RegExp) => inspector(page).getByRole('group', { name });
const readout = (page: Page) => inspector(page).locator('.readout');

/** Computes a checksum of the displayed canvas, to detect whether an image has changed. */
function computeFingerprint(page: Page, name: string): Promise<number> {
  return inspector(page)
    .getByRole('img', { name, exact: true })
    .evaluate((canvas: HTMLCanvasElement) => {
      const bytes = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
      return [...(bytes ?? [])].reduce((sum, byte, index) => (sum * 31 + byte + index) % 2_147_483_647, 7);
    });
}

describePage('the preview inspector', (openLab) => {
  const open = openLab.shared({ seed: seedRuns });

  it('the newest step is shown first, and one slider moves all images', async () => {
    const { page } = await showRun(open);
    await expectPage(slider(page)).toHaveAttribute('aria-valuetext', /^step 1500, PSNR \d+\.\d\d dB$/);
    const scores = () => inspector(page).locator('.score').allInnerTexts();
    const newest = await scores();
    const image = await computeFingerprint(page, 'Result, step 1500');
    await page.keyboard.press('ArrowLeft');
    await expectPage(slider(page)).toHaveAttribute('aria-valuetext', /^step 1250,/);
    await expectPage.poll(scores).not.toEqual(newest);
    expect(await computeFingerprint(page, 'Result, step 1250')).not.toBe(image);
    await page.keyboard.press('Home');
    await expectPage(slider(page)).toHaveAttribute('aria-valuetext', /^step 0,/);
    await page.keyboard.press('b');
    await expectPage(slider(page)).toHaveAttribute('aria-valuetext', /^step 1500,/);
    await expectPage.poll(scores).toEqual(newest);
  });

  it('a point chosen in a chart leads to the nearest preview, which says its step', async () => {
    const { page } = await showRun(open);
    const loss = page.locator('[data-metric="loss"] canvas');
    await expectPage(loss).toHaveAttribute('aria-label', /: 150 points/);
    await loss.focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('Enter');
    await expectPage(slider(page)).toHaveAttribute('aria-valuetext', /^step 1500,/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+ArrowRight');
    await expectPage(page.locator('[data-metric="loss"]').getByRole('status')).toContainText('step 10 ·');
    await page.keyboard.press('Enter');
    await expectPage(inspector(page)).toContainText('No preview at step 10. The nearest is of step 0.');
    await expectPage(slider(page)).toHaveAttribute('aria-valuetext', /^step 0,/);
  });

  it('the readout shows the pixel values of the file', async () => {
    const { page, dataFolder, id } = await showRun(open);
    const file = join(dataFolder, 'runs', id, 'preview-1500.png');
    const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => [
      ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
    ];
    await thumbnails(page).nth(2).click();
    await pane(page, /^A · Truth/).focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowUp', 'Shift+ArrowDown'])
      await page.keyboard.press(key);
    const [x, y] = [18, 23];
    await expectPage(readout(page)).toContainText(`x ${x}, y ${y}`);
    await expectPage(readout(page)).toContainText(`truth ${at(x, 64 + y).join(' ')}`);
    await expectPage(readout(page)).toContainText(`result ${at(64 + x, 64 + y).join(' ')}`);
    const isObserved = at(32 + x, 64 + y).some((byte) => byte !== 128);
    await expectPage(readout(page)).toContainText(isObserved ? 'known' : 'hidden');
    // The arrows moved the pixel that is read, not the step.
    await expectPage(slider(page)).toHaveAttribute('aria-valuetext', /^step 1500,/);
  });

  it('two images are compared by a divider, side by side, as a difference and by blinking', async () => {
    const { page } = await showRun(open);
    const divider = inspector(page).getByRole('slider', { name: 'Divider' });
    await divider.focus();
    await page.keyboard.press('End');
    await expectPage(divider).toHaveAttribute('aria-valuenow', '100');
    await divider.blur();
    await page.keyboard.press('2');
    await expectPage(pane(page, /^B · Result/)).toBeVisible();
    await page.keyboard.press('3');
    await expectPage(pane(page, /^Error/)).toBeVisible();
    await expectPage(
      inspector(page).getByRole('img', { name: /^Error scale: 0 dark to 0.25/ }),
    ).toBeVisible();
    const result = await computeFingerprint(page, 'B · Result, step 1500');
    await page.keyboard.down('`');
    await expectPage(pane(page, /^B · Truth/)).toBeVisible();
    expect(await computeFingerprint(page, 'B · Truth')).not.toBe(result);
    await page.keyboard.up('`');
    await expectPage(pane(page, /^B · Result/)).toBeVisible();
    expect(await computeFingerprint(page, 'B · Result, step 1500')).toBe(result);
  });

  it('all panes zoom together and return to the whole image', async () => {
    const { page } = await showRun(open);
    await page.keyboard.press('2');
    const names = ['A · Truth', 'B · Result, step 1500'];
    const prints = () => Promise.all(names.map((name) => computeFingerprint(page, name)));
    const whole = await prints();
    await inspector(page).getByRole('button', { name: 'Zoom in' }).click();
    const large = await prints();
    expect(large.every((print, index) => print !== whole[index])).toBe(true);
    await inspector(page).getByRole('button', { name: 'Fit to view' }).click();
    expect(await prints()).toEqual(whole);
  });

  it('a step can be compared with a pinned one', async () => {
    const { page } = await showRun(open);
    await page.keyboard.press('Home');
    await expectPage(slider(page)).toHaveAttribute('aria-valuetext', /^step 0,/);
    await inspector(page).getByRole('button', { name: 'Pin this step for comparison' }).click();
    await expectPage(inspector(page).getByRole('button', { name: 'Unpin the step' })).toBeVisible();
    await page.keyboard.press('End');
    await expectPage(slider(page)).toHaveAttribute('aria-valuetext', /^step 1500,/);
    await page.keyboard.press('2');
    await expectPage(pane(page, /^A · Result, step 0 \(pinned\)/)).toBeVisible();
    await expectPage(pane(page, /^B · Result, step 1500/)).toBeVisible();
    await inspector(page).getByRole('button', { name: 'Unpin the step' }).click();
    await expectPage(pane(page, /^A · Truth/)).toBeVisible();
  });

  it('the comparison is saved as an image', async () => {
    const { page, id } = await showRun(open);
    await page.keyboard.press('3');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      inspector(page).getByRole('button', { name: 'Save comparison as PNG' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`${id}-step-1500-image-1.png`);
    const file = readFileSync(await download.path());
    const checkpointSha256: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(JSON.parse(readPngText(file, figureKeyword) ?? 'null')).toEqual({
      version: '0.0.0-test',
      shown: ['Truth', 'Result, step 1500', 'Error |A − B|'],
      images: [0],
      runs: [{ runId: id, name: 'first try', step: 1500, method: null, checkpointSha256 }],
      protocol: null,
      inpaintings: [],
    });
    const { width, height } = await sharp(file).metadata();
    expect([width, height]).toEqual([3 * (256 + 12) + 12, 12 + 256 + 26 + 30]);
  });

  it('an image that cannot be loaded is reported, and the other steps remain usable', async () => {
    const options = { seed: seedRuns, viewport: { width: 1024, height: 700 }, expectedErrors: /404/ };
    const { page } = await showRun((address) => openLab({ ...options, address }));
    await page.route('**/previews/500.png', (route) => route.fulfill({ status: 404 }));
    await page.reload();
    await expectPage(thumbnails(page)).toHaveCount(4);
    for (let times = 0; times < 4; times++) await page.keyboard.press('ArrowLeft');
    await expectPage(page.getByText('The preview could not be loaded')).toBeVisible();
    await page.keyboard.press('ArrowLeft');
    await expectPage(page.getByText('The preview could not be loaded')).toBeHidden();
    await expectPage(slider(page)).toHaveAttribute('aria-valuetext', /^step 250,/);
  });
});
