/** docs/cli.md is generated: `npm run docs:cli` runs this file and updates it. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { environmentVariables, formatReference } from '../../main/cli/help.ts';
import { loadCommand } from '../../main/cli/command.ts';
import { commands as entries } from '../../main/cli/registry.ts';

const commands = await Promise.all(entries.map(loadCommand));
const root = resolve(import.meta.dirname, '../..');

describe('the reference of the command line', () => {
  it('is what the command table gives', async () => {
    const file = join(root, 'docs', 'cli.md');
    const text = await format(formatReference(commands), {
      ...(await resolveConfig(file)),
      parser: 'markdown',
    });
    await expect(text).toMatchFileSnapshot(file);
  });

  it('describes every positional argument of every command', () => {
    for (const { name, usage, arguments: described = {}, positionals } of commands) {
      const placeholders = Object.keys(described);
      expect(placeholders.length > 0, name).toBe(positionals.max > 0);
      for (const placeholder of placeholders) expect(usage, name).toContain(placeholder);
    }
  });

  it('describes every environment variable of the program', () => {
    const sources = ['main', 'shared'].flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name))
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
    );
    const found = new Set(sources.flatMap((text) => text.match(/\bSPARSE_FIELD_LAB_[A-Z_]+\b/g) ?? []));
    expect([...found].sort()).toEqual(Object.keys(environmentVariables).sort());
  });
});
