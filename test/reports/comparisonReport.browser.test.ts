/** Reports as a browser shows and prints them, without scripts and network. */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from '@playwright/test';
import { describe, expect, inject, it } from 'vitest';
import { findChromium, printByChromium } from '../../main/runtime/chromium.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { insertEvaluatedRun, writeExampleReport } from './exampleReport.ts';

const browser = inject('browser');
const program = 'program' in browser ? browser.program : '';
if (!program) console.warn('Reports in Chromium are not tested, because no Chromium was found.');

async function writeReport(pdf = false) {
  const store = openExampleStore();
  const ids = ['flow', 'score'].map((name, index) => insertEvaluatedRun(store, { name, gain: 1 - index }));
  const printPdf = (html: string) => printByChromium(html, { SPARSE_FIELD_LAB_CHROMIUM: program });
  const folder = join(store.dataFolder, 'out');
  return { folder, written: await writeExampleReport(store, { ids, pdf }, { folder, printPdf }) };
}

describe.skipIf(!program)('a report in Chromium', () => {
  it('can be read without scripts and requests no other file', async () => {
    const { folder } = await writeReport();
    const opened = await chromium.launch({
      executablePath: program,
      args: ['--no-sandbox', '--disable-gpu'],
    });
    try {
      const page = await opened.newPage({ javaScriptEnabled: false });
      const requests: string[] = [];
      const messages: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      page.on('console', (message) => messages.push(message.text()));
      const address = pathToFileURL(join(folder, 'report.html')).href;
      await page.goto(address);
      expect(
        await page.locator('#results tbody tr', { hasText: 'flow · posterior mean' }).first().innerText(),
      ).toContain('22.50');
      expect(await page.locator('main svg').count()).toBeGreaterThanOrEqual(5);
      expect(await page.locator('nav a').first().isVisible()).toBe(true);
      expect([requests, messages]).toEqual([[address], []]);
    } finally {
      await opened.close();
    }
  });

  it('is printed on several pages with its tables', async ({ skip }) => {
    const { folder, written } = await writeReport(true);
    expect([written.notes, written.files.map(({ name }) => name)]).toEqual([
      [],
      expect.arrayContaining(['report.pdf']),
    ]);
    const pdf = readFileSync(join(folder, 'report.pdf'), 'latin1');
    expect(pdf.match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(2);
    const text = spawnSync('pdftotext', ['-layout', join(folder, 'report.pdf'), '-'], { encoding: 'utf8' });
    if (text.error) {
      console.warn('The text of the PDF is not tested, because pdftotext is not installed.');
      skip();
    }
    expect(text.stdout).toMatch(/flow · posterior mean +1 +1 +22\.50/);
    const pages = text.stdout.split('\f').slice(0, -1);
    pages.forEach((page, index) =>
      expect(page.trimEnd()).toMatch(new RegExp(`\\s${index + 1} / ${pages.length}$`)),
    );
  });
});

describe('findChromium', () => {
  it('returns the browser named by SPARSE_FIELD_LAB_CHROMIUM, or null', async () => {
    const store = openExampleStore();
    const file = join(store.dataFolder, 'browser');
    writeFileSync(file, '');
    expect(findChromium({ SPARSE_FIELD_LAB_CHROMIUM: file })).toBe(file);
    expect(findChromium({ SPARSE_FIELD_LAB_CHROMIUM: join(store.dataFolder, 'gone') })).toBeNull();
    await expect(printByChromium('', { SPARSE_FIELD_LAB_CHROMIUM: 'none' })).rejects.toThrow(
      'no Chromium was found. Install one, or name it in SPARSE_FIELD_LAB_CHROMIUM',
    );
  });
});
