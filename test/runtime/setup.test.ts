import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** Set-up is plain JavaScript; these are the parts of it that can be asked alone. */
interface SetupLock {
  takeLock(root: string): Promise<() => void>;
  lockFile(root: string): string;
}
interface SetupPackages {
  isTreeAsLocked(root: string): boolean;
  hasWholeTree(root: string): boolean;
}

const runtimeFolder = new URL('../../main/runtime/', import.meta.url);
const lockModule = new URL('setupLock.mjs', runtimeFolder).href;
const { takeLock, lockFile } = (await import(lockModule)) as SetupLock;
const packagesModule = new URL('setupPackages.mjs', runtimeFolder).href;
const { isTreeAsLocked, hasWholeTree } = (await import(packagesModule)) as SetupPackages;

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'setup-'))));
afterEach(() => {
  rmSync(root, { recursive: true });
  rmSync(lockFile(root), { force: true });
});

describe('the lock of a checkout', () => {
  it('lets one in at a time', async () => {
    const order: string[] = [];
    const release = await takeLock(root);
    const second = takeLock(root).then((releaseSecond) => {
      order.push('second in');
      releaseSecond();
    });
    await setTimeout(400);
    order.push('first out');
    release();
    await second;
    expect(order).toEqual(['first out', 'second in']);
    expect(existsSync(lockFile(root))).toBe(false);
  });

  it('is taken over from a process that was killed', async () => {
    const script = `import(${JSON.stringify(lockModule)}).then(async ({ takeLock }) => {
      await takeLock(${JSON.stringify(root)}); console.log('held'); setInterval(() => {}, 1e6); })`;
    const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    holder.kill('SIGKILL');
    await new Promise((resolve) => holder.once('close', resolve));
    expect(existsSync(lockFile(root))).toBe(true);
    const release = await takeLock(root);
    release();
  });
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
  it('does nothing, says nothing and takes a fraction of a second', () => {
    const startedAt = performance.now();
    const result = spawnSync(process.execPath, [new URL('setup.mjs', runtimeFolder).pathname], {
      encoding: 'utf8',
    });
    expect([result.status, result.stdout, result.stderr]).toEqual([0, '', '']);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
