import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** Set-up is plain JavaScript; these are the parts of it that can be asked alone. */
interface SetupLock {
  takeLock(root: string, name: string, tell?: (line: string) => void): Promise<() => void>;
  lockFile(root: string, name: string): string;
}
interface SetupPackages {
  isTreeAsLocked(root: string): boolean;
  hasWholeTree(root: string): boolean;
}

const runtimeFolder = new URL('../../main/runtime/', import.meta.url);
const lockModule = new URL('setupLock.mjs', runtimeFolder).href;
const { takeLock, lockFile } = (await import(lockModule)) as SetupLock;
const identityModule = new URL('processIdentity.mjs', runtimeFolder).href;
const { identifyThisProcess } = (await import(identityModule)) as { identifyThisProcess(): object };
const folderModule = new URL('buildFolder.mjs', runtimeFolder).href;
const { explainPathObstacle } = (await import(folderModule)) as {
  explainPathObstacle(root: string): string | null;
};
const packagesModule = new URL('setupPackages.mjs', runtimeFolder).href;
const { isTreeAsLocked, hasWholeTree } = (await import(packagesModule)) as SetupPackages;

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'setup-'))));
afterEach(() => rmSync(root, { recursive: true }));

describe('the lock of a checkout', () => {
  it('lets one in at a time', async () => {
    const order: string[] = [];
    const release = await takeLock(root, 'setup');
    const second = takeLock(root, 'setup').then((releaseSecond) => {
      order.push('second in');
      releaseSecond();
    });
    await setTimeout(400);
    order.push('first out');
    release();
    await second;
    expect(order).toEqual(['first out', 'second in']);
    expect(existsSync(lockFile(root, 'setup'))).toBe(false);
  });

  it('is taken over from a process that was killed', async () => {
    const script = `import(${JSON.stringify(lockModule)}).then(async ({ takeLock }) => {
      await takeLock(${JSON.stringify(root)}, 'setup'); console.log('held'); setInterval(() => {}, 1e6); })`;
    const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    holder.kill('SIGKILL');
    await new Promise((resolve) => holder.once('close', resolve));
    expect(existsSync(lockFile(root, 'setup'))).toBe(true);
    const release = await takeLock(root, 'setup');
    release();
  });

  it.runIf(process.platform === 'linux')(
    'is taken over when the number of its process belongs to a later one',
    async () => {
      leaveLock({ ...identifyThisProcess(), pid: process.ppid });
      (await takeLock(root, 'setup'))();
      expect(existsSync(lockFile(root, 'setup'))).toBe(false);
    },
  );

  it('that a living process holds is waited for, with its owner, its start and the way out', async () => {
    leaveLock({ ...identifyThisProcess(), user: 'ann', since: '2026-11-28T10:00:00.000Z' });
    const told = Promise.withResolvers<string>();
    const second = takeLock(root, 'setup', told.resolve);
    expect(await told.promise).toMatch(
      /process \d+ of ann, since \d\d:\d\d:\d\d.*Ctrl-C stops waiting.*end it, or delete .*setup\.lock$/,
    );
    rmSync(lockFile(root, 'setup'));
    (await second)();
  });

  it('is refused with the next step where the checkout cannot be written', async () => {
    writeFileSync(join(root, 'dist'), 'a file in its place');
    await expect(takeLock(root, 'setup')).rejects.toThrow(
      /dist cannot be written by the user .*a checkout of your own/,
    );
  });
});

function leaveLock(owner: object): void {
  mkdirSync(join(root, 'dist'));
  writeFileSync(lockFile(root, 'setup'), JSON.stringify(owner));
}

describe('a checkout in a folder that build tools do not take', () => {
  it.each([
    ['/home/ann/c#', '"#"'],
    ['/home/what?/lab', '"?"'],
    ['/home/a*b', '"*"'],
    ['/home/two\nlines', 'a line break'],
  ])('is named with the character to remove: %j', (folder, sign) => {
    const message = explainPathObstacle(folder);
    expect(message).toContain(`contains ${sign}`);
    expect(message).toContain('Move or rename that folder');
  });

  it.each(['/home/ann/Größe 実験', "/home/it's mine", '/100%25', '/a[b]{c,d}(e)!f$g;h'])(
    'is not seen where they take it: %j',
    (folder) => {
      expect(explainPathObstacle(folder)).toBe(null);
    },
  );
});

describe('the installed packages', () => {
  const write = (path: string, value: object): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), JSON.stringify(value));
  };
  const native = 'node_modules/@tensorflow/tfjs-node-gpu';
  const packages = {
    'node_modules/one': { version: '1.0.0' },
    [native]: { version: '4.22.0', optional: true },
    'node_modules/other-system': { version: '3.0.0', optional: true },
  };

  beforeEach(() => {
    write('package-lock.json', { packages: { '': { name: 'project' }, ...packages } });
    write('node_modules/.package-lock.json', { packages });
    write('node_modules/one/package.json', {});
    write(`${native}/package.json`, {});
  });

  it('are as locked although packages for other systems are absent', () => {
    expect(isTreeAsLocked(root)).toBe(true);
  });

  it('are not as locked when a version differs', () => {
    write('node_modules/.package-lock.json', {
      packages: { ...packages, 'node_modules/one': { version: '1.0.1' } },
    });
    expect(isTreeAsLocked(root)).toBe(false);
    expect(hasWholeTree(root)).toBe(true);
  });

  it('are not as locked when npm removed the optional native package', () => {
    rmSync(join(root, native), { recursive: true });
    expect(isTreeAsLocked(root)).toBe(false);
  });

  it('are not whole when npm was killed before its last file', () => {
    rmSync(join(root, 'node_modules', '.package-lock.json'));
    expect(isTreeAsLocked(root)).toBe(false);
    expect(hasWholeTree(root)).toBe(false);
  });
});

describe('a second set-up', () => {
  it('does nothing and says nothing', () => {
    const result = spawnSync(process.execPath, [new URL('setup.mjs', runtimeFolder).pathname], {
      encoding: 'utf8',
    });
    expect([result.status, result.stdout, result.stderr]).toEqual([0, '', '']);
  });
});
