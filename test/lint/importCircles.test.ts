/** No module may import itself through others; imports of types count. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

it('A circle of three modules is found', () => {
  const imports = { a: ['b'], b: ['c', 'd'], c: ['a'], d: [] };
  expect(findCircles(new Map(Object.entries(imports)))).toEqual([['a', 'b', 'c']]);
});

it('The project has no import circles', () => {
  const files = execFileSync('git', ['ls-files', 'main', 'preload', 'renderer', 'shared', 'test'], {
    cwd: root,
    encoding: 'utf8',
  });
  const modules = files.split('\n').filter((file) => /\.(?:ts|mjs|vue)$/.test(file));
  const imports = new Map(modules.map((module) => [module, listImports(module)]));
  expect(findCircles(imports)).toEqual([]);
});

/** Lists the modules of the project that a module imports, by their paths in it. */
function listImports(module: string): string[] {
  return ts
    .preProcessFile(readFileSync(join(root, module), 'utf8'))
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => posix.join(posix.dirname(module), name));
}

/** Searches depth first; each circle starts at the module that was reached first. */
function findCircles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (module: string): void => {
    if (finished.has(module)) return;
    const start = path.indexOf(module);
    if (start >= 0) {
      circles.push(path.slice(start));
      return;
    }
    path.push(module);
    for (const imported of imports.get(module) ?? []) visit(imported);
    path.pop();
    finished.add(module);
  };
  for (const module of imports.keys()) visit(module);
  return circles;
}
