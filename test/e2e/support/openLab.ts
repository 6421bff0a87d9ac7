/** A real server with its own data folder, and a page in Chromium that is logged in. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, expect as expectSoon, type Browser, type Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, inject, onTestFailed, onTestFinished } from 'vitest';
import { buildPage, pageFolder } from '../../../main/runtime/buildApp.ts';
import { serveLaboratory, type Served, type ServeOptions } from '../../../main/server/serveLaboratory.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import type { CreateHost } from '../../../main/jobs/computeHost.ts';
import { makeTemporaryFolder, sharedCacheFolder } from '../../store/temporaryFolder.ts';
import { createTrainingHost } from './trainingHost.ts';

/** Playwright's `expect`, patient enough for a machine that is busy with other work. */
export const expectPage = expectSoon.configure({ timeout: 150_000 });

export interface LabOptions<Seeded = unknown> {
  /** Adds data to the store before the laboratory opens it; see `seedRuns.ts`. */
  readonly seed?: (store: Store) => Seeded | Promise<Seeded>;
  /** Default: the fake of `trainingHost.ts`. */
  readonly createHost?: CreateHost;
  /** How clusters are reached; see `exampleCluster.ts`. */
  readonly accessOf?: ServeOptions['accessOf'];
  readonly dataFolder?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly theme?: 'light' | 'dark';
  /** Initial address, such as `#/settings`. */
  readonly address?: Address<Seeded>;
  /** Errors that the page may print; any other one fails the test. */
  readonly expectedErrors?: RegExp;
}

/** An address within the application, or one that depends on the IDs of the seeded data. */
export type Address<Seeded> = string | ((seeded: Seeded) => string);

export interface OpenedLab<Seeded = unknown> {
  readonly page: Page;
  readonly dataFolder: string;
  readonly server: Extract<Served, { kind: 'serving' }>;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** What `seed` returned. */
  readonly seeded: Seeded;
}

/** Shows an address of a shared laboratory, which is opened on first use. */
export type OpenShared<Seeded = unknown> = (address?: Address<Seeded>) => Promise<OpenedLab<Seeded>>;

export interface OpenLab {
  /** Opens a laboratory for the present test. */
  <Seeded>(options?: LabOptions<Seeded>): Promise<OpenedLab<Seeded>>;
  /**
   * Returns a function that shows an address in a laboratory shared by the tests of the present `describe`, for tests that
   * leave stored data and settings as they found them. A further test gets the same page without a reload.
   */
  shared<Seeded>(options?: Omit<LabOptions<Seeded>, 'address'>): OpenShared<Seeded>;
}

/** Launched on first use and closed with the process, which runs several files. */
let browser: Promise<Browser> | null = null;
/** Of every laboratory, one after the other: at the same address, a browser takes half the processor time to load the page. */
let usualPort = 0;
/** Pages of laboratories that have ended. The next one takes half the processor time in such a page. */
const idlePages: Page[] = [];

/** A `describe` for tests that need a browser; without one they are skipped, with the reason in the title. */
export function describePage(title: string, tests: (openLab: OpenLab) => void): void {
  const finding = inject('browser');
  if ('reason' in finding) {
    const fail = () => Promise.reject(new Error(finding.reason));
    const openNothing: OpenLab = Object.assign(fail, { shared: () => fail });
    describe.skip(`${title} (skipped: ${finding.reason})`, () => tests(openNothing));
    return;
  }
  describe(title, () => {
    beforeAll(() => buildPage(() => undefined));
    const launch = () => (browser ??= launchBrowser(finding.program));
    const openOwn = async <Seeded>(options: LabOptions<Seeded> = {}) => openForTest(await launch(), options);
    const shared = <Seeded>(options: LabOptions<Seeded> = {}) => openOnce(launch, options);
    tests(Object.assign(openOwn, { shared }));
  });
}

function launchBrowser(executablePath: string): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  return chromium.launch({ executablePath, args });
}

async function openForTest<Seeded>(
  browser: Browser,
  options: LabOptions<Seeded>,
): Promise<OpenedLab<Seeded>> {
  const lab = await startLab(browser, options, options.dataFolder ?? makeTemporaryFolder());
  onTestFinished(async () => {
    await lab.close();
    checkErrors(lab.errors, options);
  });
  await showFirst(lab, options.address);
  return lab;
}

function openOnce<Seeded>(launch: () => Promise<Browser>, options: LabOptions<Seeded>): OpenShared<Seeded> {
  let folder: string | null = null;
  let opened: Promise<StartedLab<Seeded>> | null = null;
  const close = async () => {
    const closing = opened;
    opened = null;
    await (await closing)?.close();
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  };
  const start = async () => {
    folder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-'));
    return startLab(await launch(), options, folder);
  };
  afterAll(close);
  return async (address) => {
    const isFirst = opened === null;
    const lab = await (opened ??= start());
    // After a failure nobody knows what the page shows, so the next test opens another one.
    onTestFailed(close);
    onTestFinished(() => checkErrors(lab.errors.splice(0), options));
    await (isFirst ? showFirst(lab, address) : showNext(lab, address));
    return lab;
  };
}

