/** Commits checkpoint rows with one metric each until it is killed, and prints each step. Arguments: data folder, run ID. */

import { writeSync } from 'node:fs';
import { commitCheckpoint } from '../../../main/store/runs/recording.ts';
import { databaseFile } from '../../../main/store/dataFolder.ts';
import { openDatabase } from '../../../main/store/database/database.ts';

const [dataFolder, runId] = process.argv.slice(2);
const { db } = openDatabase(databaseFile(dataFolder));
for (let step = 1; ; step++) {
  const metrics = [{ step, name: 'loss' as const, value: 1 / step, processSeconds: step, wallTime: 0 }];
  const row = { runId, step, file: `ckpt-${step}.safetensors`, bytes: 1, sha256: '', isBest: true };
  commitCheckpoint({ db }, { ...row, metrics, loss: 1 / step });
  writeSync(1, `${step}\n`);
}
