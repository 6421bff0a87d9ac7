/** Entry point of the desktop application. */

import * as electron from 'electron';
import { prepareEnds } from './runtime/processEnd.mjs';
import { guardEveryPage } from './shell/guards.ts';
import { openDesktop } from './shell/openDesktop.ts';
import { schemes } from './shell/protocols.ts';

const { app, protocol, shell } = electron;

prepareEnds();
app.enableSandbox();
protocol.registerSchemesAsPrivileged(schemes);
guardEveryPage(app, shell);
// A second start ends here; the first instance shows its window instead.
if (!app.requestSingleInstanceLock()) app.quit();
// Not awaited, because Electron becomes ready only after this file has finished.
else void app.whenReady().then(() => openDesktop(electron));
