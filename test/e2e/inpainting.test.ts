import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { posteriorMean, provenanceKeyword } from '../../shared/inpainting.ts';
import { readPngText } from '../../shared/images/pngText.ts';
import { createInpaintingHost } from './support/inpaintingHost.ts';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { describePage, expectPage, type OpenShared } from './support/openLab.ts';
import { repeatInpainting, seedInpaintings, type SeededInpaintings } from './support/seedInpaintings.ts';

/** A single sample, a mean of four samples, an inpainting without known truth, and a failed one. */
type Kind = 'sample' | 'mean' | 'mended' | 'failed';
const kinds: readonly Kind[] = ['sample', 'mean', 'mended', 'failed'];

async function showInpainting(open: OpenShared<SeededInpaintings>, kind: Kind) {
  const opened = await open(({ ids }) => `#/inpaintings/${ids[kinds.indexOf(kind)]}`);
  await expectPage(opened.page.getByRole('heading', { level: 1, name: 'harbour.png' })).toBeVisible();
  const findId = (one: Kind) => opened.seeded.ids[kinds.indexOf(one)];
  const file = (name: string) => join(opened.dataFolder, 'inpaintings', findId(kind), `${name}.png`);
  return { ...opened, ...opened.seeded, id: findId(kind), findId, file };
}

const options = { seed: seedInpaintings, createHost: createInpaintingHost() };

const pane = (page: Page, name: RegExp | string) => page.getByRole('group', { name });
const readout = (page: Page) => page.locator('.readout');
const status = (page: Page) => page.locator('header .status-chip');
const scrubber = (page: Page) => page.getByRole('slider', { name: 'State', exact: true });

async function readPixel(file: string, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
}

