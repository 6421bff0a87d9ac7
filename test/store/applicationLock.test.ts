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
  if (!isHeld(taken))
    throw new Error(`The data folder was expected to be free, but process ${taken.pid} has it.`);
  return taken;
}

describe('the lock of a data folder', () => {
  it('can be taken once, reports its owner, and can be taken again after it was released', async () => {
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

  it('excludes a second process while the first is alive, and can be taken after the first was killed', async () => {
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

  it('is taken by exactly one of several processes that start at the same time after its owner died', async () => {
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

  it('waits for the record of its owner if that of a dead process is still there', async () => {
    const folder = makeTemporaryFolder();
    const held = await take(folder);
    const dead = { kind: 'window', pid: 999_999_999, server: null };
    writeFileSync(join(folder, 'application.json'), JSON.stringify(dead));
    const server = { port: 4780, linkKey: 'key' };
    setTimeout(() => held.publish(server), 100);
    expect(await takeDataFolder(folder, 'window')).toEqual({ kind: 'server', pid: process.pid, server });
    held.release();
  });

  it('reports after a while that an unknown process has it', async () => {
    const folder = makeTemporaryFolder();
    const held = await take(folder);
    writeFileSync(join(folder, 'application.json'), '{"pid":');
    await expect(takeDataFolder(folder, 'window')).rejects.toThrow(/is open in another process.*--data-dir/);
    held.release();
  });

  it.each([
    [
      'a process that is alive but has released it',
      JSON.stringify({ kind: 'window', ...identifyThisProcess() }),
    ],
    ['no process, because it is cut off', '{"pid":'],
  ])('is free if its record is of %s', async (_, text) => {
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'application.json'), text);
    (await take(folder)).release();
  });

  it('remains free if its record cannot be written', async () => {
    const folder = makeTemporaryFolder();
    const obstacle = join(folder, 'application.json.partial');
    mkdirSync(obstacle);
    await expect(takeDataFolder(folder, 'server')).rejects.toThrow(/EISDIR/);
    rmdirSync(obstacle);
    (await take(folder)).release();
  });

  it('has a record that only its user can read', async () => {
    const folder = makeTemporaryFolder();
    const held = await take(folder);
    held.publish({ port: 1, linkKey: 'key' });
    if (process.platform !== 'win32') {
      expect(statSync(join(folder, 'application.json')).mode & 0o077).toBe(0);
    }
    held.release();
  });

  it('is reported with its owner and the next step', () => {
    const window = alreadyOpen('/data', { kind: 'window', pid: 7, server: null });
    expect(window.message).toMatch(/open in a window by process 7; .* Use that window, or quit it first/);
    const server = alreadyOpen('/data', { kind: 'server', pid: 8, server: null });
    expect(server.message).toMatch(
      /served for a browser by process 8; .* "npm start -- --browser" prints a link/,
    );
  });
});
