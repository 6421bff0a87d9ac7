import { it } from 'vitest';
import { getRun, updateRun } from '../../main/store/runs/runs.ts';
import type { DatasetInfo } from '../../shared/dataset.ts';
import type { Store } from '../../main/store/store.ts';
import { describePage, type OpenLab, expectPage } from './support/openLab.ts';
import { seedRuns } from './support/seedRuns.ts';
import { createTrainingHost } from './support/trainingHost.ts';

const identity = { count: 4000, checksum: '1a2b3c4d5e6f7a8b' };
const dataset: DatasetInfo = {
  source: 'folder:/photos/birds',
  split: 'train',
  height: 32,
  width: 32,
  notes: [],
  ...identity,
};

/** Opens a seeded run that is changed before. */
async function openRun(openLab: OpenLab, name: string, change: (store: Store, id: string) => void) {
  let id = '';
  const lab = await openLab({
    seed: async (store) => {
      id = (await seedRuns(store))[name];
      change(store, id);
    },
    get address() {
      return `#/runs/${id}`;
    },
    createHost: createTrainingHost({ stepTime: 10, totalSteps: 100_000 }),
  });
  await expectPage(lab.page.getByRole('heading', { level: 1, name })).toBeVisible();
  return lab;
}

/** Changes the data source of a run to a folder that does not exist. */
function moveAway(store: Store, id: string): void {
  const { config } = getRun(store.db, id);
  const moved = { ...config, data: { ...config.data, source: dataset.source } };
  store.db
    .prepare('UPDATE runs SET config = ?, source = ? WHERE id = ?')
    .run(JSON.stringify(moved), dataset.source, id);
}

describePage('training images of a run', (openLab) => {
  it('changed images are reported with both counts, and the run continues with them on request', async () => {
    const { page } = await openRun(openLab, 'wider network', (store, id) => {
      moveAway(store, id);
      const refused = { count: 4100, checksum: 'feedbeef0000', split: 'train' } as const;
      updateRun(store.db, id, { dataset: { ...dataset, refused } });
    });
    const panel = page.getByRole('alert').filter({ hasText: 'The images have changed' });
    await expectPage(panel).toContainText('4100 training images (checksum feedbeef0000)');
    await expectPage(panel).toContainText('4000 training images (checksum 1a2b3c4d5e6f)');
    await expectPage(panel.getByRole('button', { name: 'Resume', exact: true })).toHaveCount(0);
    await panel.getByRole('button', { name: 'Continue with the changed images' }).click();
    await expectPage(page.getByRole('button', { name: 'Pause' }).first()).toBeVisible();
  });

  it('moved images can be located among the datasets or in a newly added folder', async () => {
    const { page } = await openRun(openLab, 'wider network', (store, id) => {
      moveAway(store, id);
      updateRun(store.db, id, { dataset, error: 'Cannot read /photos/birds: it does not exist.' });
    });
    const panel = page.getByRole('alert').filter({ hasText: 'The run could not continue' });
    await expectPage(panel).toContainText('/photos/birds');
    await panel.getByRole('button', { name: 'Locate data…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Locate data' });
    await expectPage(dialog.getByRole('button', { name: 'Use these images' })).toBeDisabled();
    await dialog.getByLabel('New location of the images').first().click({ force: true });
    await page
      .getByRole('option', { name: /synthetic/i })
      .first()
      .click();
    await dialog.getByRole('button', { name: 'Use these images' }).click();
    // All 4000 images are read first.
    await expectPage(dialog.getByRole('alert')).toContainText('4000 training images (checksum 1a2b3c4d5e6f)');
    await expectPage(dialog.getByRole('button', { name: 'Use them anyway' })).toBeVisible();
  });
});

describePage('extending the budget of a run', (openLab) => {
  it('the dialog describes the learning rate for every option of continuing its schedule', async () => {
    const { page } = await openRun(openLab, 'first try', (store, id) => {
      updateRun(store.db, id, { dataset: { ...dataset, source: 'synthetic' }, totalSteps: 1500 });
      const { config } = getRun(store.db, id);
      const train = { ...config.train, steps: 1500, minutes: null };
      const optim = { ...config.optim, schedule: 'budget' };
      store.db
        .prepare('UPDATE runs SET config = ? WHERE id = ?')
        .run(JSON.stringify({ ...config, train, optim }), id);
    });
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByText('Extend the budget…').click();
    const dialog = page.getByRole('dialog', { name: 'Extend the budget' });
    await expectPage(dialog.getByText(/Learning rate, .* at step 1500/)).toBeVisible();
    await expectPage(dialog.getByRole('radio')).toHaveCount(3);
    await dialog.getByRole('radio', { name: /Keep the learning rate/ }).check();
    await expectPage(dialog.getByRole('radio', { name: /Keep the learning rate/ })).toBeChecked();
  });
});
