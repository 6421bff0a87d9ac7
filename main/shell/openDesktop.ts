/** Assembles the desktop application once Electron is ready: laboratory, page, window, and quitting. */

import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type * as ElectronModule from 'electron';
import { describeError } from '../../shared/text/describeError.ts';
import { findRuntimePaths } from '../runtime/paths.ts';
import { onEndRequest } from '../runtime/processEnd.mjs';
import { alreadyOpen, type HeldDataFolder, isHeld, takeDataFolder } from '../store/applicationLock.ts';
import { resolveConfigFolder, resolveDataFolder } from '../store/dataFolder.ts';
import { openLaboratory, type Laboratory } from '../ipc/laboratory.ts';
import { openLog, type Log } from '../ipc/log.ts';
import { followActivity } from './activity.ts';
import { pageAddress } from './addresses.ts';
import { recoverFromCrashes, createWindow, keepWindow, type OpenedWindow, printPdf } from './window.ts';
import { askToQuit, createDesktop } from './desktop.ts';
import { denyPermissions } from './guards.ts';
import { createIpcTransport, type EventListener } from './ipcTransport.ts';
import { menuTemplate } from './menu.ts';
import { serveProtocols, createReadMedia } from './protocols.ts';
import { createQuitGuard, type QuitGuard } from './quitGuard.ts';
import { failSmokeTest, finishSmokeTest, runSmokeTest, type SmokeFolders } from './smokeTest.ts';
import { createUpdates, loadUpdater } from './updates.ts';
import { createUtilityHost, measureInUtilityProcess } from './utilityHost.ts';

type Electron = typeof ElectronModule;

/** Folder of the built `main`, `preload` and `renderer`. */
const builtFolder = resolve(import.meta.dirname, '../..');

/** Opens the application, or exits with a message if that fails. `smoke`: folders for the test of the application. */
export async function openDesktop(electron: Electron, smoke: SmokeFolders | null = null): Promise<void> {
  try {
    await open(electron, smoke);
  } catch (error) {
    if (smoke !== null) {
      failSmokeTest(electron.app, error);
      return;
    }
    const message = describeError(error);
    electron.dialog.showErrorBox('Sparse Field Lab cannot be opened', message);
    electron.app.exit(1);
  }
}

async function open(electron: Electron, smoke: SmokeFolders | null): Promise<void> {
  const dataFolder = resolveDataFolder(smoke?.dataFolder ?? readDataFolderOption());
  const configFolder = smoke?.configFolder ?? resolveConfigFolder();
  const held = await takeDataFolder(dataFolder, 'window');
  if (!isHeld(held)) throw alreadyOpen(dataFolder, held);
  const { window, listen, close, checkForUpdates } = await assemble(electron, {
    dataFolder,
    configFolder,
    held,
  });
  const opened = window.show();
  if (smoke === null) {
    // Once the page is there, which shows what is found.
    opened.webContents.once('did-finish-load', checkForUpdates);
    return;
  }
  const end = async () => {
    await close();
    smoke.remove();
  };
  void finishSmokeTest(electron.app, { run: () => runSmokeTest({ window: opened, listen }), end });
}

interface Assembled {
  readonly window: OpenedWindow;
  /** Calls `listener` for every event that is sent to the page. */
  listen(listener: EventListener): void;
  close(): Promise<void>;
  /** Looks for a new version if the user has switched that on. */
  checkForUpdates(): void;
}

async function assemble(
  electron: Electron,
  from: { dataFolder: string; configFolder: string; held: HeldDataFolder },
): Promise<Assembled> {
  const { dataFolder, configFolder, held } = from;
  const log = openLog(join(configFolder, 'logs'));
  const updates = createUpdates({
    app: electron.app,
    resourcesFolder: process.resourcesPath,
    load: loadUpdater,
    pauseAll: () => laboratory.pauseAll(),
    log: (line) => log.write('warn', line),
  });
  const parts = {
    updates,
    dialog: electron.dialog,
    shell: electron.shell,
    findWindow: () => window.find(),
    printPdf: (html: string) => printPdf(electron, html),
  };
  const laboratory = await openLaboratory({
    dataFolder,
    cacheFolder: findRuntimePaths().cacheFolder,
    configFolder,
    createHost: (mode, share) =>
      createUtilityHost(electron.utilityProcess, (line) => log.write('warn', line), { mode, share }),
    runMeasurement: measureInUtilityProcess(electron.utilityProcess),
    version: electron.app.getVersion(),
    mode: 'desktop',
    desktop: createDesktop(parts),
    log,
  });
  denyPermissions(electron.session.defaultSession);
  serveProtocols(electron.protocol, {
    pageFolder: join(builtFolder, 'renderer'),
    readMedia: createReadMedia(laboratory),
  });
  const guard = createGuard(electron, laboratory, () => window);
  const window = keepWindow(() => makeWindow(electron, { laboratory, configFolder, guard, log }));
  const listeners: EventListener[] = [];
  connect(electron, { laboratory, window, dataFolder, listeners });
  const close = () => laboratory.close().finally(held.release);
  handleQuit(electron, { laboratory, guard, window, close });
  return {
    window,
    close,
    listen: (listener) => void listeners.push(listener),
    checkForUpdates: () => void (laboratory.settings().checkUpdates && updates.check()),
  };
}

