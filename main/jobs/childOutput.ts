/** What a compute process writes to its stderr, without what TensorFlow says at every start. */

import { createInterface } from 'node:readline';

/** Said before TensorFlow's log level is read: news to nobody. */
const startUpChatter = /^(WARNING: All log messages before absl|I0000 .*oneDNN custom operations are on)/;

export function passOnOutput(stderr: NodeJS.ReadableStream, write: (line: string) => void): void {
  createInterface(stderr).on('line', (line) => {
    if (!startUpChatter.test(line)) write(line);
  });
}
