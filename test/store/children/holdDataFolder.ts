/** Takes a data folder as a window or server (folder, kind) and holds it until it is killed. */

import { type ApplicationKind, isHeld, takeDataFolder } from '../../../main/store/applicationLock.ts';

const taken = await takeDataFolder(process.argv[2], process.argv[3] as ApplicationKind);
if (isHeld(taken)) {
  console.log(`held by ${process.pid}`);
  // Named here, so that it is not given back as garbage.
  setInterval(() => void taken, 1000);
} else {
  console.log(`refused: ${taken.kind} of process ${taken.pid}`);
}
