import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { removeStrayTemps } from '../../../main/store/files/atomicFile.ts';
import { checkpointPath, readCheckpoint } from '../../../main/store/files/checkpointFile.ts';
import { findNewestVerified } from '../../../main/store/files/checkpointFolder.ts';
import { randomUniforms } from '../../../shared/numbers/random.ts';
import { startChild } from '../children/startChild.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';
import { exampleCheckpoint } from './exampleCheckpoint.ts';

const delays = randomUniforms({ seed: 11, stream: 'order', step: 0 }, 10);

describe('SIGKILL while checkpoints are written', () => {
  it.each([...delays.keys()])(
    'leaves the last committed checkpoint or the next one intact (attempt %i)',
    async (kill) => {
      const folder = makeTemporaryFolder();
      const child = startChild('writeCheckpoints.ts', folder);
      await child.waitFor('2\n');
      await delay(40 * delays[kill]);
      await child.kill();
      const committed = Number(child.output().trim().split('\n').at(-1));
      removeStrayTemps(folder);
      const { checkpoint, damaged } = findNewestVerified(folder);
      const step = checkpoint?.step ?? -1;
      expect(damaged).toEqual([]);
      expect([committed, committed + 1]).toContain(step);
      expect(readCheckpoint(checkpointPath(folder, step)).tensors).toEqual(
        exampleCheckpoint(step, 100_000).tensors,
      );
      expect(readdirSync(folder).filter((name) => name.includes('.tmp-'))).toEqual([]);
    },
  );
});
