import type { Page } from '@playwright/test';
import { expect, it } from 'vitest';
import { forkHost } from '../../main/jobs/computeHost.ts';
import { smallConfig } from '../jobs/smallRun.ts';
import { describePage, expectPage } from './support/openLab.ts';

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

describePage('a first run with real training', (openLab) => {
  it('a run is configured, watched live, paused, resumed with another budget, finished and evaluated', async () => {
    const { page } = await openLab({ createHost: forkHost });
    await expectPage(page.getByRole('button', { name: /3-minute demo/ })).toBeVisible();
    await page.goto(new URL('#/new', page.url()).href);
    await describeRun(page);
    await page.getByRole('button', { name: /^Start now/ }).click();

    await expectPage(page.getByRole('heading', { name: 'first run' }).first()).toBeVisible();
    await expectPage(page.locator('section[aria-label=Loss] canvas')).toBeVisible();
    await expectPage.poll(() => readStep(page)).toBeGreaterThan(20);
    await expectPage.poll(() => countLossPoints(page)).toBeGreaterThan(1);

    await page.getByTitle('Write a checkpoint and pause this run').click();
    await expectPage(button(page, 'Resume')).toBeVisible();
    const paused = await readRun(page);
    expect(paused.status).toBe('paused');

    const total = paused.step + 100;
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByText('Extend the budget…').click();
    await page.getByRole('textbox', { name: 'New total' }).fill(String(total));
    await button(page, 'Continue').click();
    await expectPage.poll(async () => (await readRun(page)).status, { timeout: 240_000 }).toBe('finished');
    expect((await readRun(page)).step).toBe(total);
    expect(await countLossPoints(page)).toBe(total);

    await button(page, 'Evaluate…').first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Test images' }).fill('4');
    await dialog.getByRole('textbox', { name: 'Samples per image' }).fill('2');
    await expectPage(dialog.getByText(/^Time: /)).toBeVisible();
    await dialog.getByRole('button', { name: 'Evaluate', exact: true }).click();
    await page.getByRole('tab', { name: /evaluation/i }).click();
    await expectPage(
      page
        .getByRole('cell', { name: /thin plate/ })
        .or(page.getByText('thin plate'))
        .first(),
    ).toBeVisible();
    await expectPage(page.getByText(/posterior mean/).first()).toBeVisible();
    await expectPage(page.getByRole('region', { name: 'Distribution' })).toContainText('mean of 2 samples');
    await page.getByLabel('Differences to').selectOption('nearest');
    await expectPage(page.getByText(/differences to nearest are paired/)).toBeVisible();
  });
});

/** Pastes the configuration of the smallest possible model on synthetic images. It trains until it is paused: no machine ends it first. */
async function describeRun(page: Page): Promise<void> {
  const { data, train, ...rest } = smallConfig('synthetic');
  const config = {
    ...rest,
    data: { ...data, source: undefined },
    train: { ...train, steps: 1e6, logEverySteps: 1, checkpointEverySteps: 100, evaluateEverySteps: 200 },
  };
  await button(page, 'JSON…').click();
  await page.getByRole('textbox', { name: 'Configuration' }).fill(JSON.stringify(config));
  await button(page, 'Apply').click();
  await page.getByRole('textbox', { name: 'Name' }).fill('first run');
}

interface RunState {
  readonly status: string;
  readonly step: number;
}

async function readRun(page: Page): Promise<RunState> {
  const { run } = await ask<{ run: RunState }>(page, 'runs.get', { id: findRunId(page) });
  return run;
}

async function readStep(page: Page): Promise<number> {
  return (await readRun(page)).step;
}

async function countLossPoints(page: Page): Promise<number> {
  const [series] = await ask<{ logged: number }[]>(page, 'runs.series', {
    ids: [findRunId(page)],
    names: ['loss'],
  });
  return series?.logged ?? 0;
}

function findRunId(page: Page): string {
  return /#\/runs\/([a-z2-7]{8})/.exec(page.url())?.[1] ?? '';
}

/** Sends a request as the page itself does. */
async function ask<Value>(page: Page, channel: string, input: unknown): Promise<Value> {
  return page.evaluate(
    async ([name, body]) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`/api/${name}`, { method: 'POST', headers, body });
      return ((await response.json()) as { value: Value }).value;
    },
    [channel, JSON.stringify(input)],
  );
}