describePage('the result of an inpainting', (openLab) => {
  const open = openLab.shared(options);

  it('truth, known pixels, result, error and deviation are shown side by side with numeric scales', async () => {
    const { page } = await showInpainting(open, 'mean');
    for (const name of ['Truth', 'Known pixels', 'Mean of 4 samples', 'Error of the result', 'Deviation of'])
      await expectPage(pane(page, new RegExp(`^${name}`))).toBeVisible();
    await expectPage(
      page.getByRole('img', { name: 'Error scale: 0 dark to 0.25 and more bright' }),
    ).toBeVisible();
    await expectPage(
      page.getByRole('img', { name: /^Deviation scale: 0 dark to 0\.0\d+ bright$/ }),
    ).toBeVisible();
    const facts = page.getByRole('region', { name: 'Details' });
    await expectPage(facts).toContainText('random pixels, 20 % known, seed 42');
    await expectPage(facts.getByRole('link', { name: 'first try' })).toHaveAttribute(
      'href',
      /^#\/runs\/[a-z2-7]{8}$/,
    );
  });

  it('the readout shows pixel values exactly as stored in the files', async () => {
    const { page, file } = await showInpainting(open, 'sample');
    await expectPage(page.getByRole('img', { name: 'Result', exact: true })).toBeVisible();
    await pane(page, /^Result/).focus();
    await page.keyboard.press('Shift+ArrowDown');
    // The images behind the readout are loaded when a pixel is first pointed at.
    await expectPage(readout(page)).toContainText('known');
    for (let step = 0; step < 12; step++) {
      const [x, y] = [48 + step, 40];
      await expectPage(readout(page)).toContainText(`x ${x}, y ${y}`);
      const [truth, result] = [await readPixel(file('truth'), x, y), await readPixel(file('result'), x, y)];
      const isKnown = (await readPixel(file('mask'), x, y))[0] === 255;
      await expectPage(readout(page)).toContainText(`truth ${truth.join(' ')}`);
      await expectPage(readout(page)).toContainText(`result ${result.join(' ')}`);
      expect(await readout(page).locator('span').last().innerText()).toBe(isKnown ? 'known' : 'hidden');
      if (isKnown) expect(result).toEqual(truth);
      await page.keyboard.press('ArrowRight');
    }
  });

  it('samples are shown on a film strip and intermediate states on a slider', async () => {
    const { page } = await showInpainting(open, 'mean');
    const figure = page.getByRole('img', {
      name: /^Known pixels, mean, 4 samples and their standard deviation/,
    });
    await expectPage(figure).toHaveJSProperty('complete', true);
    expect(await figure.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(9 * 104);
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save figure' }).click(),
    ]);
    expect(saved.suggestedFilename()).toMatch(/^harbour-samples-[a-z2-7]{8}\.png$/);
    const strip = page.getByRole('listbox', { name: 'Samples' });
    await strip.getByRole('option', { name: /^Sample 2 ?\d\d\.\d\d dB$/ }).click();
    await expectPage(pane(page, /^A · Known pixels \| B · Sample 2/)).toBeVisible();
    await page.keyboard.press('ArrowRight');
    await expectPage(pane(page, /B · Sample 3/)).toBeVisible();
    // While the strip has the focus, it uses the arrow keys itself.
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press('ArrowLeft');
    await expectPage(scrubber(page)).toHaveAttribute('aria-valuetext', 't = 0.80');
    await expectPage(pane(page, /B · State at t = 0.80/)).toBeVisible();
    await page.keyboard.press('Home');
    await expectPage(scrubber(page)).toHaveAttribute('aria-valuetext', 't = 0.00');
    await page.keyboard.press('3');
    await expectPage(pane(page, /^A · Truth/)).toBeVisible();
    await page.keyboard.press('4');
    await expectPage(pane(page, /^State at t = 0.00/)).toBeVisible();
    // Another time does not leave the overview.
    await page.keyboard.press('ArrowRight');
    await expectPage(pane(page, /^State at t = 0.20/)).toBeVisible();
    await expectPage(pane(page, /^Error of the result/)).toBeVisible();
  });

  it('scores are shown in a table, and are absent without a known truth', async () => {
    const { page, findId } = await showInpainting(open, 'sample');
    const table = page.getByRole('table');
    await expectPage(table.getByRole('row')).toHaveText([
      /^Method/,
      /^result/,
      /^thin plate/,
      /^tension spline/,
      /^biharmonic/,
      /^Telea/,
    ]);
    await expectPage(table.locator('.best')).toHaveCount(3);
    await page.goto(new URL(`#/inpaintings/${findId('mended')}`, page.url()).href);
    await expectPage(page.getByText('The original of the hidden pixels is unknown')).toBeVisible();
    await expectPage(page.getByRole('columnheader')).toHaveText(['Method', 'seconds, any load']);
  });

  it('a saved image equals the stored one and carries its provenance', async () => {
    const { page, id, file, runs } = await showInpainting(open, 'sample');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save image' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`harbour-result-${id}.png`);
    const saved = readFileSync(await download.path());
    expect(saved.equals(readFileSync(file('result')))).toBe(true);
    const provenance = JSON.parse(readPngText(new Uint8Array(saved), provenanceKeyword) ?? '');
    expect(provenance).toMatchObject({ inpaintingId: id, runId: runs['first try'], runName: 'first try' });
    const [mask] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('button', { name: 'More actions' })
        .click()
        .then(() => page.getByText('Save mask').click()),
    ]);
    expect(mask.suggestedFilename()).toBe(`harbour-mask-${id}.png`);
  });

  it('a copied image is identical to the result in every bit', async () => {
    const { page, file } = await showInpainting(open, 'sample');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy image' }).click();
    const readBack = async () =>
      page.evaluate(async () => {
        const [item] = await navigator.clipboard.read();
        const bitmap = await createImageBitmap(await item.getType('image/png'));
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
        context?.drawImage(bitmap, 0, 0);
        return [...(context?.getImageData(50, 40, 1, 1).data ?? [])];
      });
    const pixel = await readPixel(file('result'), 50, 40);
    await expectPage.poll(() => readBack().catch(() => null)).toEqual([...pixel, 255]);
  });

  it('a failed inpainting shows the reason', async () => {
    const { page } = await showInpainting(open, 'failed');
    await expectPage(page.getByRole('alert')).toContainText(
      'The run’s checkpoint cannot be read: bytes are missing.',
    );
    await expectPage(page.getByRole('alert').getByRole('button', { name: 'Copy details' })).toBeVisible();
  });
});

