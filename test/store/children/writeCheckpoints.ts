/** Writes checkpoints into a folder until it is killed, and prints each step once it is committed. Argument: folder. */

import { writeSync } from 'node:fs';
import { writeCheckpoint } from '../../../main/store/files/checkpointFile.ts';
import { exampleCheckpoint } from '../files/exampleCheckpoint.ts';

for (let step = 1; ; step++) {
  writeCheckpoint(process.argv[2], exampleCheckpoint(step, 100_000));
  writeSync(1, `${step}\n`);
}