interface StartedLab<Seeded> extends OpenedLab<Seeded> {
  /** Uncaught errors, console errors and violations of the content policy so far. */
  readonly errors: string[];
  readonly theme: 'light' | 'dark';
  close(): Promise<void>;
}

async function startLab<Seeded>(
  browser: Browser,
  options: LabOptions<Seeded>,
  dataFolder: string,
): Promise<StartedLab<Seeded>> {
  let seeded = undefined as Seeded;
  if (options.seed) {
    const store = openStore(dataFolder);
    seeded = await options.seed(store);
    store.close();
  }
  const { createHost = createTrainingHost(), accessOf } = options;
  const server = await serve(dataFolder, { createHost, accessOf });
  const { theme = 'light', viewport = { width: 1440, height: 900 } } = options;
  const page = idlePages.pop() ?? (await (await browser.newContext()).newPage());
  await page.setViewportSize(viewport);
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  const errors = collectErrors(page);
  const origin = `http://127.0.0.1:${server.port}`;
  const close = async () => {
    await leavePage(page, origin);
    await server.close();
  };
  return { page, dataFolder, server, origin, seeded, errors, theme, close };
}

/** Cleared after each laboratory: what pages store, but not the cache of files, so that scripts need not be compiled again. */
const storedByPages = 'cookies,local_storage,indexeddb,cache_storage,service_workers';

/** Makes a page like a new one for the next laboratory, unless its test has closed it. */
async function leavePage(page: Page, origin: string): Promise<void> {
  if (page.isClosed()) return;
  page.removeAllListeners();
  await page.unrouteAll();
  // Without scripts, and of the same site, so that the browser keeps the process of the page.
  await page.goto(`${origin}/layers.css`);
  const context = page.context();
  await context.clearCookies();
  await context.clearPermissions();
  const session = await context.newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: storedByPages });
  await session.detach();
  idlePages.push(page);
}

/** Logs in; the redirect keeps the hash. The page answers keys once its frame is there, some tasks after it has loaded. */
async function showFirst<Seeded>(lab: StartedLab<Seeded>, address: Address<Seeded> = ''): Promise<void> {
  await lab.page.goto(`${lab.server.link}${resolveAddress(lab, address)}`);
  await expectPage(lab.page.getByRole('main')).toBeVisible();
}

/** Shows a new view, and clears what the page has stored in the browser, as another tab could. Stores in the page's memory keep their content. */
async function showNext<Seeded>(lab: StartedLab<Seeded>, address: Address<Seeded> = '#/'): Promise<void> {
  const { page } = lab;
  await page.unrouteAll();
  await page.emulateMedia({ colorScheme: lab.theme });
  await leaveView(lab);
  await page.evaluate(() => {
    for (const storageArea of [localStorage, sessionStorage]) {
      storageArea.clear();
      dispatchEvent(new StorageEvent('storage', { storageArea }));
    }
  });
  await page.goto(`${lab.origin}/${resolveAddress(lab, address)}`);
}

/**
 * Leaves the current view for one without content. A view stays until the next one has loaded, so that a test would otherwise
 * find elements of the old one; and a view that was left is created again.
 */
export async function leaveView({
  page,
  origin,
}: Pick<StartedLab<unknown>, 'page' | 'origin'>): Promise<void> {
  await page.goto(`${origin}/#/nowhere`);
  await expectPage(page.getByText('Page not found')).toBeVisible();
}

function resolveAddress<Seeded>({ seeded }: StartedLab<Seeded>, address: Address<Seeded>): string {
  return typeof address === 'string' ? address : address(seeded);
}

function checkErrors<Seeded>(errors: readonly string[], { expectedErrors }: LabOptions<Seeded>): void {
  expect(errors.filter((text) => !expectedErrors?.test(text))).toEqual([]);
}

async function serve(
  dataFolder: string,
  parts: Pick<ServeOptions, 'createHost' | 'accessOf'>,
): Promise<OpenedLab['server']> {
  const serveAt = (port: number) =>
    serveLaboratory({
      dataFolder,
      cacheFolder: sharedCacheFolder,
      configFolder: join(dataFolder, 'config'),
      pageFolder,
      ...parts,
      version: '0.0.0-test',
      port,
    });
  // Another laboratory of this process may still be open, or another program have taken the port.
  const served = await serveAt(usualPort).catch(() => serveAt(0));
  if (served.kind === 'running') throw new Error(`${dataFolder} is served by process ${served.pid} already.`);
  usualPort ||= served.port;
  return served;
}

function collectErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || /Vue warn/.test(message.text())) errors.push(message.text());
  });
  return errors;
}
