/** A run is exported to a file and imported again: by menu, key, dialog and drop. */

import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, it } from 'vitest';
import { openStore } from '../../main/store/store.ts';
import { describeContents } from '../store/bundle/exampleBundle.ts';
import { dropFiles } from './support/dropFiles.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { seedRuns } from './support/seedRuns.ts';

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });

/** Reads the stored data of a run while the laboratory is open. */
function readContents(dataFolder: string, id: string) {
  const store = openStore(dataFolder);
  try {
    return describeContents(store, id);
  } finally {
    store.close();
  }
}

async function exportOpenRun(page: Page): Promise<{ name: string; bytes: Buffer }> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByText('Export run', { exact: true }).click();
  const file = await download;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

async function deletePermanently(page: Page, name: string): Promise<void> {
  await page.goto(page.url().replace(/#.*/, '#/runs'));
  await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).click();
  await page.keyboard.press('Delete');
  await expectPage(row(page, name)).toHaveCount(0);
  await page.getByRole('navigation', { name: 'Run lists' }).getByRole('button', { name: 'Trash' }).click();
  await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).click();
  await page.keyboard.press('Delete');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete permanently' }).click();
  await expectPage(row(page, name)).toHaveCount(0);
  await page.getByRole('navigation', { name: 'Run lists' }).getByRole('button', { name: 'Active' }).click();
}

/** Returns the displayed scores of all evaluations as text. */
async function readNumbers(page: Page): Promise<string> {
  await page.getByRole('tab', { name: 'Evaluations' }).click();
  return page.getByRole('table').first().innerText();
}

describePage('exporting and importing a run', (openLab) => {
  const open = openLab.shared({ seed: seedRuns });

  it('a run exported from its view is restored unchanged by dropping the file after its permanent deletion', async () => {
    const { page, dataFolder } = await open();
    await row(page, 'long baseline').getByRole('link').click();
    await expectPage(page.getByRole('heading', { name: 'long baseline' })).toBeVisible();
    const id = /runs\/(\w{8})/.exec(page.url())?.[1] ?? '';
    const numbers = await readNumbers(page);
    const { name, bytes } = await exportOpenRun(page);
    expect(name).toBe('long baseline.sparsefield');
    await expectPage(page.getByText(/Saved long baseline\.sparsefield: .* with 1 checkpoint/)).toBeVisible();
    const before = readContents(dataFolder, id);

    await deletePermanently(page, 'long baseline');
    expect(() => readContents(dataFolder, id)).toThrow(/No run/);
    // The file is recognised by its header, because its name has no meaning.
    await dropFiles(page, [{ name: 'renamed.bin', mimeType: '', buffer: bytes }]);
    await expectPage(page).toHaveURL(new RegExp(`#/runs/${id}`));
    await expectPage(
      page.getByText('Imported “long baseline” at step 5000 with 1 checkpoint.'),
    ).toBeVisible();
    expect(readContents(dataFolder, id)).toEqual(before);
    expect(await readNumbers(page)).toBe(numbers);
  });

  it('the shortcut exports a run, and importing it again is refused unless a copy is requested', async () => {
    const { page } = await open();
    await page.getByRole('checkbox', { name: 'Select first try', exact: true }).click();
    const download = page.waitForEvent('download');
    await page.keyboard.press('Shift+E');
    const path = await (await download).path();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Import run…' }).click();
    await (await chooser).setFiles(path);
    await expectPage(page.getByText('“first try” already exists. Import a copy of it.')).toBeVisible();
    await page.getByRole('button', { name: 'Import a copy' }).click();
    await expectPage(page.getByRole('heading', { name: 'first try 2' })).toBeVisible();
  });

  it('a damaged file or one of another format is reported and imports nothing', async () => {
    const { page } = await open();
    const choose = async (name: string, buffer: Buffer) => {
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Import run…' }).click();
      await (await chooser).setFiles([{ name, mimeType: '', buffer }]);
    };
    await choose('notes.sparsefield', Buffer.from('not a run at all'));
    await expectPage(
      page.getByText(/notes\.sparsefield is not an exported run or sweep\. Choose a file/),
    ).toBeVisible();
    const start = Buffer.from(
      '\x40\0\0\0\0\0\0\0{"__metadata__":{"format":"sparse-field-lab run","version":"1"',
    );
    await choose('cut.sparsefield', start);
    await expectPage(
      page.getByText(/cut\.sparsefield could not be imported\. The file: header length/),
    ).toBeVisible();
    expect(page.url()).toMatch(/#\/runs$/);
  });
});
