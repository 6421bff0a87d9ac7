/** What axe finds wrong with the page as it is shown now. */

import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** One line a fault, with the elements it is about; empty for a clean page. */
export async function findAccessibilityFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, help, nodes }) => {
    const elements = nodes
      .slice(0, 5)
      .map((node) => `${node.target.join(' ')}: ${node.failureSummary ?? ''}`);
    return `${id}: ${help} (${nodes.length})\n  ${elements.join('\n  ').replace(/\n\s*/g, '\n    ')}`;
  });
}
