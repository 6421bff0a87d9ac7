/** A real server with its own data folder, and a page in Chromium that is logged in. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, expect as expectSoon, type Browser, type Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished } from 'vitest';
import { buildPage, pageFolder } from '../../../main/runtime/buildApp.ts';
import { serveLaboratory, type Served } from '../../../main/server/serveLaboratory.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import type { CreateHost } from '../../../main/jobs/computeHost.ts';
import { makeTemporaryFolder } from '../../store/temporaryFolder.ts';
import { createTrainingHost } from './trainingHost.ts';

/** Playwright's `expect`, patient enough for a machine that is busy with other work. */
export const expectPage = expectSoon.configure({ timeout: 60_000 });

export interface LabOptions {
  /** Adds runs to the store before the laboratory opens it; see `seedRuns.ts`. */
  readonly seed?: (store: Store) => void | Promise<void>;
  /** Default: the fake of `trainingHost.ts`. */
  readonly createHost?: CreateHost;
  readonly dataFolder?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly theme?: 'light' | 'dark';
  /** Initial address, such as `#/settings`. */
  readonly address?: string;
  /** Errors that the page may print; any other one fails the test. */
  readonly expectedErrors?: RegExp;
  /** Whether the laboratory is closed after all tests of the file instead of after the present one. */
  readonly isShared?: boolean;
}

export interface OpenedLab {
  readonly page: Page;
  readonly dataFolder: string;
  readonly server: Extract<Served, { kind: 'serving' }>;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
}

export type OpenLab = (options?: LabOptions) => Promise<OpenedLab>;

let browser: Promise<Browser> | null = null;

/** A `describe` for tests that need a browser; without one they are skipped, with the reason in the title. */
export function describePage(title: string, tests: (openLab: OpenLab) => void): void {
  const finding = inject('browser');
  if ('reason' in finding) {
    describe.skip(`${title} (skipped: ${finding.reason})`, () => tests(() => Promise.reject(new Error())));
    return;
  }
  describe(title, () => {
    beforeAll(() => buildPage(() => undefined));
    tests(async (options) => openLab(await (browser ??= launchBrowser(finding.program)), options ?? {}));
  });
}

/** Launches the browser, one per file. */
function launchBrowser(executablePath: string): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  return chromium.launch({ executablePath, args });
}

const sharedLabs: (() => Promise<void>)[] = [];
const sharedFolders: string[] = [];

/** Creates a folder that is removed after all tests of the file. */
function createSharedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-'));
  sharedFolders.push(folder);
  return folder;
}

afterAll(async () => {
  try {
    for (const close of sharedLabs) await close();
  } finally {
    for (const folder of sharedFolders) rmSync(folder, { recursive: true, force: true });
  }
  await (await browser)?.close();
});

async function openLab(browser: Browser, options: LabOptions): Promise<OpenedLab> {
  const dataFolder = options.dataFolder ?? (options.isShared ? createSharedFolder() : makeTemporaryFolder());
  if (options.seed) {
    const store = openStore(dataFolder);
    await options.seed(store);
    store.close();
  }
  const server = await serve(dataFolder, options.createHost ?? createTrainingHost());
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1440, height: 900 },
    colorScheme: options.theme ?? 'light',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const errors = collectErrors(page);
  const close = async () => {
    await context.close();
    await server.close();
    expect(errors.filter((text) => !options.expectedErrors?.test(text))).toEqual([]);
  };
  if (options.isShared) sharedLabs.push(close);
  else onTestFinished(close);
  // The redirect keeps the hash.
  await page.goto(`${server.link}${options.address ?? ''}`);
  return { page, dataFolder, server, origin: `http://127.0.0.1:${server.port}` };
}

async function serve(dataFolder: string, createHost: CreateHost): Promise<OpenedLab['server']> {
  const served = await serveLaboratory({
    dataFolder,
    cacheFolder: join(dataFolder, 'cache'),
    configFolder: join(dataFolder, 'config'),
    pageFolder,
    createHost,
    version: '0.0.0-test',
    port: 0,
  });
  if (served.kind === 'running') throw new Error(`${dataFolder} is served by process ${served.pid} already.`);
  return served;
}

/** Collects uncaught errors, console errors and violations of the content policy. */
function collectErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || /Vue warn/.test(message.text())) errors.push(message.text());
  });
  return errors;
}
