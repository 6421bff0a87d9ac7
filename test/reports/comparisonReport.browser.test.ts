/** A report as a browser shows and prints it: without script and without network. */

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
if (!program) console.warn('Reports in Chromium are not tested: there is none.');

async function writeReport(pdf = false) {
  const store = openExampleStore();
  const ids = ['flow', 'score'].map((name, index) => insertEvaluatedRun(store, { name, gain: 1 - index }));
  const printPdf = (html: string) => printByChromium(html, { SPARSE_FIELD_LAB_CHROMIUM: program });
  const folder = join(store.dataFolder, 'out');
  return { folder, written: await writeExampleReport(store, { ids, pdf }, { folder, printPdf }) };
}

describe.skipIf(!program)('a report in Chromium', () => {
  it('is read without script and asks for nothing but itself', async () => {
    const { folder } = await writeReport();
    const opened = await chromium.launch({
      executablePath: program,
      args: ['--no-sandbox', '--disable-gpu'],
    });
    try {
      const page = await opened.newPage({ javaScriptEnabled: false });
      const [asked, faults]: [string[], string[]] = [[], []];
      page.on('request', (request) => asked.push(request.url()));
      page.on('console', (message) => faults.push(message.text()));
      const address = pathToFileURL(join(folder, 'report.html')).href;
      await page.goto(address);
      expect(
        await page.locator('#results tbody tr', { hasText: 'flow · posterior mean' }).first().innerText(),
      ).toContain('22.50');
      expect(await page.locator('main svg').count()).toBeGreaterThanOrEqual(5);
      expect(await page.locator('nav a').first().isVisible()).toBe(true);
      expect([asked, faults]).toEqual([[address], []]);
    } finally {
      await opened.close();
    }
  });

  it('is printed on several pages that hold its tables', async ({ skip }) => {
    const { folder, written } = await writeReport(true);
    expect([written.notes, written.files.map(({ name }) => name)]).toEqual([
      [],
      expect.arrayContaining(['report.pdf']),
    ]);
    const pdf = readFileSync(join(folder, 'report.pdf'), 'latin1');
    expect(pdf.match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(2);
    const text = spawnSync('pdftotext', ['-layout', join(folder, 'report.pdf'), '-'], { encoding: 'utf8' });
    if (text.error) {
      console.warn('The words of the PDF are not tested: pdftotext is not installed.');
      skip();
    }
    expect(text.stdout).toMatch(/flow · posterior mean +1 +1 +22\.50/);
  });
});

describe('a Chromium for printing', () => {
  it('is the one that is named, or none', async () => {
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
