import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** Types of the set-up's modules, which are plain JavaScript. */
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
  it('is held by one process at a time', async () => {
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

  it('is taken over if its process was killed', async () => {
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
    'is taken over if its process ID belongs to a later process',
    async () => {
      writeLock({ ...identifyThisProcess(), pid: process.ppid });
      (await takeLock(root, 'setup'))();
      expect(existsSync(lockFile(root, 'setup'))).toBe(false);
    },
  );

  it('is waited for if its process is alive, with a message that names owner, start and next step', async () => {
    writeLock({ ...identifyThisProcess(), user: 'ann', since: '2026-11-28T10:00:00.000Z' });
    const message = Promise.withResolvers<string>();
    const second = takeLock(root, 'setup', message.resolve);
    expect(await message.promise).toMatch(
      /process \d+ of ann, since \d\d:\d\d:\d\d.*Ctrl-C stops waiting.*end it, or delete .*setup\.lock$/,
    );
    rmSync(lockFile(root, 'setup'));
    (await second)();
  });

  it('cannot be taken in a checkout that is not writable, which is reported with the next step', async () => {
    writeFileSync(join(root, 'dist'), 'a file in its place');
    await expect(takeLock(root, 'setup')).rejects.toThrow(
      /dist cannot be written by the user .*a checkout of your own/,
    );
  });
});

function writeLock(owner: object): void {
  mkdirSync(join(root, 'dist'));
  writeFileSync(lockFile(root, 'setup'), JSON.stringify(owner));
}

describe('explainPathObstacle', () => {
  it.each([
    ['/home/ann/c#', '"#"'],
    ['/home/what?/lab', '"?"'],
    ['/home/a*b', '"*"'],
    ['/home/two\nlines', 'a line break'],
  ])('names the character to remove from %j', (folder, character) => {
    const message = explainPathObstacle(folder);
    expect(message).toContain(`contains ${character}`);
    expect(message).toContain('Move or rename that folder');
  });

  it.each(['/home/ann/Größe 実験', "/home/it's mine", '/100%25', '/a[b]{c,d}(e)!f$g;h'])(
    'accepts %j',
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
    'node_modules/webgpu': { version: '0.6.2', optional: true },
    'node_modules/other-system': { version: '3.0.0', optional: true },
  };

  beforeEach(() => {
    write('package-lock.json', { packages: { '': { name: 'project' }, ...packages } });
    write('node_modules/.package-lock.json', { packages });
    write('node_modules/one/package.json', {});
    write(`${native}/package.json`, {});
    write('node_modules/webgpu/package.json', {});
  });

  it('match the lock file although packages for other systems are absent', () => {
    expect(isTreeAsLocked(root)).toBe(true);
  });

  it('do not match the lock file if a version differs', () => {
    write('node_modules/.package-lock.json', {
      packages: { ...packages, 'node_modules/one': { version: '1.0.1' } },
    });
    expect(isTreeAsLocked(root)).toBe(false);
    expect(hasWholeTree(root)).toBe(true);
  });

  it('do not match the lock file if npm removed an optional package that every system uses', () => {
    rmSync(join(root, native), { recursive: true });
    expect(isTreeAsLocked(root)).toBe(false);
    write(`${native}/package.json`, {});
    expect(isTreeAsLocked(root)).toBe(true);
    rmSync(join(root, 'node_modules/webgpu'), { recursive: true });
    expect(isTreeAsLocked(root)).toBe(false);
  });

  it('are incomplete if npm was killed before it wrote its last file', () => {
    rmSync(join(root, 'node_modules', '.package-lock.json'));
    expect(isTreeAsLocked(root)).toBe(false);
    expect(hasWholeTree(root)).toBe(false);
  });
});

describe('a second set-up', () => {
  it('does nothing and prints nothing', () => {
    const result = spawnSync(process.execPath, [fileURLToPath(new URL('setup.mjs', runtimeFolder))], {
      encoding: 'utf8',
    });
    expect([result.status, result.stdout, result.stderr]).toEqual([0, '', '']);
  });
});
