/** The keyboard focus of everything that opens above the page, and the completeness of the command palette. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, it } from 'vitest';
import { getRun } from '../../main/store/runs/runs.ts';
import type { Store } from '../../main/store/store.ts';
import { describePage, expectPage, leaveView, type OpenedLab } from './support/openLab.ts';
import { seedSweep, type SeededSweep } from './support/seedSweep.ts';
import { createTrainingHost } from './support/trainingHost.ts';

/** Something that opens above the page: a dialog, a menu, or a card below a button. */
interface Overlay {
  /** Its component in `renderer/components`. */
  readonly file: string;
  readonly address: string | ((seeded: SeededSweep) => string);
  /** Elements that are clicked one after the other to open it; the focus returns to the first one. */
  readonly path: (page: Page) => readonly Locator[];
  /** Key that opens it while the first element has focus; default: Enter on each element. */
  readonly key?: string;
  /** Whether a text field gets the focus, rather than an entry or a button. */
  readonly isField?: boolean;
  /** Its heading, where another entry of the same menu would open something else. */
  readonly heading?: string;
}

const button = (name: string | RegExp) => (page: Page) => [
  page.getByRole('button', { name, exact: typeof name === 'string' }).first(),
];
const grid = (page: Page) => [page.getByRole('grid', { name: 'Runs' })];
const run =
  (name: string, tab = 'overview') =>
  ({ runs }: SeededSweep) =>
    `#/runs/${runs[name]}?tab=${tab}`;
const comparison =
  (tab = 'results') =>
  ({ runs }: SeededSweep) =>
    `#/compare?runs=${runs['first try']},${runs['long baseline']}&tab=${tab}`;
const sweep = ({ sweep: id }: SeededSweep) => `#/sweeps/${id}`;
const moreActions = (item: string) => (page: Page) => [
  page.getByRole('button', { name: 'More actions' }),
  // The entry itself, which can have the focus, and not its text.
  page.locator('.v-overlay--active .v-list-item').filter({ has: page.getByText(item, { exact: true }) }),
];

const overlays: readonly Overlay[] = [
  { file: 'frame/CommandPalette', address: '#/runs', path: grid, key: 'Control+k', isField: true },
  { file: 'frame/KeyList', address: '#/runs', path: grid, key: '?' },
  { file: 'runs/FacetMenu', address: '#/runs', path: button('Preset'), isField: false },
  { file: 'runs/SavedViews', address: '#/runs', path: button('Views'), isField: true },
  { file: 'runs/GroupMenu', address: '#/runs', path: button('Group'), isField: true },
  { file: 'runs/ColumnChooser', address: '#/runs', path: button('Columns') },
  { file: 'runs/RunMenu', address: '#/runs', path: grid, key: 'Shift+F10' },
  { file: 'runs/TagsDialog', address: '#/runs', path: grid, key: 't', isField: true },
  { file: 'frame/ConfirmDialog', address: '#/runs?view=trash', path: button('Empty trash') },
  { file: 'forms/ConfigText', address: '#/new', path: button('JSON…'), isField: true },
  { file: 'forms/PresetActions', address: '#/new', path: button('More actions') },
  { file: 'forms/PresetDialog', address: '#/new', path: button('Save as preset…'), isField: true },
  { file: 'forms/StartPanel', address: '#/new', path: button('More start options') },
  { file: 'data/FolderDialog', address: '#/data', path: button('Add folder'), isField: true },
  { file: 'run/RunControls', address: run('wider network'), path: button('More actions') },
  { file: 'run/EvaluateDialog', address: run('wider network'), path: button('Evaluate…'), isField: true },
  {
    file: 'run/ExtendDialog',
    address: run('wider network'),
    path: moreActions('Extend the budget…'),
    isField: true,
    heading: 'Extend the budget',
  },
  {
    file: 'run/LocateDataDialog',
    address: run('wider network'),
    path: moreActions('Locate data…'),
    heading: 'Locate data',
  },
  { file: 'runs/NoteDialog', address: run('wider network'), path: button('Note'), isField: true },
  { file: 'charts/ChartExport', address: run('wider network'), path: button('Save Loss') },
  { file: 'charts/ChartTable', address: run('wider network'), path: button('Loss as a table') },
  { file: 'compare/AddRun', address: comparison(), path: button('Add run'), isField: true },
  { file: 'compare/NameComparison', address: comparison(), path: button('Save…'), isField: true },
  { file: 'compare/ReportDialog', address: comparison(), path: button('Report…'), isField: true },
  {
    file: 'compare/CommonProtocolDialog',
    address: comparison('images'),
    path: button('Evaluate on a common protocol…'),
    isField: true,
  },
  { file: 'charts/SvgFigure', address: comparison('charts'), path: button(/^Save /) },
  {
    file: 'inpainting/InpaintingHeader',
    address: ({ ids }) => `#/inpaintings/${ids[0]}`,
    path: button('More actions'),
  },
  { file: 'sweeps/SweepButtons', address: sweep, path: button('More actions') },
  {
    file: 'sweeps/RenameSweep',
    address: sweep,
    path: moreActions('Rename the sweep…'),
    isField: true,
    heading: 'Rename the sweep',
  },
  {
    file: 'sweeps/SubmitSweep',
    address: ({ idle }) => `#/sweeps/${idle}`,
    path: moreActions('Submit to a Slurm cluster…'),
    isField: true,
    heading: 'Submit to a Slurm cluster',
  },
  { file: 'frame/QueueMenu', address: '#/settings', path: button(/waiting/) },
];