describePage('a running inpainting', (openLab) => {
  /** Opens an inpainting; those that the test starts wait for `release` before their last state. */
  const openOwn = (release: Promise<null>) =>
    showInpainting(
      (address) =>
        openLab({ ...options, address, createHost: createInpaintingHost({ stateTime: 50, release }) }),
      'sample',
    );

  it('intermediate states appear next to the result they are compared with', async () => {
    const { promise: release, resolve: finish } = Promise.withResolvers<null>();
    const { page, id } = await openOwn(release);
    await page.getByRole('button', { name: 'Preview' }).click();
    await expectPage(page).toHaveURL(new RegExp(`#/inpaintings/[a-z2-7]{8}\\?with=${id}$`));
    await expectPage(status(page)).toHaveText(/running/);
    await expectPage(page.getByRole('progressbar', { name: 'Progress of the inpainting' })).toBeVisible();
    await expectPage(pane(page, /^A · Other: first try, Heun, 10 steps \| B · State at t = /)).toBeVisible();
    finish(null);
    await expectPage(status(page)).toHaveText(/finished/);
    await expectPage(pane(page, /^A · Other: .* \| B · Result/)).toBeVisible();
    // The form still contains the full request.
    await expectPage(page.getByRole('textbox', { name: 'Steps' })).toHaveValue('10');
    await page
      .getByRole('region', { name: 'Other results for this image' })
      .getByRole('button', { pressed: true })
      .click();
    await expectPage(pane(page, /^Error of the result/)).toBeVisible();
  });

  it('the kind of a result is explained in a sentence, and the other kinds are a click away', async () => {
    const { page } = await openOwn(Promise.resolve(null));
    const kind = page.getByRole('region', { name: 'Kind of result' });
    await expectPage(kind.getByText('One of the images that fit')).toBeVisible();
    const meanRequest = page.waitForRequest(/inpaint\.start$/);
    await kind.getByRole('button', { name: 'Posterior mean' }).click();
    expect((await meanRequest).postDataJSON()).toMatchObject(posteriorMean);
    await expectPage(status(page)).toHaveText(/finished/);
    await expectPage(kind.getByText('The average of all images that fit')).toBeVisible();
    const sampleRequest = page.waitForRequest(/inpaint\.start$/);
    await kind.getByRole('button', { name: 'Draw a sample' }).click();
    expect((await sampleRequest).postDataJSON()).toMatchObject({ solver: 'heun', steps: 10, samples: 1 });
    await expectPage(pane(page, /^A · Other: first try, posterior mean \| B · /)).toBeVisible();
  });

  it('every view shows the progress of an inpainting and links to it when it is finished', async () => {
    const { promise: release, resolve: finish } = Promise.withResolvers<null>();
    const { page } = await openOwn(release);
    const address = () => page.url().replace(/.*(#[^?]*).*/, '$1');
    const before = address();
    await page.getByRole('button', { name: 'Compute' }).click();
    await expectPage.poll(address).not.toBe(before);
    await expectPage(status(page)).toHaveText(/running/);
    const own = address();
    await page.getByRole('link', { name: 'Datasets' }).click();
    const bar = page.getByRole('contentinfo', { name: 'Compute lane' });
    await expectPage(bar.getByRole('link', { name: /^Inpainting harbour\.png/ })).toBeVisible();
    await expectPage(bar.getByText('Idle')).toBeHidden();
    finish(null);
    await expectPage(
      page.getByText(/^The inpainting of harbour\.png is done: hidden pixels \d+\.\d+ dB\.$/),
    ).toBeVisible();
    await expectPage(bar.getByText('Idle')).toBeVisible();
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await expectPage.poll(address).toBe(own);
  });

  it('cancelling keeps the partial result, and the inpainting can be started again', async () => {
    const { page } = await openOwn(new Promise(() => undefined));
    await page.getByRole('button', { name: 'Compute' }).click();
    await expectPage(pane(page, /B · State at/)).toBeVisible();
    // The event that it has ended overtakes the response, in which it is still running.
    await page.route('**/api/inpaint.cancel', async (route) => {
      const response = await route.fetch();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await route.fulfill({ response });
    });
    const answered = page.waitForResponse('**/api/inpaint.cancel');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await answered;
    await expectPage(status(page)).toHaveText(/cancelled/);
    await expectPage(page.getByText('The partial result is kept below.')).toBeVisible();
    await page.getByRole('button', { name: 'Start again' }).click();
    await expectPage(status(page)).toHaveText(/running/);
  });
});

describePage('the history of inpaintings', (openLab) => {
  const open = openLab.shared(options);
  const cards = (page: Page) => page.getByRole('region', { name: 'History' }).getByRole('listitem');

  it('a deleted entry is restored by undo', async () => {
    const { page, findId } = await showInpainting(open, 'sample');
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByText('Delete', { exact: true }).click();
    await expectPage(cards(page)).toHaveCount(3);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expectPage(cards(page)).toHaveCount(4);
    await cards(page)
      .locator(`a[href="#/inpaintings/${findId('mean')}"]`)
      .click();
    await expectPage(page.getByRole('heading', { level: 1, name: 'harbour.png' })).toBeVisible();
  });

  it('several results are selected with mouse and keyboard, compared, saved as one zip, and deleted with undo', async () => {
    const { page, id } = await showInpainting(open, 'sample');
    await page.goto(new URL('#/images', page.url()).href);
    const cards = page.getByRole('listitem').filter({ hasText: 'harbour.png' });
    await expectPage(cards).toHaveCount(4);
    const links = cards.getByRole('link');
    const toolbar = page.getByRole('toolbar', { name: 'Selected results' });
    // The newest is first: failed, damage, mean, sample.
    await links.nth(3).click({ modifiers: ['ControlOrMeta'] });
    await expectPage(toolbar).toContainText('1 selected');
    await links.nth(1).click({ modifiers: ['Shift'] });
    await expectPage(toolbar).toContainText('3 selected');
    await expectPage(toolbar.getByRole('button', { name: 'Compare' })).toBeDisabled();
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      toolbar.getByRole('button', { name: 'Save zip' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('results-3-images.zip');
    const archive = readFileSync(await download.path()).toString('latin1');
    for (const name of ['harbour.png', 'harbour-2.png', 'harbour-3.png', 'results.csv'])
      expect(archive).toContain(name);
    await page.keyboard.press('Escape');
    await expectPage(toolbar).toHaveCount(0);
    await links.nth(2).focus();
    await page.keyboard.press('Shift+ArrowRight');
    await expectPage(toolbar).toContainText('2 selected');
    await expectPage(links.nth(3)).toBeFocused();
    await page.keyboard.press('Delete');
    await expectPage(cards).toHaveCount(2);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expectPage(cards).toHaveCount(4);
    await links.nth(2).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowRight');
    await toolbar.getByRole('button', { name: 'Compare' }).click();
    await expectPage(page).toHaveURL(new RegExp(`#/inpaintings/[a-z2-7]{8}\\?with=${id}$`));
  });

  it('a history of a thousand entries is loaded while scrolling and can be searched', async () => {
    const { page } = await openLab({
      address: '#/images',
      seed: async (store) => repeatInpainting(store, (await seedInpaintings(store)).ids[3], 1000),
    });
    const history = page.getByRole('region', { name: 'History' });
    await expectPage(history).toContainText('1004 images');
    const first = await cards(page).count();
    expect(first).toBeLessThan(200);
    await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
    await expectPage.poll(() => cards(page).count()).toBeGreaterThan(first);
    const search = page.getByRole('textbox', { name: 'Search the history' });
    await search.fill('nothing like it');
    await expectPage(history).toContainText('No matching results');
    await search.fill('HARBOUR');
    await expectPage(history).toContainText('1004 matches');
  });

  it('an empty history explains what it will contain', async () => {
    const { page } = await openLab({ address: '#/images' });
    await expectPage(page.getByRole('heading', { name: 'No results yet' })).toBeVisible();
  });

  it('the settings of an entry can be used for another image', async () => {
    const { page, id, image } = await showInpainting(open, 'mean');
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByText('Use these settings on another image').click();
    await expectPage(page.getByText('The next image takes over the settings')).toBeVisible();
    await expectPage(page).toHaveURL(new RegExp(`#/images\\?from=${id}$`));
    const chosen = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Open images', exact: true }).click();
    const buffer = await sharp({ create: { width: 20, height: 10, channels: 3, background: '#205080' } })
      .png()
      .toBuffer();
    await (await chosen).setFiles({ name: 'sea.png', mimeType: 'image/png', buffer });
    await expectPage(page.getByRole('heading', { level: 1, name: 'sea.png' })).toBeVisible();
    await expectPage(page).toHaveURL(new RegExp(`from=${id}$`));
    expect(page.url()).not.toContain(image.id);
  });
});
