import { describe, expect, it } from 'vitest';
import { trainingScores } from '../../../renderer/models/compare/trainingScores.ts';
import { comparisonCells } from '../../../shared/comparison/comparisonTables.ts';
import { exampleRunSummary } from '../../shared/exampleRun.ts';

const photos = { key: 'photos', label: 'photos 64×64' };
const cifar = { key: 'cifar', label: 'cifar10 32×32' };
const run = (name: string, scores = cifar, bestPsnr: number | null = 24) =>
  exampleRunSummary({ id: name.padEnd(8, 'a'), name, scores, bestPsnr, bestSsim: 0.8, loss: 0.5 });
/** Names of the runs whose PSNR is marked as the best of their table. */
const bestOf = (tables: ReturnType<typeof trainingScores>) =>
  tables.map(({ table }) => {
    const column = table.columns.findIndex(({ heading }) => heading.includes('PSNR'));
    return comparisonCells(table).flatMap((cells, row) =>
      cells[column].isBest ? [table.rows[row].method] : [],
    );
  });

describe('scores of compared runs while they trained', () => {
  it('only runs scored on the same data and masks are in one table', () => {
    const tables = trainingScores([run('one'), run('other', photos), run('two')]);
    expect(tables.map(({ basis, table }) => [basis.key, table.rows.map(({ method }) => method)])).toEqual([
      ['cifar', ['one', 'two']],
      ['photos', ['other']],
    ]);
  });

  it('the best PSNR of each table is marked, together with values that are practically equal to it', () => {
    const all = [run('low', cifar, 22), run('high', cifar, 24.5), run('equal', cifar, 24.49)];
    expect(bestOf(trainingScores(all))).toEqual([['high', 'equal']]);
    const alone = [run('low', cifar, 22), run('other', photos, 30)];
    expect(bestOf(trainingScores(alone))).toEqual([[], []]);
  });

  it('a run that was never scored shows dashes and is not the best', () => {
    const tables = trainingScores([run('never', cifar, null), run('low', cifar, 22), run('high', cifar, 23)]);
    expect(comparisonCells(tables[0].table)[0].map(({ text }) => text)).toContain('–');
    expect(bestOf(tables)).toEqual([['high']]);
  });

  it('losses have no best, because methods predict different quantities', () => {
    const [{ table }] = trainingScores([run('one'), { ...run('two'), loss: 0.1 }]);
    const loss = table.columns.find(({ heading }) => heading.includes('loss'));
    expect(loss).toBeDefined();
    expect(loss?.quality).toBeUndefined();
  });
});
