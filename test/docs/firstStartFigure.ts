/**
 * Draws the figure of the first view from an evaluation: for a few test images their known pixels, the thin plate, the
 * network's posterior mean and the original. Without a data folder it trains and evaluates as the demo does:
 * npm run docs:first-start [-- --data-dir PATH --run ID] [--images 0,1,2].
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { findRuntimePaths } from '../../main/runtime/paths.ts';
import { evaluationSheetFile } from '../../main/store/files/runImages.ts';
import { listEvaluations } from '../../main/store/runs/evaluations.ts';
import { listRuns } from '../../main/store/runs/runs.ts';
import { openStore } from '../../main/store/store.ts';

const { root } = findRuntimePaths();
const file = join(root, 'renderer', 'components', 'runs', 'firstStart.png');
/** Pixels between two tiles; WelcomePanel.vue aligns its labels with them. */
const gap = 2;
/** Sheets of the columns, from left to right, by their names or a part of them. */
const columns = ['known', 'thin plate', 'posterior mean', 'truth'];

const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    run: { type: 'string' },
    images: { type: 'string', default: '0,1,2' },
  },
});
const temporaryFolder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-first-start-'));
const dataFolder = values['data-dir'] ?? join(temporaryFolder, 'data');
try {
  if (values['data-dir'] === undefined) runDemo();
  await draw(values.images.split(',').map(Number));
} finally {
  rmSync(temporaryFolder, { recursive: true, force: true });
}

/** Trains for three minutes, as the demo of the page does. */
function runDemo(): void {
  const args = ['demo', '--minutes', '3', '--out', join(temporaryFolder, 'out'), '--data-dir', dataFolder];
  execFileSync(process.execPath, ['main/cli/start.mjs', ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function draw(images: readonly number[]): Promise<void> {
  const { sheets, columns: sheetColumns, imageSize } = findSheets();
  const pitch = imageSize + gap;
  const tiles = columns.flatMap((name, column) =>
    images.map(async (image, row) => ({
      input: await sharp(sheets.find((sheet) => sheet.name.includes(name))?.path)
        .ensureAlpha()
        .extract({
          left: (image % sheetColumns) * imageSize,
          top: Math.floor(image / sheetColumns) * imageSize,
          width: imageSize,
          height: imageSize,
        })
        .png()
        .toBuffer(),
      left: column * pitch,
      top: row * pitch,
    })),
  );
  const width = columns.length * pitch - gap;
  const height = images.length * pitch - gap;
  await sharp({ create: { width, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .composite(await Promise.all(tiles))
    .png({ compressionLevel: 9 })
    .toFile(file);
  console.log(file);
}

/** Returns the sheets of the newest evaluation that has images of all columns. */
function findSheets() {
  const store = openStore(dataFolder);
  try {
    const run = listRuns(store.db).find(({ id }) => values.run === undefined || id === values.run);
    if (!run)
      throw new Error(`No run ${values.run ?? ''} in ${dataFolder}. Pass the ID of an evaluated run.`);
    for (const { id, imageSheets } of listEvaluations(store.db, run.id)) {
      const names = imageSheets?.sheets ?? [];
      if (!imageSheets || !columns.every((column) => names.some((name) => name.includes(column)))) continue;
      const folder = store.runFolder(run.id);
      const sheets = names.map((name, sheet) => ({ name, path: evaluationSheetFile(folder, id, sheet) }));
      return { ...imageSheets, sheets };
    }
    throw new Error(
      `Run ${run.id} has no evaluation with images of ${columns.join(', ')}. Evaluate it first.`,
    );
  } finally {
    store.close();
  }
}
