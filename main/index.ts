/** Entry point of the desktop application. */

import * as electron from 'electron';
import { prepareEnds } from './runtime/processEnd.mjs';
import { guardEveryPage } from './shell/guards.ts';
import { openDesktop } from './shell/openDesktop.ts';
import { schemes } from './shell/protocols.ts';
import { createSmokeFolders, isSmokeTest } from './shell/smokeTest.ts';

const { app, protocol, shell } = electron;

prepareEnds();
app.enableSandbox();
protocol.registerSchemesAsPrivileged(schemes);
guardEveryPage(app, shell);
// Before the lock of the first instance, which is in the folder of the profile.
const smoke = isSmokeTest(process.argv) ? createSmokeFolders(app) : null;
// A second start ends here; the first instance shows its window instead.
if (!app.requestSingleInstanceLock()) app.quit();
// Not awaited, because Electron becomes ready only after this file has finished.
else void app.whenReady().then(() => openDesktop(electron, smoke));
