/**
 * A program that is started by npm and too busy to receive a hang-up until its launcher is gone. It prints `busy` when the
 * group can be hung up, and `continued` once that has passed.
 */

import { onEndRequest, prepareEnds } from '../../../main/runtime/processEnd.mjs';

prepareEnds();
onEndRequest(({ cause }) => {
  process.stdout.write(`ended by ${cause}\n`);
  process.exit(1);
});

const launcher = process.ppid;
process.stdout.write('busy\n', () => {
  while (process.ppid === launcher);
  // Now the check of the launcher is due as well, and comes before the signal.
  const end = performance.now() + 500;
  while (performance.now() < end);
  setTimeout(() => process.stdout.write('continued\n'), 2000);
});
