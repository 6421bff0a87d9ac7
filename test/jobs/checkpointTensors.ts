/** The tensors of a run's newest checkpoint, as text that is equal only for equal bits. */

import { join } from 'node:path';
import { readCheckpoint, formatCheckpointName } from '../../main/store/files/checkpointFile.ts';
import { listCheckpoints } from '../../main/store/files/checkpointFolder.ts';

/** Bits in hexadecimal by tensor name. */
export function newestTensors(folder: string): Record<string, string> {
  const [newest] = listCheckpoints(folder);
  const { tensors } = readCheckpoint(join(folder, formatCheckpointName(newest)));
  return Object.fromEntries(
    Array.from(tensors, ([name, { data }]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex'),
    ]),
  );
}
