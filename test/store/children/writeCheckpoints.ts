/** Writes checkpoints into the folder of its first argument until it is killed; says each step once it is committed. */

import { writeSync } from 'node:fs';
import { writeCheckpoint } from '../../../main/store/files/checkpointFile.ts';
import { exampleCheckpoint } from '../files/exampleCheckpoint.ts';

for (let step = 1; ; step++) {
  writeCheckpoint(process.argv[2], exampleCheckpoint(step, 100_000));
  writeSync(1, `${step}\n`);
}
