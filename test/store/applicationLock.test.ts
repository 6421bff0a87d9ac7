import { once } from 'node:events';
import { mkdirSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  alreadyOpen,
  findApplication,
  type HeldDataFolder,
  isHeld,
  takeDataFolder,
} from '../../main/store/applicationLock.ts';
import { identifyThisProcess } from '../../main/runtime/processIdentity.mjs';
import { startChild } from './children/startChild.ts';
import { makeTemporaryFolder } from './temporaryFolder.ts';

async function take(folder: string, kind: 'window' | 'server' = 'server'): Promise<HeldDataFolder> {
  const taken = await takeDataFolder(folder, kind);
  if (!isHeld(taken)) throw new Error(`It was expected to be free, process ${taken.pid} has it.`);
  return taken;
}

describe('the lock of a data folder', () => {
  it('is taken once, reports who has it, and can be taken again when it was given back', async () => {
    const folder = makeTemporaryFolder();
    const first = await take(folder);
    const { pid } = process;
    expect(await takeDataFolder(folder, 'window')).toEqual({ kind: 'server', pid, server: null });
    const server = { port: 4780, linkKey: 'key' };
    first.publish(server);
    expect(await takeDataFolder(folder, 'server')).toEqual({ kind: 'server', pid, server });
    expect(findApplication(folder)).toEqual({ kind: 'server', pid, server });
    first.release();
    first.release();
    expect(readdirSync(folder)).toEqual(['application.lock']);
    expect(findApplication(folder)).toBeNull();
    (await take(folder, 'window')).release();
  });

  it('keeps a second process out while the first lives, and falls to it when the first is killed', async () => {
    const folder = makeTemporaryFolder();
    const first = startChild('holdDataFolder.ts', folder, 'window');
    await first.waitFor('held by');
    const { pid } = first.process;
    expect(await takeDataFolder(folder, 'server')).toEqual({ kind: 'window', pid, server: null });
    await startChild('holdDataFolder.ts', folder, 'server').waitFor(`refused: window of process ${pid}`);
    await first.kill();
    expect(findApplication(folder)).toBeNull();
    (await take(folder)).release();
  });

  it('goes to one of many that start in the same moment over a dead one', async () => {
    const folder = makeTemporaryFolder();
    const dead = startChild('holdDataFolder.ts', folder, 'server');
    await dead.waitFor('held by');
    await dead.kill();
    const starts = Array.from({ length: 6 }, () => startChild('holdDataFolder.ts', folder, 'window'));
    await Promise.all(
      starts.map((start) => Promise.race([start.waitFor('held by'), once(start.process, 'close')])),
    );
    const holders = starts.filter(({ output }) => output().includes('held by'));
    expect(holders).toHaveLength(1);
    const [{ process: holder }] = holders;
    for (const { output } of starts) {
      expect(output()).toMatch(new RegExp(`^(held by|refused: window of process) ${holder.pid}\n$`));
    }
  });

  it('waits for the word of who has it where a dead one’s still stands', async () => {
    const folder = makeTemporaryFolder();
    const held = await take(folder);
    const dead = { kind: 'window', pid: 999_999_999, server: null };
    writeFileSync(join(folder, 'application.json'), JSON.stringify(dead));
    const server = { port: 4780, linkKey: 'key' };
    setTimeout(() => held.publish(server), 100);
    expect(await takeDataFolder(folder, 'window')).toEqual({ kind: 'server', pid: process.pid, server });
    held.release();
  });

  it('says after a while that somebody has it who cannot be named', async () => {
    const folder = makeTemporaryFolder();
    const held = await take(folder);
    writeFileSync(join(folder, 'application.json'), '{"pid":');
    await expect(takeDataFolder(folder, 'window')).rejects.toThrow(/is open in another process.*--data-dir/);
    held.release();
  });

  it.each([
    [
      'a process that still lives and has let it go',
      JSON.stringify({ kind: 'window', ...identifyThisProcess() }),
    ],
    ['nobody, cut off in the middle', '{"pid":'],
  ])('is free whatever is written of %s', async (_, text) => {
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'application.json'), text);
    (await take(folder)).release();
  });

  it('stays free where it cannot be said who has it', async () => {
    const folder = makeTemporaryFolder();
    const obstacle = join(folder, 'application.json.partial');
    mkdirSync(obstacle);
    await expect(takeDataFolder(folder, 'server')).rejects.toThrow(/EISDIR/);
    rmdirSync(obstacle);
    (await take(folder)).release();
  });

  it('lets its user alone read who has it', async () => {
    const folder = makeTemporaryFolder();
    const held = await take(folder);
    held.publish({ port: 1, linkKey: 'key' });
    if (process.platform !== 'win32') {
      expect(statSync(join(folder, 'application.json')).mode & 0o077).toBe(0);
    }
    held.release();
  });

  it('refuses with who has it and what to do', () => {
    const window = alreadyOpen('/data', { kind: 'window', pid: 7, server: null });
    expect(window.message).toMatch(/open in a window by process 7; .* Use that window, or quit it first/);
    const server = alreadyOpen('/data', { kind: 'server', pid: 8, server: null });
    expect(server.message).toMatch(
      /served for a browser by process 8; .* "npm start -- --browser" prints a link/,
    );
  });
});
