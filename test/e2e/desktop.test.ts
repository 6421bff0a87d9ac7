import { join, resolve } from 'node:path';
import { _electron, expect as expectSoon } from '@playwright/test';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Bridge } from '../../shared/contract.ts';
import { buildDesktop, buildPage } from '../../main/runtime/buildApp.ts';
import { findElectron, hasDisplay, hasElectron } from '../../main/runtime/electron.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

const expectPage = expectSoon.configure({ timeout: 60_000 });
const root = resolve(import.meta.dirname, '../..');

/** `npm run test:desktop` fails in place of skipping, after it has tried to download Electron. */
const isRequired = process.env.SPARSE_FIELD_LAB_DESKTOP === 'required';

function findObstacle(): string {
  if (isRequired) return '';
  if (!hasElectron()) return 'skipped: the binary of Electron is not installed';
  // Machines that run checks may have a display too, though nobody looks at it.
  return hasDisplay({ ...process.env, CI: undefined }) ? '' : 'skipped: there is no display';
}

async function openWindow() {
  const electron = await findElectron();
  if ('reason' in electron) throw new Error(`Electron is missing: ${electron.reason}.`);
  const ignoreProgress = () => undefined;
  await Promise.all([buildDesktop(ignoreProgress), buildPage(ignoreProgress)]);
  const folder = makeTemporaryFolder();
  const app = await _electron.launch({
    args: [root, '--data-dir', join(folder, 'data')],
    env: { ...process.env, SPARSE_FIELD_LAB_CONFIG: join(folder, 'config') } as Record<string, string>,
  });
  onTestFinished(() => app.close());
  return app.firstWindow();
}

describe.skipIf(findObstacle() !== '')(`the desktop application (${findObstacle()})`, () => {
  it('starts, trains in a utility process and pauses with a checkpoint', async () => {
    const page = await openWindow();
    expect(page.url()).toMatch(/^app:\/\/lab\//);
    const info = await page.evaluate(() =>
      (window as Window & typeof globalThis & { lab: Bridge }).lab.request('system.info', {}),
    );
    expect(info).toMatchObject({ ok: true, value: { mode: 'desktop' } });
    await page.getByRole('button', { name: /3-minute demo/ }).click();
    await expectPage(page.locator('section[aria-label=Loss] canvas')).toBeVisible();
    await page.getByTitle('Write a checkpoint and pause this run').click();
    await expectPage(page.getByRole('button', { name: 'Resume', exact: true })).toBeVisible();
  });
});
