import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askForLink, isHeld, takeInstance } from '../../main/server/instanceFile.ts';
import { identifyThisProcess } from '../../main/store/processIdentity.ts';
import { cookieNameOf, readSessionKey } from '../../main/server/sessionKey.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

describe('the file that keeps a second server out', () => {
  it('is taken once, tells who has it, and can be taken again when it was given back', () => {
    const folder = makeTemporaryFolder();
    const first = takeInstance(folder);
    if (!isHeld(first)) throw new Error('It was expected to be free.');
    expect(takeInstance(folder)).toMatchObject({ pid: process.pid, port: null });
    first.publish(4780);
    expect(takeInstance(folder)).toMatchObject({ port: 4780, linkKey: first.linkKey });
    first.release();
    expect(readdirSync(folder)).toEqual([]);
    expect(isHeld(takeInstance(folder))).toBe(true);
  });

  it('can be read by its user only', () => {
    const folder = makeTemporaryFolder();
    const held = takeInstance(folder);
    if (isHeld(held)) held.publish(1);
    const key = readSessionKey(folder);
    for (const name of ['server.json', 'session.key']) {
      if (process.platform !== 'win32') expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    }
    expect(readSessionKey(folder)).toEqual(key);
    expect(cookieNameOf(key)).toMatch(/^lab-[0-9a-f]{12}$/);
  });

  it.each([
    ['of a process that is gone', { pid: 2 ** 22 + 1 }],
    ['of another process with the same number', { processStart: '1' }],
    ['of before the machine was started anew', { bootId: 'another' }],
  ])('%s is taken over', (_, change) => {
    const folder = makeTemporaryFolder();
    const dead = { ...identifyThisProcess(), port: 1, linkKey: 'key', ...change };
    writeFileSync(join(folder, 'server.json'), JSON.stringify(dead));
    expect(isHeld(takeInstance(folder))).toBe(true);
    expect(readdirSync(folder)).toEqual(['server.json']);
  });

  it.each(['', '{"pid":', 'null', '{"pid":"1"}'])('cut off in the middle (%s) is taken over', (text) => {
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'server.json'), text);
    expect(isHeld(takeInstance(folder))).toBe(true);
  });

  it('of a server that does not answer leads to a sentence that names the process', async () => {
    const folder = makeTemporaryFolder();
    const held = takeInstance(folder);
    if (!isHeld(held)) throw new Error('It was expected to be free.');
    held.publish(1);
    const other = takeInstance(folder);
    if (isHeld(other)) throw new Error('It was expected to be taken.');
    await expect(askForLink(folder, other)).rejects.toThrow(`Process ${process.pid} serves this data folder`);
  });
});
