import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import asar from '@electron/asar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDesktop, buildPage } from '../../main/runtime/buildApp.ts';
import { hasElectron } from '../../main/runtime/electron.ts';
import { packageApp } from '../../main/runtime/packageApp.ts';

const output = mkdtempSync(join(tmpdir(), 'sparse-field-lab-package-'));
const archive = join(output, unpackedFolder(), 'resources', 'app.asar');
let files: readonly string[] = [];

function unpackedFolder(): string {
  if (process.platform === 'darwin') return `mac${process.arch === 'arm64' ? '-arm64' : ''}`;
  return process.platform === 'win32' ? 'win-unpacked' : 'linux-unpacked';
}

// On macOS the resources are in other folders, but their list is the same.
describe.skipIf(process.platform === 'darwin')(
  `the packaged application (${hasElectron() ? 'with Electron' : 'staged without Electron’s binary'})`,
  () => {
    beforeAll(async () => {
      const ignore = () => undefined;
      await Promise.all([buildDesktop(ignore), buildPage(ignore)]);
      await packageApp({ dir: true, output });
      files = asar.listPackage(archive, { isPack: false }).map((file) => file.replaceAll('\\', '/'));
    });
    afterAll(() => rmSync(output, { recursive: true, force: true }));

    it('contains the main process, the preload script and the page', () => {
      for (const file of [
        '/package.json',
        '/dist/main/index.js',
        '/dist/main/compute/entry.js',
        '/dist/main/cli/index.js',
        '/dist/shared/contract.js',
        '/dist/preload/index.cjs',
        '/dist/renderer/index.html',
        '/node_modules/better-sqlite3/package.json',
        '/node_modules/@tensorflow/tfjs-node-gpu/package.json',
        '/node_modules/zod/package.json',
      ])
        expect(files, file).toContain(file);
    });

    it('contains no sources, tests, source maps or development packages', () => {
      const unwanted = /^\/(test|renderer|shared|main|preload)\/|\.tsx?$|\.map$/;
      expect(files.filter((file) => unwanted.test(file) && !file.startsWith('/node_modules/.'))).toEqual([]);
      for (const name of [
        'electron',
        'electron-builder',
        'vite',
        'vitest',
        'typescript',
        'vuetify',
        '@playwright',
      ])
        expect(existsInside(`/node_modules/${name}`), name).toBe(false);
    });

    it('contains WebGPU for this system only', () => {
      const addons = files.filter((file) => file.endsWith('/dawn.node'));
      const system =
        process.platform === 'darwin' ? 'darwin-universal' : `${process.platform}-${process.arch}`;
      expect(addons).toEqual([`/node_modules/webgpu/dist/${system}/dawn.node`]);
      const bundles = files.filter((file) => /\/tfjs-backend-webgpu\/dist\/.*\.js$/.test(file));
      expect(bundles).toEqual([
        '/node_modules/@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.node.js',
      ]);
    });

    it('has native code next to the archive, where it can be loaded', () => {
      const unpacked = listFiles(`${archive}.unpacked`);
      const natives = files.filter((file) => file.endsWith('.node'));
      expect(natives.length).toBeGreaterThan(2);
      expect(natives.filter((file) => !unpacked.includes(file))).toEqual([]);
      const libraries = files.filter((file) => /\/tfjs-node-gpu\/deps\/lib\/.*\.(so|dll|dylib)/.test(file));
      expect(libraries.filter((file) => !unpacked.includes(file))).toEqual([]);
    });
  },
);

function existsInside(folder: string): boolean {
  return files.some((file) => file === folder || file.startsWith(`${folder}/`));
}

function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replaceAll('\\', '/'));
}
