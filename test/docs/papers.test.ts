/** References in README, CONTRIBUTING, docs/ and the READMEs of the rooms. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const rooms = ['main', 'renderer', 'shared', 'preload', 'test', 'docs'];

const roomFolders = ['main', 'renderer'].flatMap((house) =>
  readdirSync(join(root, house), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['public', 'styles'].includes(entry.name))
    .map(({ name }) => `${house}/${name}`),
);
const papers = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...roomFolders.map((room) => `${room}/README.md`),
];

describe.each(papers)('%s', (paper) => {
  const text = () => readFileSync(join(root, paper), 'utf8');

  it('links only to files that exist', () => {
    const links = [
      ...text().matchAll(/\]\((?!https?:|#)([^)#\s]+)/g),
      ...text().matchAll(/(?:src|srcset)="([^"]+)"/g),
    ];
    const targets = links.map(([, target]) => target);
    expect(targets.filter((target) => !existsSync(join(root, dirname(paper), target)))).toEqual([]);
  });

  it('names only files and folders of the project that exist', () => {
    const names = [...text().matchAll(/`([\w./-]+)`/g)]
      .map(([, name]) => name)
      .filter((name) => rooms.includes(name.split('/')[0]) && name.includes('/'));
    expect(names.filter((name) => !existsSync(join(root, name)))).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const names = [...text().matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
    expect(names.filter((name) => !(name in scripts))).toEqual([]);
  });
});

it('Every room of main/ and renderer/ has a README', () => {
  expect(roomFolders.filter((room) => !existsSync(join(root, room, 'README.md')))).toEqual([]);
});
