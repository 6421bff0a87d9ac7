import type { Page, WebSocketRoute } from '@playwright/test';
import { it } from 'vitest';
import { findAccessibilityFaults } from './support/checkAccessibility.ts';
import { describePage, expectPage } from './support/openLab.ts';
import { seedRuns } from './support/seedRuns.ts';
import { createTrainingHost } from './support/trainingHost.ts';

/** Opens the command palette and writes into it. */
async function searchPalette(page: Page, text: string) {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Command or run' }).fill(text);
}

describePage('the application frame', (openLab) => {
  const open = openLab.shared({ seed: seedRuns });

  it('the navigation leads to every view, marks the current one and sets the window title', async () => {
    const { page } = await open();
    const rail = page.getByRole('navigation', { name: 'Views' });
    for (const [label, title] of [
      ['Datasets', 'Datasets'],
      ['Doctor', 'Doctor'],
      ['Settings', 'Settings'],
      ['New run', 'New run'],
      ['Runs', 'Runs'],
    ]) {
      await rail.getByRole('link', { name: label, exact: true }).click();
      await expectPage(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
      await expectPage(page).toHaveTitle(`${title} – Sparse Field Lab`);
      await expectPage(rail.getByRole('link', { name: label, exact: true })).toHaveAttribute(
        'aria-current',
        'page',
      );
    }
  });

  it('an unknown address is explained and links back', async () => {
    const { page } = await open('#/no/such/view');
    await expectPage(page.getByText('Page not found')).toBeVisible();
    await page.getByRole('link', { name: 'Go to the runs' }).click();
    await expectPage(page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible();
  });

  it('the command palette finds commands and runs by a few letters and the keyboard alone', async () => {
    const { page } = await open();
    await searchPalette(page, 'stng');
    await expectPage(page.getByRole('option', { name: /Settings/ })).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('Enter');
    await expectPage(page).toHaveURL(/#\/settings$/);
    await searchPalette(page, 'wider');
    await expectPage(page.getByRole('option', { name: /wider network/ })).toBeVisible();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await expectPage(page).toHaveURL(/#\/runs\/[a-z2-7]{8}$/);
    await searchPalette(page, 'zzzz');
    await expectPage(page.getByText('No command or run matches “zzzz”.')).toBeVisible();
    await page.keyboard.press('Escape');
    await expectPage(page.getByRole('dialog')).toHaveCount(0);
  });

  it('the list of shortcuts is generated from the available commands', async () => {
    const { page } = await open('#/data');
    await expectPage(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await expectPage(dialog.getByText('Command palette')).toBeVisible();
    await expectPage(dialog.getByText('Add a folder of images')).toBeVisible();
    expectPage(await findAccessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.keyboard.press('Control+,');
    await expectPage(page).toHaveURL(/#\/settings$/);
  });

  it('the compute lane shows the current computation and pauses it', async () => {
    const createHost = createTrainingHost({ stepTime: 30 });
    const { page } = await openLab({ seed: seedRuns, createHost });
    await searchPalette(page, 'wider network');
    await page.getByRole('option', { name: /wider network/ }).click();
    await page.getByRole('main').getByRole('button', { name: 'Resume' }).click();
    const bar = page.getByRole('contentinfo', { name: 'Compute lane' });
    await expectPage(bar.getByRole('link', { name: 'wider network' })).toBeVisible();
    await expectPage(bar.getByText(/^step \d+$/)).toBeVisible();
    await bar.getByRole('button', { name: 'Pause' }).click();
    await expectPage(bar.getByText('Idle')).toBeVisible();
  });

  it('a lost connection is reported until it is restored', async () => {
    const { page } = await openLab({
      seed: seedRuns,
      createHost: createTrainingHost({ stepTime: 30 }),
      address: (runs) => `#/runs/${runs['wider network']}`,
    });
    await page.getByRole('main').getByRole('button', { name: 'Resume' }).click();
    const bar = page.getByRole('contentinfo', { name: 'Compute lane' });
    await expectPage(bar.getByText(/^step \d+$/)).toBeVisible();
    let isDown = false;
    const sockets: WebSocketRoute[] = [];
    await page.routeWebSocket(/\/events$/, (socket) => {
      if (isDown) return void socket.close();
      socket.connectToServer();
      sockets.push(socket);
    });
    await page.reload();
    await expectPage.poll(() => sockets.length).toBe(1);
    isDown = true;
    await sockets[0].close();
    // The page says what it knew, not what happens now.
    const banner = page.getByRole('alert').filter({ hasText: 'Connection lost' });
    await expectPage(banner).toContainText(
      /“wider network” was at step [\d,]+ then; whether it still trains/,
    );
    await expectPage(page.locator('.status-chip').first()).toHaveText('was running');
    await expectPage(bar.getByText('last known')).toBeVisible();
    const pause = page.getByRole('main').getByRole('button', { name: 'Pause' });
    await expectPage(pause).toBeDisabled();
    await expectPage(page.getByRole('button', { name: 'More actions' })).toBeDisabled();
    isDown = false;
    await expectPage(banner).toHaveCount(0);
    await expectPage(page.locator('.status-chip').first()).toHaveText('running');
    await expectPage(pause).toBeEnabled();
    await expectPage.poll(() => sockets.length).toBe(2);
    // Its sockets stay routed, so that no other test may use it.
    await page.context().close();
  });

  it('the application keeps working when a view fails, and offers the error details', async () => {
    const { page } = await openLab({ address: '#/doctor' });
    const answer = { json: { ok: true, value: { whyNotBetter: [] } } };
    await page.route('**/api/system.doctor', (route) => route.fulfill(answer));
    await page.getByRole('main').getByRole('button', { name: 'Run checks' }).click();
    const panel = page.getByRole('alert').filter({ hasText: 'This view could not be shown' });
    await expectPage(panel.getByRole('button', { name: 'Copy details' })).toBeVisible();
    await page.getByRole('link', { name: 'Settings' }).click();
    await expectPage(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  });

  it('a view whose file cannot be loaded is reported', async () => {
    const { page } = await openLab({ expectedErrors: /Failed to load resource|dynamically imported/ });
    await page.route('**/DatasetsView*.js', (route) => route.abort());
    await page.getByRole('link', { name: 'Datasets' }).click();
    await expectPage(
      page.getByText(/The view could not be opened. Its file could not be loaded/),
    ).toBeVisible();
  });

  it('a new address is followed while the first view is still loading', async () => {
    const { page } = await open('#/settings');
    const waiting = Promise.withResolvers();
    await page.route('**/SettingsView*.js', async (route) => {
      await waiting.promise;
      await route.continue();
    });
    await page.reload();
    await page.evaluate(() => {
      location.hash = '#/doctor';
    });
    waiting.resolve(null);
    await expectPage(page.getByRole('heading', { level: 1, name: 'Doctor' })).toBeVisible();
    expectPage(page.url()).toMatch(/#\/doctor$/);
  });

  it('the search shortcut leads from any view to the search of runs', async () => {
    const { page } = await open('#/doctor');
    await expectPage(page.getByRole('heading', { level: 1, name: 'Doctor' })).toBeVisible();
    await page.keyboard.press('/');
    await expectPage(page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible();
    await page.keyboard.type('wider');
    await expectPage(page).toHaveURL(/wider/);
  });

  it('Ctrl+F focuses the search of the view, and is left to the browser where there is none', async () => {
    const { page } = await open('#/doctor');
    await expectPage(page.getByRole('heading', { level: 1, name: 'Doctor' })).toBeVisible();
    // The listener is there before the key is pressed.
    const pressed = await page.evaluateHandle(() => {
      const found = { isPrevented: null as boolean | null };
      addEventListener('keydown', (event) =>
        queueMicrotask(() => (found.isPrevented = event.defaultPrevented)),
      );
      return found;
    });
    await page.keyboard.press('Control+f');
    await expectPage.poll(() => pressed.evaluate(({ isPrevented }) => isPrevented)).toBe(false);
    await expectPage(page).toHaveURL(/#\/doctor$/);
    await page.goto(new URL('#/new', page.url()).href);
    const search = page.getByRole('textbox', { name: 'Search parameters' });
    await search.waitFor();
    await page.keyboard.press('Control+f');
    await expectPage(search).toBeFocused();
    await page.goto(new URL('#/runs', page.url()).href);
    await page.getByRole('textbox', { name: 'Search runs' }).waitFor();
    await page.keyboard.press('Control+f');
    await expectPage(page.getByRole('textbox', { name: 'Search runs' })).toBeFocused();
  });

  it('keys that a browser keeps for itself are not promised in the list of shortcuts', async () => {
    const { page } = await open('#/settings');
    await page.keyboard.press('?');
    const keys = page.getByRole('dialog', { name: 'Keyboard shortcuts' }).locator('dl > div');
    await expectPage(keys.filter({ hasText: 'New run' }).locator('kbd')).toHaveText(['N']);
    await expectPage(keys.filter({ hasText: 'Settings' }).locator('kbd')).toHaveText(['Ctrl', ',']);
    await page.keyboard.press('Escape');
  });

  it('the navigation can be narrowed and stays narrow after a reload', async () => {
    const { page } = await openLab();
    await page.getByRole('button', { name: 'Collapse the navigation' }).click();
    await page.reload();
    await expectPage(page.getByRole('button', { name: 'Expand the navigation' })).toBeVisible();
  });

  it('the keyboard can skip the navigation', async () => {
    const { page } = await open('#/settings');
    await page.reload();
    await expectPage(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
    await page.keyboard.press('Tab');
    await expectPage(page.getByRole('link', { name: 'Skip to the view' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expectPage(page.getByRole('main')).toBeFocused();
  });
});
