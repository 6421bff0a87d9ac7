import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeTables } from '../../main/cli/reportFiles.ts';
import { exampleEvaluation } from '../reports/exampleEvaluation.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

describe('a folder of tables', () => {
  it('never mixes the numbers of two evaluations, and keeps other files', () => {
    const folder = join(makeTemporaryFolder(), 'new', 'out');
    const curve = { name: 'curve.csv', text: 'steps,psnr\n' };
    writeTables(folder, { evaluations: [exampleEvaluation], more: [curve] });
    writeFileSync(join(folder, 'notes.txt'), '');
    expect(readdirSync(folder)).toContain('curve.csv');
    writeTables(folder, { evaluations: [exampleEvaluation] });
    expect(readdirSync(folder).sort()).toEqual([
      'comparison.csv',
      'comparison.json',
      'comparison.md',
      'notes.txt',
    ]);
  });

  it('keeps a curve file of the user', () => {
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'curve.csv'), 'mine');
    writeTables(folder, { evaluations: [exampleEvaluation] });
    expect(readdirSync(folder)).toContain('curve.csv');
  });
});
