import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as PageFiles from '../../main/ipc/pageFiles.ts';
import type { RunSummary } from '../../shared/runList.ts';
import type { EventListener } from '../../main/shell/ipcTransport.ts';
import { openDesktop } from '../../main/shell/openDesktop.ts';
import {
  createSmokeFolders,
  isSmokeTest,
  runSmokeTest,
  type SmokeFolders,
} from '../../main/shell/smokeTest.ts';
import { exampleRunSummary } from '../shared/exampleRun.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { createFakeElectron, FakeWindow, toBrowserWindow } from './fakeElectron.ts';

/** Folder of a minimal page, which replaces the built one. */
const sources = vi.hoisted(() => ({ folder: '' }));

vi.mock('../../main/ipc/pageFiles.ts', async (load) => {
  const actual = await load<typeof PageFiles>();
  return { ...actual, mapPageFiles: () => actual.mapPageFiles(sources.folder) };
});

const printed: string[] = [];
beforeEach(() => {
  printed.length = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  sources.folder = makeTemporaryFolder();
  writeFileSync(join(sources.folder, 'index.html'), '<html><head></head></html>');
});
afterEach(() => void vi.restoreAllMocks());

/** Opens the application for its smoke test, with a page that has its frame and reaches the main side. */
async function openForSmokeTest() {
  const fake = createFakeElectron({ computes: true });
  const folders = createSmokeFolders(fake.electron.app);
  await openDesktop(fake.electron, folders);
  const [window] = fake.windows;
  const contents = window.webContents;
  const request = (name: string, input: unknown) =>
    fake.handlers.get(`lab:${name}`)?.({ senderFrame: contents.mainFrame }, input);
  contents.page = (code) =>
    runInNewContext(code, {
      document: { querySelector: () => ({}) },
      window: { lab: { request } },
      setTimeout,
    });
  const exitCode = () => vi.waitUntil(() => fake.calls('exit')[0], { timeout: 200_000 });
  return { fake, folders, contents, exitCode };
}

const rootOf = ({ dataFolder }: SmokeFolders) => dirname(dataFolder);

describe('the smoke test of the application', () => {
  it('trains ten steps in a utility process through the page, quits with status 0 and leaves no files', async () => {
    const { folders, contents, exitCode } = await openForSmokeTest();
    contents.emit('did-finish-load');
    expect(await exitCode()).toEqual([0]);
    expect(printed.join('')).toMatch(
      /^Smoke test passed\. The window opened and its page trained 10 steps on (TensorFlow|WASM) [\d.]+ \(CPU\)\.\n$/,
    );
    expect(existsSync(rootOf(folders))).toBe(false);
  });

  it('quits with status 1 and the reason if the page cannot be loaded', async () => {
    const { folders, contents, exitCode } = await openForSmokeTest();
    contents.emit('did-fail-load', {}, -6, 'ERR_FILE_NOT_FOUND', 'app://lab/');
    expect(await exitCode()).toEqual([1]);
    expect(printed).toEqual([
      'Smoke test failed. The page app://lab/ could not be loaded: ERR_FILE_NOT_FOUND (-6).\n',
    ]);
    expect(existsSync(rootOf(folders))).toBe(false);
  });

  it('prints the reason in place of a dialog, which nobody would close, if the application cannot be opened', async () => {
    const fake = createFakeElectron();
    const folders = createSmokeFolders(fake.electron.app);
    mkdirSync(rootOf(folders), { recursive: true });
    writeFileSync(folders.dataFolder, '');
    await openDesktop(fake.electron, folders);
    expect(fake.calls('exit')).toEqual([[1]]);
    expect(fake.calls('showErrorBox')).toEqual([]);
    expect(printed.join('')).toMatch(/^Smoke test failed\. The data folder .* cannot be used/);
    folders.remove();
  });

  it('has folders of its own, the profile of the browser included', () => {
    const fake = createFakeElectron();
    const folders = createSmokeFolders(fake.electron.app);
    expect(fake.calls('setPath')).toEqual([['userData', join(rootOf(folders), 'profile')]]);
    expect(dirname(folders.configFolder)).toBe(rootOf(folders));
    folders.remove();
  });

  it('is requested by --smoke', () => {
    expect(isSmokeTest(['electron', '.', '--smoke'])).toBe(true);
    expect(isSmokeTest(['electron', '.', '--data-dir', 'smoke'])).toBe(false);
  });
});

describe('a run of the smoke test', () => {
  /** Starts the test with a page that answers with `answer`. `emit`: sends a summary of its run. */
  function start(answer: unknown, signal?: AbortSignal) {
    const window = new FakeWindow({});
    window.webContents.page = () => answer;
    const listeners: EventListener[] = [];
    const ended = runSmokeTest({
      window: toBrowserWindow(window),
      listen: (listener) => void listeners.push(listener),
      signal,
    });
    const emit = (changes: Partial<RunSummary>) => {
      for (const listener of listeners) listener('runs.changed', [exampleRunSummary(changes)]);
    };
    window.webContents.emit('did-finish-load');
    return { ended, emit };
  }

  it('fails with the message of the run if its training does not finish', async () => {
    const { ended, emit } = start({ ok: true });
    emit({ status: 'running', step: 3 });
    emit({ status: 'crashed', step: 3, error: 'The compute process ended.' });
    await expect(ended).rejects.toThrow(
      'The training is crashed at step 3 of 10: The compute process ended.',
    );
  });

  it('fails with the answer to the page if no training can be started', async () => {
    const { ended } = start({ ok: false, failure: { message: 'No space is left.' } });
    await expect(ended).rejects.toThrow('The page could not start a training: No space is left.');
  });

  it('fails with what it was waiting for when the time is over', async () => {
    const limit = new AbortController();
    const { ended, emit } = start({ ok: true }, limit.signal);
    emit({ status: 'running', step: 0 });
    await new Promise((next) => setImmediate(next));
    limit.abort();
    await expect(ended).rejects.toThrow('The time was over while training 10 steps.');
  });
});
