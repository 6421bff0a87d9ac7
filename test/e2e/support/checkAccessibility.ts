/** Accessibility faults that axe finds in the page as it is shown now. */

import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** Returns a text for each fault with the elements concerned; empty for a page without faults. */
export async function findAccessibilityFaults(page: Page): Promise<string[]> {
  // Legacy mode looks at the page in place; otherwise every check would open a page of its own.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] });
  const { violations } = await axe.analyze();
  return violations.map(({ id, help, nodes }) => {
    const elements = nodes
      .slice(0, 5)
      .map((node) => `${node.target.join(' ')}: ${node.failureSummary ?? ''}`);
    return `${id}: ${help} (${nodes.length})\n  ${elements.join('\n  ').replace(/\n\s*/g, '\n    ')}`;
  });
}
