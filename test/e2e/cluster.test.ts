import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ConnectionError } from '../../main/cluster/access.ts';
import { openStore } from '../../main/store/store.ts';
import { listSweeps } from '../../main/store/sweeps.ts';
import { writeState } from '../cluster/exampleSweep.ts';
import { openExampleTask } from '../cluster/exampleTask.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { createExampleCluster } from './support/exampleCluster.ts';
import { describePage, expectPage } from './support/openLab.ts';

describePage('a sweep on a cluster', (openLab) => {
  it('is submitted from New run, shows every task, what went wrong and its log, brings runs home, and is retried and cancelled', async () => {
    const cluster = createExampleCluster();
    const { page, dataFolder } = await openLab({ address: '#/new?preset=tiny', accessOf: cluster.accessOf });
    await page.getByRole('button', { name: 'Vary…' }).click();
    await page.getByRole('textbox', { name: 'Seeds' }).fill('1..6');
    await page.getByRole('combobox', { name: 'Budget a run' }).selectOption('steps');
    await page.getByRole('textbox', { name: 'Number of steps', exact: true }).last().fill('12');
    await page.getByRole('combobox', { name: 'Computed' }).selectOption('cluster');
    const jobs = page.getByRole('group', { name: 'Jobs on the cluster' });
    await jobs.getByRole('textbox', { name: 'Login node' }).fill('login');
    await jobs.getByRole('textbox', { name: 'Time limit' }).fill('soon');
    const start = page.getByRole('region', { name: 'Start', exact: true });
    await expectPage(start).toContainText(
      /2 problems.*Program there.*such as ~\/sparse-field-lab.*Time limit: Expected minutes/s,
    );
    await start.getByRole('button', { name: 'Program there' }).click();
    await page.keyboard.type('/opt/lab');
    await jobs.getByRole('textbox', { name: 'Time limit' }).fill('90');
    await jobs.getByRole('textbox', { name: 'Folder for sweeps' }).fill(makeTemporaryFolder());
    await expectPage(page.getByRole('region', { name: 'The sweep on a cluster' })).toContainText('1 × 6');

    // The connection is broken at first.
    cluster.error = new ConnectionError(
      'The connection to login failed: no route. Whatever was begun there is known to lab sweep status.',
    );
    await start.getByRole('button', { name: 'Submit 6 runs' }).click();
    const panel = page.getByRole('region', { name: 'Cluster' });
    await expectPage(panel.getByRole('alert')).toContainText(
      'The connection to login failed: no route. Whatever was begun there will show here.',
    );
    await expectPage(page.getByRole('main').getByText('not started', { exact: true })).toBeVisible();
    await expectPage(page.getByText('The cluster did not do it')).toHaveCount(0);
    cluster.error = null;
    await page.getByRole('button', { name: 'Submit…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Submit to a Slurm cluster' });
    await expectPage(dialog.getByRole('textbox', { name: 'Time limit' })).toHaveValue('90');
    await dialog.getByRole('textbox', { name: 'Memory' }).fill('4G');
    await dialog.getByRole('button', { name: 'Submit' }).click();
    await expectPage(panel).toContainText('6 queued');
    expect(cluster.slurm.jobs).toHaveLength(1);

    // One task of each kind.
    const store = openStore(dataFolder);
    const [{ place }] = listSweeps(store.db);
    store.close();
    if (place.kind !== 'slurm') throw new Error('The sweep is on no cluster.');
    expect(place.options).toMatchObject({ host: 'login', program: '/opt/lab', time: '90', memory: '4G' });
    const { slurm } = cluster;
    const [job] = slurm.jobs;
    const own = (member: number) => ({ member, job: { id: job.id, task: member, name: job.name } });
    const task = openExampleTask(6, { folder: place.folder, slurm });
    await task.run(0);
    slurm.setTask(job, 0, 'COMPLETED');
    slurm.setTask(job, 1, 'RUNNING');
    writeState(place.folder, { ...own(1), phase: 'running', step: 6 });
    slurm.setTask(job, 2, 'PENDING', 'BeginTime');
    writeState(place.folder, { ...own(2), phase: 'requeued', step: 3, starts: 2 });
    slurm.setTask(job, 3, 'OUT_OF_MEMORY');
    writeState(place.folder, { ...own(3), phase: 'running', step: 5 });
    writeFileSync(
      join(place.folder, 'logs', `${job.id}_3.txt`),
      'TensorFlow on the CPU\nslurmstepd: error: oom_kill\n',
    );
    slurm.setTask(job, 4, 'PENDING', 'PartitionTimeLimit');
    await page.getByRole('button', { name: 'Collect now' }).click();
    await expectPage(panel).toContainText(
      /2 queued.*1 running.*1 requeued.*1 failed.*1 done.*1 run collected/,
    );
    await expectPage(page.getByText('1 of 6 runs: 1 done, 2 active, 2 planned, 1 failed')).toBeVisible();

    await page.getByRole('tab', { name: 'Tasks' }).click();
    const table = page.getByRole('table', { name: 'Tasks of the sweep' });
    await expectPage(table).toHaveAttribute('aria-rowcount', '7');
    const row = (run: number) => table.getByRole('row').filter({ hasText: new RegExp(`^run ${run}`) });
    await expectPage(row(2)).toContainText(/running6 of 12/);
    await expectPage(row(3)).toContainText(/requeued3 of 12.*It continues from step 3/);
    await expectPage(row(5)).toContainText(
      /queued.*more than its partition allows.*“Time limit” or another “Partition”/,
    );
    await expectPage(row(1).getByRole('link')).toHaveAttribute('href', /#\/runs\//);
    const failed = page.getByRole('list', { name: 'Failed tasks' }).getByRole('listitem');
    await expectPage(failed).toContainText(
      /Run 4.*It needed more memory than “Memory” allows at step 5.*Use Retry.*oom_kill/s,
    );
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await findAccessibilityFaults(page), colorScheme).toEqual([]);
    }
    await page.setViewportSize({ width: 480, height: 900 });
    const overflow = () => page.getByRole('main').evaluate((main) => main.scrollWidth - main.clientWidth);
    await expectPage.poll(overflow, { timeout: 20_000 }).toBe(0);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole('combobox', { name: 'Show' }).selectOption('failed');
    await expectPage(table).toHaveAttribute('aria-rowcount', '2');

    await page.getByRole('button', { name: 'Retry', exact: true }).click();
    await expectPage(panel).toContainText('3 queued');
    expect(slurm.jobs[1].args).toContain('--array=3');
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByText('Cancel the tasks on the cluster').click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the tasks' }).click();
    await expectPage(panel).toContainText(/5 cancelled.*1 done/);
    await expectPage(page.getByRole('main').getByText('stopped', { exact: true })).toBeVisible();
  });
});