function readDataFolderOption(): string | undefined {
  const options = { 'data-dir': { type: 'string' as const } };
  const data = parseArgs({ args: process.argv.slice(1), options, strict: false }).values['data-dir'];
  return typeof data === 'string' ? data : undefined;
}

function createGuard(electron: Electron, laboratory: Laboratory, window: () => OpenedWindow): QuitGuard {
  return createQuitGuard({
    isBusy: () => laboratory.isBusy(),
    ask: () => askToQuit({ dialog: electron.dialog, findWindow: () => window().find() }),
    pauseAll: () => laboratory.pauseAll(),
    hide: () => window().hide(),
    quit: () => electron.app.quit(),
  });
}

function makeWindow(
  electron: Electron,
  from: { laboratory: Laboratory; configFolder: string; guard: QuitGuard; log: Log },
) {
  const window = createWindow(electron, {
    preload: join(builtFolder, 'preload', 'index.cjs'),
    stateFile: join(from.configFolder, 'window.json'),
    theme: from.laboratory.settings().theme,
  });
  window.on('close', (event) => {
    if (process.platform !== 'darwin' && !from.guard.mayLeave()) event.preventDefault();
  });
  recoverFromCrashes(window, {
    app: electron.app,
    log: (message) => from.log.write('error', message),
    giveUp: (reason) =>
      electron.dialog.showErrorBox(
        'The window could not be restored',
        `Its process crashed several times (${reason}). Training continues. Close the application and open it again; the log has details.`,
      ),
    now: () => performance.now(),
  });
  return window;
}

function connect(
  electron: Electron,
  from: { laboratory: Laboratory; window: OpenedWindow; dataFolder: string; listeners: EventListener[] },
): void {
  const { laboratory, window, dataFolder, listeners } = from;
  const activity = followActivity({
    powerSaveBlocker: electron.powerSaveBlocker,
    Notification: electron.Notification,
    findWindow: () => window.find(),
    readSettings: () => laboratory.settings(),
    openRun: (id) => void window.show().loadURL(`${pageAddress}#/runs/${id}`),
  });
  listeners.push(activity);
  const notifyAll: EventListener = (name, payload) => {
    for (const listener of listeners) listener(name, payload);
  };
  const transport = createIpcTransport(electron.ipcMain, () => window.find(), notifyAll);
  laboratory.connect(transport);
  const menu = menuTemplate({
    isMac: process.platform === 'darwin',
    send: (command) => {
      // A page may open the file dialog only after a user action, and the menu counts as one.
      const { webContents } = window.show();
      // Fails while the page is loading, which does no harm.
      webContents.executeJavaScript('', true).catch(() => undefined);
      transport.send('menu.command', command);
    },
    openDataFolder: () => void electron.shell.openPath(dataFolder),
  });
  electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(menu));
}

function handleQuit(
  electron: Electron,
  parts: { laboratory: Laboratory; guard: QuitGuard; window: OpenedWindow; close(): Promise<void> },
): void {
  const { app, powerMonitor } = electron;
  const { laboratory, guard, window, close } = parts;
  app.on('second-instance', () => void window.show());
  app.on('activate', () => void window.show());
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('before-quit', (event) => {
    if (!guard.mayLeave()) event.preventDefault();
  });
  app.on('will-quit', () => void close().finally(release));
  // After a signal nobody answers a question; the command that started the window ends it if necessary.
  const release = onEndRequest(() => (laboratory.isBusy() ? guard.leaveAtOnce() : app.quit()));
  powerMonitor.on('shutdown', (event?: { preventDefault: () => void }) => {
    if (!laboratory.isBusy()) return;
    event?.preventDefault();
    guard.leaveAtOnce();
  });
}
