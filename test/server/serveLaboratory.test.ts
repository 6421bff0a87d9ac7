import { describe, expect, it } from 'vitest';
import { requestLink } from '../../main/server/serveLaboratory.ts';
import { isHeld, takeDataFolder } from '../../main/store/applicationLock.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

describe('requestLink', () => {
  it('names the process of a server that does not answer', async () => {
    const folder = makeTemporaryFolder();
    const held = await takeDataFolder(folder, 'server');
    if (!isHeld(held)) throw new Error('The data folder was expected to be free.');
    const starting = { kind: 'server', pid: process.pid, server: null } as const;
    setTimeout(() => held.publish({ port: 1, linkKey: 'key' }), 300);
    await expect(requestLink(folder, starting)).rejects.toThrow(
      `Process ${process.pid} serves this data folder, but it does not answer`,
    );
    held.release();
  });
});
