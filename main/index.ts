/** The desktop application, in the order it starts. */

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
// A second start ends here; the first one shows its window instead.
if (!app.requestSingleInstanceLock()) app.quit();
// Not awaited: Electron becomes ready only after this file has run to its end.
else void app.whenReady().then(() => openDesktop(electron));