const components = join(import.meta.dirname, '../../renderer/components');
const sources = readdirSync(components, { recursive: true, withFileTypes: true })
  .filter(({ name }) => name.endsWith('.vue'))
  .map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return { file: relative(components, path).slice(0, -4), text: readFileSync(path, 'utf8') };
  });

/** Returns the components whose template contains one of the elements. */
const usersOf = (elements: RegExp) =>
  sources.filter(({ text }) => elements.test(text)).map(({ file }) => file);

const seed = async (store: Store) => {
  const seeded = await seedSweep(store);
  const id = seeded.runs['wider network'];
  // Images in a folder can be located again.
  const { config } = getRun(store.db, id);
  const moved = { ...config, data: { ...config.data, source: 'folder:/photos/birds' } };
  store.db.prepare('UPDATE runs SET config = ? WHERE id = ?').run(JSON.stringify(moved), id);
  return seeded;
};

describePage('the keyboard focus', (openLab) => {
  const open = openLab.shared({ seed, createHost: createTrainingHost({ stepTime: 1e6 }) });

  it('the list of this file contains everything that opens above the page', () => {
    const frames = ['ui/FormDialog', 'ui/CommandMenu'];
    const found = usersOf(/<(DialogFrame|FormDialog|MenuFrame|CommandMenu)\b/);
    expect(found.filter((file) => !frames.includes(file)).toSorted()).toEqual(
      overlays.map(({ file }) => file).toSorted(),
    );
    // These frames move the focus; nothing else may open above the page.
    expect(usersOf(/<v-(dialog|menu|overlay|bottom-sheet|navigation-drawer)\b/).toSorted()).toEqual([
      'ui/DialogFrame',
      'ui/MenuFrame',
    ]);
    expect(usersOf(/\bautofocus\b/)).toEqual([]);
  });

  it('the focus moves into every dialog and menu, by key and mouse, and returns where it came from', async () => {
    const lab = await open('#/settings');
    await fillQueue(lab);
    for (const overlay of overlays) {
      await show(lab, overlay);
      for (const way of ['key', 'mouse'] as const)
        await expectFocus(lab.page, overlay, way, `${overlay.file}, by ${way}`);
    }
  });

  it('the folder dialog keeps the focus in its filter from folder to folder', async () => {
    const { page } = await open('#/data');
    // Before the view is there, nothing answers its keys.
    await page.getByRole('button', { name: 'Add folder' }).waitFor();
    await page.keyboard.press('Control+o');
    const dialog = page.getByRole('dialog', { name: 'Add a folder' });
    const filter = dialog.getByRole('textbox', { name: 'Filter' });
    await expectPage(filter).toBeFocused();
    await dialog.getByRole('button', { name: 'Parent folder' }).click();
    await expectPage(filter).toBeFocused();
    await dialog.locator('li button').first().click();
    await expectPage(filter).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expectPage(filter).not.toBeFocused();
    await page.keyboard.press('ArrowUp');
    await expectPage(filter).toBeFocused();
    await page.keyboard.press('Escape');
  });

  it('the note dialog opens with the note, so that nothing typed into it is lost', async () => {
    const lab = await open(run('wider network'));
    const { page } = lab;
    const noteButton = page.getByRole('main').getByRole('button', { name: 'Note' });
    await noteButton.waitFor();
    const isAnswered = Promise.withResolvers<boolean>();
    await page.route('**/api/runs.get', async (route) => {
      await isAnswered.promise;
      await route.continue();
    });
    await noteButton.click();
    const dialog = page.getByRole('dialog', { name: /^Note of/ });
    await nextFrames(page);
    await expectPage(dialog).toHaveCount(0);
    isAnswered.resolve(true);
    await expectPage(dialog.getByRole('textbox', { name: 'Note' })).toBeFocused();
    await page.keyboard.type('Seen at once.');
    await expectPage(dialog.getByRole('textbox', { name: 'Note' })).toHaveValue(/Seen at once\.$/);
    await page.unroute('**/api/runs.get');
    await page.keyboard.press('Escape');
  });

  it('the palette has every command of the buttons, tabs and menus of each view', async () => {
    const lab = await open('#/settings');
    const { page, seeded } = lab;
    /** Addresses, and a command whose button shows that the view is there. */
    const views = [
      ['#/runs', 'importRun'],
      ['#/new', 'newRun.json'],
      ['#/sweeps', 'sweeps.new'],
      [sweep(seeded), 'sweep.compare'],
      ['#/data', 'addFolder'],
      ['#/method', 'toy.train'],
      ['#/doctor', 'doctor.check'],
      ['#/settings', 'copy.Copy the versions'],
      ['#/images', 'pasteImage'],
      [`#/images/${seeded.image.id}`, 'mask.save'],
      [`#/inpaintings/${seeded.ids[1]}`, 'inpainting.save'],
      [run('wider network')(seeded), 'run.evaluate'],
      [`#/runs/${seeded.members[0]}`, 'run.report'],
      [run('first try', 'configuration')(seeded), 'copy.Copy the configuration as JSON'],
      [run('first try', 'charts')(seeded), 'charts.save'],
      [run('first try', 'log')(seeded), 'log.refresh'],
      [comparison()(seeded), 'compare.report'],
    ];
    for (const [address, command] of views) {
      await page.goto(`${lab.origin}/${address}`);
      await page.locator(`main [data-command="${command}"]`).waitFor();
      const { without, shown } = await readCommands(page);
      expect(without, `buttons without a command at ${address}`).toEqual([]);
      expect(shown).toContain(command);
      await page.keyboard.press('Control+k');
      const options = page.locator('#palette-list [role=option]');
      await options.first().waitFor();
      const offered = await options.evaluateAll((all) =>
        all.map(({ id }) => id.replace('palette-command-', '')),
      );
      expect(
        shown.filter((id) => !offered.includes(id)),
        `missing in the palette at ${address}`,
      ).toEqual([]);
      await page.keyboard.press('Escape');
    }
  });

  it('the palette opens the dialogs of a run, and the focus returns to where it was before the palette', async () => {
    const lab = await open(run('wider network'));
    const { page } = lab;
    const note = page.getByRole('button', { name: 'Note' });
    for (const [command, title] of [
      ['extend the', 'Extend the budget'],
      ['evaluate this', 'Evaluate'],
      ['locate data', 'Locate data'],
    ]) {
      await note.focus();
      await page.keyboard.press('Control+k');
      await page.keyboard.type(command);
      await page.keyboard.press('Enter');
      await expectPage(page.getByRole('dialog', { name: title }).locator(':focus')).toHaveCount(1);
      await page.keyboard.press('Escape');
      await expectPage(note).toBeFocused();
    }
    for (const command of ['Duplicate with changes', 'Branch from step 1250', 'Add a tag', 'Show charts']) {
      await page.keyboard.press('Control+k');
      await page.keyboard.type(command);
      await expectPage(page.getByRole('option', { name: command })).toHaveAttribute('aria-selected', 'true');
      await page.keyboard.press('Escape');
    }
  });
});

