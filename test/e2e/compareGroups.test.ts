import { it } from 'vitest';
import { updateRun } from '../../main/store/runs/runs.ts';
import { insertEvaluatedRun } from '../reports/exampleReport.ts';
import { describePage, expectPage } from './support/openLab.ts';

const gains = { 0.001: [1, 2, 3], 0.002: [3.2, 3.8, 5] } as const;

describePage('a comparison of groups', (openLab) => {
  const open = openLab.shared({
    seed(store) {
      return Object.entries(gains).flatMap(([rate, own]) =>
        own.map((gain, seed) => {
          const id = insertEvaluatedRun(store, {
            name: `rate ${rate} seed ${seed}`,
            gain,
            config: { seed, optim: { learningRate: Number(rate) } },
          });
          updateRun(store.db, id, { step: 500 });
          return id;
        }),
      );
    },
  });

  it('is reached from the groups of the run list, and shows means, intervals, tests and bands', async () => {
    const { page } = await open('#/runs');
    await page.getByRole('button', { name: 'Group', exact: true }).click();
    const menu = page.getByRole('dialog', { name: 'Group the runs' });
    await menu.getByRole('searchbox').fill('learning rate');
    await menu.getByRole('button', { name: 'Learning rate Optimiser' }).click();
    await page.getByRole('button', { name: 'Compare these groups with each other' }).click();

    await expectPage(page.getByRole('heading', { name: 'Comparison of 2 groups' })).toBeVisible();
    await expectPage(
      page.getByText(
        '“Learning rate 0.002” is better than “Learning rate 0.001” by 2.00 dB PSNR (95 % interval',
      ),
    ).toBeVisible();
    const groups = page.getByRole('region', { name: 'Groups', exact: true });
    await expectPage(
      groups.getByRole('row', { name: /Learning rate 0\.001 3 3 1 23\.50 ± 2\.48 \[/ }),
    ).toBeVisible();
    const differences = page.getByRole('region', { name: 'Differences of groups' });
    await expectPage(differences.getByRole('row')).toHaveCount(2);
    const [first, second] = ['Learning rate 0.002', 'Learning rate 0.001'];
    await page.getByRole('combobox', { name: 'Reference group' }).press('ArrowDown');
    await page.getByRole('option', { name: first, exact: true }).click();
    await expectPage(
      differences.getByRole('row', {
        name: `${second} ${first} −2.00 dB [−2.50, −1.50] 0.003 0.003 paired by seed`,
      }),
    ).toBeVisible();

    await page.getByRole('tab', { name: 'Charts' }).click();
    await expectPage(
      page.getByRole('img', { name: 'PSNR while training, mean over seeds and 95 % interval' }),
    ).toBeVisible();
  });

  it('is saved with its groups, which can be changed and given up', async () => {
    const { page, seeded } = await open('#/runs');
    await page.goto(new URL(`#/compare?runs=${seeded.join(',')}&by=setting`, page.url()).href);
    await page.getByRole('button', { name: 'Save…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Save the comparison' });
    await dialog.getByLabel('Name').fill('rates with seeds');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expectPage(page.getByRole('heading', { name: 'rates with seeds' })).toBeVisible();

    await page.getByRole('combobox', { name: 'Group by' }).press('ArrowDown');
    await page.getByRole('option', { name: 'Not grouped' }).click();
    await expectPage(page.getByRole('heading', { name: 'Comparison of 6 runs' })).toBeVisible();
    await page.getByRole('link', { name: 'Saved', exact: true }).click();
    await page.getByRole('link', { name: 'rates with seeds' }).click();
    await expectPage(page.getByRole('list', { name: 'Compared groups' }).getByRole('listitem')).toHaveCount(
      2,
    );

    await page.getByRole('button', { name: 'Report…' }).click();
    await page.getByLabel('Also as PDF').uncheck();
    await page.getByRole('button', { name: 'Create report' }).click();
    await expectPage(page.getByRole('list', { name: 'Files of the report' })).toContainText('groups.csv');
  });
});
