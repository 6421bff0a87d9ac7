/** Accessibility faults that axe finds in the page as it is shown now. */

import type { Page } from '@playwright/test';
import axe from 'axe-core';

declare global {
  interface Window {
    readonly axe?: typeof axe;
  }
}

/**
 * Returns a text for each fault with the elements concerned; empty for a page without faults.
 * @param rules names of the rules to check; default: all.
 */
export async function findAccessibilityFaults(page: Page, rules?: readonly string[]): Promise<string[]> {
  await waitForTransitions(page);
  // Once per page: parsing axe takes longer than most checks.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const runOnly = rules ? { type: 'rule' as const, values: [...rules] } : undefined;
  const found = await page.evaluate((options) => window.axe?.run(options), {
    resultTypes: ['violations' as const],
    ...(runOnly && { runOnly }),
  });
  if (!found) throw new Error('axe is not loaded in the page.');
  return found.violations.map(({ id, help, nodes }) => {
    const elements = nodes
      .slice(0, 5)
      .map((node) => `${node.target.join(' ')}: ${node.failureSummary ?? ''}`);
    return `${id}: ${help} (${nodes.length})\n  ${elements.join('\n  ').replace(/\n\s*/g, '\n    ')}`;
  });
}

/** Waits until nothing is fading in or out: what is half transparent has too little contrast. */
async function waitForTransitions(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const isRunning = ({ playState, effect }: Animation) =>
      playState === 'running' && effect?.getComputedTiming().endTime !== Infinity;
    // Vuetify marks a dialog or menu that waits for the frame in which its animation begins.
    const isMoving = document.querySelector('.v-overlay__content[style*="pointer-events: none"]') !== null;
    return !isMoving && !document.getAnimations().some(isRunning);
  });
}