/** Returns the commands of the enabled buttons and tabs in headers, toolbars and tab bars, and the labels of those without one. */
async function readCommands(page: Page) {
  return page.evaluate(() => {
    const controls = ['.page-header__actions', '[role=toolbar]', '[role=tablist]', '.zone', '.intake__head']
      .flatMap((part) => [...document.querySelectorAll<HTMLElement>(`main ${part} :is(button, a.v-btn)`)])
      // Menus contain commands, and a key cannot be held for a command of the palette.
      .filter((each) => !each.ariaHasPopup && !each.closest('.v-input') && each.textContent !== 'Blink');
    const current = (each: HTMLElement) =>
      each.matches(':disabled, [aria-selected=true], [aria-current], .v-btn--active');
    return {
      without: controls
        .filter(({ dataset }) => !dataset['command'])
        .map(({ outerHTML }) => outerHTML.slice(0, 200)),
      shown: [...document.querySelectorAll<HTMLElement>('main [data-command]')]
        .filter((each) => !current(each))
        .map(({ dataset }) => dataset['command'] ?? ''),
    };
  });
}

/** Waits until the page has had time to react: two frames. */
async function nextFrames(page: Page) {
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

async function show(lab: OpenedLab<SeededSweep>, { address, path }: Overlay) {
  await showView(lab, typeof address === 'string' ? address : address(lab.seeded));
  await path(lab.page)[0].waitFor();
}

async function showView(lab: OpenedLab<SeededSweep>, address: string) {
  const place = `${lab.origin}/${address}`;
  if (lab.page.url() === place) return;
  await leaveView(lab);
  await lab.page.goto(place);
}

/** Starts two runs, one of which waits for the other. */
async function fillQueue(lab: OpenedLab<SeededSweep>) {
  const { page, seeded } = lab;
  for (const name of ['night run', 'short']) {
    await showView(lab, `#/runs/${seeded.runs[name]}`);
    await page.getByRole('main').getByRole('button', { name: 'Resume' }).click();
  }
  await page.getByRole('button', { name: /waiting/ }).waitFor();
}

async function expectFocus(page: Page, overlay: Overlay, way: 'key' | 'mouse', label: string) {
  const path = overlay.path(page);
  const content = page.locator('.v-overlay--active:not(.v-tooltip):not(.v-snackbar)');
  await path[0].focus();
  if (overlay.key !== undefined) {
    if (way === 'mouse') await path[0].click({ position: { x: 5, y: 5 } });
    await page.keyboard.press(overlay.key);
  } else
    for (const [depth, element] of path.entries()) {
      // A menu moves the focus to its first entry once it is open, which must not happen between focus and key.
      if (depth > 0) await expectPage(content.locator(':focus'), label).toHaveCount(1);
      if (way === 'mouse') await element.click();
      else await element.press('Enter');
    }
  const focused = content.locator(':focus');
  await expectPage(focused, label).toHaveCount(1);
  if (overlay.heading !== undefined)
    await expectPage(content.getByRole('heading', { name: overlay.heading }), label).toBeVisible();
  if (overlay.isField) {
    await page.keyboard.type('7');
    expect(await focused.inputValue(), label).toContain('7');
  }
  // A key in the very task in which it opened does not reach it.
  await expectPage(async () => {
    await page.keyboard.press('Escape');
    await expectPage(content, label).toHaveCount(0, { timeout: 5000 });
  }).toPass();
  await expectPage(path[0], label).toBeFocused();
}
