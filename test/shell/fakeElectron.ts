/** A fake of the parts of Electron that the shell uses, which records their calls. */

import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type * as Electron from 'electron';

/** The part of the event that handlers of requests read. */
export interface FakeInvokeEvent {
  readonly senderFrame: { readonly url: string } | null;
}

const port = resolve(import.meta.dirname, '../support/parentPort.mjs');

/** Node, whatever a test says that the program of this process is. */
const { execPath } = process;

/** Emulates Electron's utility process with `fork`; the process finds a port in place of fork's channel. */
export const forkedUtilityProcess = {
  fork(entry: string, args: string[] = []): Electron.UtilityProcess {
    const child = fork(entry, args, {
      execPath,
      execArgv: ['--import', port],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    return Object.assign(child, {
      postMessage: (message: object) => void (child.connected && child.send(message)),
    }) as Electron.UtilityProcess;
  },
};

type Handler = (event: FakeInvokeEvent, input: unknown) => Promise<unknown>;

export class FakeContents extends EventEmitter {
  readonly mainFrame = { url: 'app://lab/' };
  readonly sent: unknown[][] = [];
  openHandler: ((details: { url: string }) => { action: string }) | null = null;
  reloads = 0;
  isDestroyed = () => false;
  /** Whether the last script counted as a gesture of the user. */
  isActivated = false;
  /** Runs scripts in place of the page; without it, they do nothing. */
  page: ((code: string) => unknown) | null = null;
  send = (...args: unknown[]) => void this.sent.push(args);
  executeJavaScript = (code: string, isGesture: boolean) => {
    this.isActivated = isGesture;
    return Promise.resolve(this.page?.(code));
  };
  reload = () => void this.reloads++;
  /** Returns the options as text in place of a PDF. */
  printToPDF = (options: object) => Promise.resolve(Buffer.from(JSON.stringify(options)));
  setWindowOpenHandler = (handler: (details: { url: string }) => { action: string }) => {
    this.openHandler = handler;
  };
}

export class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents();
  readonly options: Electron.BrowserWindowConstructorOptions;
  readonly addresses: string[] = [];
  /** The file that was loaded, with its text at the time. */
  loaded = { file: '', text: '' };
  /** Error with which loading a file fails. */
  loadFault: Error | null = null;
  destroyCount = 0;
  readonly bars: number[] = [];
  isShown = false;
  isGone = false;
  hasFocus = true;
  isLarge = false;
  bounds = { x: 10, y: 20, width: 1200, height: 800 };

  constructor(options: Electron.BrowserWindowConstructorOptions) {
    super();
    this.options = options;
  }

  loadURL = (address: string) => Promise.resolve(void this.addresses.push(address));
  loadFile = (file: string) => {
    this.loaded = { file, text: readFileSync(file, 'utf8') };
    return this.loadFault ? Promise.reject(this.loadFault) : Promise.resolve();
  };
  destroy = () => void this.destroyCount++;
  show = () => void (this.isShown = true);
  hide = () => void (this.isShown = false);
  focus = () => void (this.hasFocus = true);
  restore = () => undefined;
  maximize = () => void (this.isLarge = true);
  isMaximized = () => this.isLarge;
  isMinimized = () => false;
  isFocused = () => this.hasFocus;
  isDestroyed = () => this.isGone;
  getNormalBounds = () => this.bounds;
  setProgressBar = (fraction: number) => void this.bars.push(fraction);
}

export class FakeNotification extends EventEmitter {
  static readonly shown: FakeNotification[] = [];
  static isSupported = () => true;
  readonly words: { title: string; body: string };

  constructor(words: { title: string; body: string }) {
    super();
    this.words = words;
  }

  show = () => void FakeNotification.shown.push(this);
}

/** Returns the fake as the window that the shell expects; the shell uses only the members above. */
export function toBrowserWindow(window: FakeWindow): Electron.BrowserWindow {
  return window as unknown as Electron.BrowserWindow;
}

/** Calls the handler of a menu item, if there is one; the shell's handlers need none of Electron's arguments. */
export function clickMenuItem({ click }: Electron.MenuItemConstructorOptions): void {
  click?.({} as never, undefined, {} as never);
}

/** Creates a fake with its own records. Its windows fail to load files with `loadFault`. `computes`: jobs run in real processes. */
export function createFakeElectron({ loadFault = null as Error | null, computes = false } = {}) {
  const windows: FakeWindow[] = [];
  const handlers = new Map<string, Handler>();
  const protocols = new Map<string, (request: Request) => Promise<Response> | Response>();
  const calls: { name: string; args: unknown[] }[] = [];
  const record =
    (name: string, answer?: unknown) =>
    (...args: unknown[]) => {
      calls.push({ name, args });
      return answer;
    };
  const app = Object.assign(new EventEmitter(), {
    enableSandbox: record('enableSandbox'),
    requestSingleInstanceLock: () => true,
    whenReady: () => Promise.resolve(),
    getVersion: () => '0.1.0',
    isPackaged: false,
    getAppPath: () => '/',
    quit: record('quit'),
    exit: record('exit'),
    setPath: record('setPath'),
  });
  const fake = {
    app,
    BrowserWindow: class extends FakeWindow {
      constructor(options: Electron.BrowserWindowConstructorOptions) {
        super(options);
        this.loadFault = loadFault;
        windows.push(this);
      }
    },
    Notification: FakeNotification,
    Menu: { buildFromTemplate: (template: unknown) => template, setApplicationMenu: record('menu') },
    dialog: {
      showErrorBox: record('showErrorBox'),
      showOpenDialog: record('showOpenDialog', Promise.resolve({ canceled: true, filePaths: [] })),
      showMessageBox: record('showMessageBox', Promise.resolve({ response: 2 })),
    },
    ipcMain: { handle: (channel: string, handler: Handler) => void handlers.set(channel, handler) },
    nativeTheme: { shouldUseDarkColors: true },
    powerMonitor: new EventEmitter(),
    powerSaveBlocker: { start: record('keepAwake', 7), stop: record('letSleep') },
    protocol: {
      registerSchemesAsPrivileged: record('registerSchemes'),
      handle: (scheme: string, handler: (request: Request) => Promise<Response> | Response) =>
        void protocols.set(scheme, handler),
    },
    screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
    session: {
      defaultSession: {
        setPermissionRequestHandler: record('permissionRequest'),
        setPermissionCheckHandler: record('permissionCheck'),
        setDevicePermissionHandler: record('devicePermission'),
        setDisplayMediaRequestHandler: record('displayMedia'),
      },
    },
    shell: {
      openExternal: record('openExternal', Promise.resolve()),
      openPath: record('openPath', Promise.resolve('')),
    },
    utilityProcess: computes ? forkedUtilityProcess : { fork: record('fork') },
  };
  return {
    electron: fake as unknown as typeof Electron,
    app,
    windows,
    handlers,
    protocols,
    powerMonitor: fake.powerMonitor,
    dialog: fake.dialog,
    /** Returns the arguments of every call with this name. */
    calls: (name: string) => calls.filter((call) => call.name === name).map(({ args }) => args),
  };
}
