import { expect, it } from 'vitest';
import { openStore } from '../../main/store/store.ts';
import { listSweeps } from '../../main/store/sweeps.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { seedSweep } from './support/seedSweep.ts';

describePage('sweeps', (openLab) => {
  const open = openLab.shared({ seed: seedSweep });

  it('a sweep shows which setting wins and how surely, its runs, and leads to comparison, report and a new run', async () => {
    const { page, seeded } = await open('#/sweeps');
    await page.getByRole('link', { name: 'rates and widths' }).click();
    await expectPage(
      page.getByText(/^Learning rate 0\.002, Width 32 wins with 24\.\d\d dB ± .* % sure/),
    ).toBeVisible();
    const table = page.getByRole('table', { name: 'Settings of the sweep' });
    await expectPage(table.getByRole('row')).toHaveCount(7);
    await expectPage(table.getByRole('row').nth(1)).toContainText(/^10\.002323 of 324\.\d\d\s+± /);
    await expectPage(table.getByRole('row').nth(6)).toContainText(
      /stopped early.*Seed 1: Stopped early after 300 steps/,
    );
    await table.getByRole('button', { name: 'Learning rate' }).click();
    await expectPage(table.getByRole('columnheader', { name: 'Learning rate' })).toHaveAttribute(
      'aria-sort',
      'ascending',
    );
    await expectPage(table.getByRole('row').nth(1)).toContainText('0.0005');

    // A drag along the axis of the learning rate, and a field, filter the runs.
    const filters = page.getByRole('group', { name: 'Filter the runs' });
    const plot = page.getByRole('img', { name: /^Parallel coordinates of 18 runs/ });
    const box = await plot.boundingBox();
    if (!box) throw new Error('The plot has no size.');
    await page.mouse.move(box.x + 64, box.y + 235);
    await page.mouse.down();
    await page.mouse.move(box.x + 64, box.y + 130);
    await page.mouse.up();
    await expectPage(filters.getByRole('textbox', { name: 'Learning rate, at most' })).not.toHaveValue('');
    await expectPage(page.getByText('12 of 18 runs', { exact: true })).toBeVisible();
    await filters.getByRole('textbox', { name: 'Width, at least' }).fill('20');
    await page.keyboard.press('Tab');
    await expectPage(page.getByText('6 of 18 runs', { exact: true })).toBeVisible();
    await expectPage(table.getByRole('row')).toHaveCount(3);
    await page.getByRole('button', { name: 'Every run' }).click();
    const runs = page.getByRole('table', { name: 'Runs of the sweep' });
    await expectPage(runs.getByRole('link')).toHaveCount(6);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await expectPage(runs).toHaveAttribute('aria-rowcount', '19');

    const tab = (name: string) => page.getByRole('tab', { name, exact: true }).click();
    await tab('Parameters');
    await expectPage(
      page.getByRole('region', { name: 'Which parameters matter' }).getByRole('listitem').first(),
    ).toContainText(/^Learning rate\d+ % \(\d+ % to \d+ %\)/);
    await expectPage(page.getByRole('img', { name: 'PSNR against learning rate' })).toBeVisible();
    await tab('Curves');
    await expectPage(page.getByRole('img', { name: /PSNR/ })).toBeVisible();
    await tab('Images');
    await expectPage(page.getByRole('img', { name: /^Learning rate .*, image 1$/ }).first()).toBeVisible();

    await page.getByRole('button', { name: 'Report…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Report' });
    await expectPage(dialog.getByLabel('Title')).toHaveValue('rates and widths');
    await expectPage(dialog.getByLabel('Introduction')).toHaveValue(/wins with 24/);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Compare the best' }).click();
    await expectPage(page.getByRole('heading', { name: 'Comparison of 4 runs' })).toBeVisible();
    await page.goBack();
    await page.getByRole('button', { name: 'New run from the best' }).click();
    await expectPage(page).toHaveURL(new RegExp(`#/new\\?from=${seeded.members[3]}$`));
  });

  it('parameters are varied in New run: the runs to be, faults at their fields, and the sweep that is started, paused and deleted', async () => {
    const { page, dataFolder } = await openLab({ seed: seedSweep, address: '#/new?preset=tiny' });
    await page.getByRole('button', { name: 'Vary…' }).click();
    const add = page.getByRole('combobox', { name: 'Vary a parameter' });
    await expectPage(add).toBeFocused();
    await expectPage(add.getByRole('option', { name: 'Levels' })).toHaveCount(0);
    await add.selectOption('optim.learningRate');
    const rates = page.getByRole('textbox', { name: 'Values of Learning rate, separated by commas' });
    await rates.fill('fast, 2e-3');
    const start = page.getByRole('region', { name: 'Start', exact: true });
    await expectPage(start).toContainText('fast: “fast” is not a number');
    await start.getByRole('button', { name: 'Learning rate' }).click();
    await expectPage(rates).toBeFocused();
    await rates.fill('1e-3, 2e-3');
    await add.selectOption('field.dim');
    await page.getByRole('combobox', { name: 'How the values of Width are given' }).selectOption('range');
    for (const [name, value] of [
      ['From', '16'],
      ['to', '32'],
      ['in steps of', '8'],
    ])
      await page.getByRole('textbox', { name: `Width: ${name}`, exact: true }).fill(value);
    await page.getByRole('textbox', { name: 'Seeds' }).fill('1, 2');
    await page.getByRole('combobox', { name: 'Budget a run' }).selectOption('steps');
    await page.getByRole('textbox', { name: 'Number of steps', exact: true }).last().fill('400');
    const planned = page.getByRole('table', { name: 'Runs to be' });
    await expectPage(planned).toHaveAttribute('aria-rowcount', '13');
    await expectPage(page.getByRole('region', { name: 'The sweep on this machine' })).toContainText('6 × 2');
    await start.getByRole('button', { name: 'Start 12 runs' }).click();

    await expectPage(page.getByRole('heading', { name: 'learningRate × dim' })).toBeVisible();
    await expectPage(page.getByText('0 of 12 runs: 1 active, 11 planned')).toBeVisible();
    // How far an active run has come is read again while it trains.
    await expectPage(page.getByRole('table', { name: 'Settings of the sweep' })).toContainText(
      /1 active.*[1-9]\d? %/,
    );
    const store = openStore(dataFolder);
    expect(listSweeps(store.db)[0].spec).toMatchObject({
      axes: [
        { kind: 'list', path: 'optim.learningRate', values: [1e-3, 2e-3] },
        { kind: 'range', path: 'field.dim', from: 16, to: 32, step: 8 },
      ],
      seeds: [1, 2],
      budget: { steps: 400 },
      base: { preset: 'tiny' },
    });
    store.close();
    await page.getByRole('button', { name: 'Pause', exact: true }).first().click();
    await expectPage(page.getByRole('main').getByText('paused', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByText('Rename the sweep…').click();
    await page.getByRole('dialog').getByLabel('Name').fill('widths');
    await page.keyboard.press('Enter');
    await expectPage(page.getByRole('heading', { name: 'widths' })).toBeVisible();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByText('Delete the sweep', { exact: true }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete the sweep' }).click();
    await expectPage(page.getByRole('list', { name: 'Sweeps' }).getByRole('listitem')).toHaveCount(2);
    await expectPage(page.getByRole('link', { name: 'widths', exact: true })).toHaveCount(0);

    // A sweep that was deleted with its runs is imported again from its file, with all of them.
    await page.getByRole('link', { name: 'rates and widths' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByText('Export the sweep with its runs', { exact: true }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('rates and widths.sparsefield');
    await expectPage(page.getByText(/^Saved rates and widths\.sparsefield: .* with 18 runs/)).toBeVisible();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByText('Delete the sweep with its runs', { exact: true }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await expectPage(page.getByRole('link', { name: 'rates and widths' })).toHaveCount(0);
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Import run…' }).click();
    await (await chooser).setFiles(await file.path());
    await expectPage(
      page.getByText('18 runs were here already, 18 of them in the trash and restored.'),
    ).toBeVisible();
    await expectPage(page.getByText(/^Learning rate 0\.002, Width 32 wins with 24/)).toBeVisible();
    await page.getByRole('button', { name: 'Every run' }).click();
    await expectPage(page.getByRole('table', { name: 'Runs of the sweep' })).toHaveAttribute(
      'aria-rowcount',
      '19',
    );
  });
});
