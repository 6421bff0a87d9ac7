/** Pictures of pages for people to look at, outside the repository. */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';

/** SPARSE_FIELD_LAB_PICTURES names the folder. Returns the picture's path. */
export async function takePicture(page: Page, name: string): Promise<string> {
  const folder = process.env.SPARSE_FIELD_LAB_PICTURES ?? join(tmpdir(), 'sparse-field-lab-pictures');
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  return path;
}
