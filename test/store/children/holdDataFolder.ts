/** Locks a data folder as a window or server until it is killed. Arguments: data folder, kind. */

import { type ApplicationKind, isHeld, takeDataFolder } from '../../../main/store/applicationLock.ts';

const taken = await takeDataFolder(process.argv[2], process.argv[3] as ApplicationKind);
if (isHeld(taken)) {
  console.log(`held by ${process.pid}`);
  // The reference keeps the lock from being released by garbage collection.
  setInterval(() => void taken, 1000);
} else {
  console.log(`refused: ${taken.kind} of process ${taken.pid}`);
}
