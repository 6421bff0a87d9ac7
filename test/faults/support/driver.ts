/**
 * The driver of the fault tests: starts the real command line and server as a user's shell does, ends them in every way a
 * process can end, and inspects the result.
 *
 *   const sandbox = await useSandbox();                      // own data, configuration and cache, and a few images
 *   const training = launch(sandbox, 'nohup npm', longTraining(sandbox));
 *   await waitForStep(sandbox, 20);                          // waits for events, never sleeps
 *   process.kill(findProcess(sandbox, 'program').pid, 'SIGHUP');
 *   await waitUntilGone(sandbox);                            // fails with the list of running processes
 *   expect(inspectStore(sandbox).runs).toMatchObject([{ status: 'paused' }]);
 *
 * `launch` knows how people start the program (see `launchers`); a new one is one more line there. Every process carries
 * an environment variable that names its sandbox, so that `listProcesses` finds orphans too; they are killed when a test
 * ends. `inspectStore` opens the store as the next start would and throws if it is damaged; `endAtRandom`
 * ends one process at a random moment, for long samples. Tests choose their length by `isLongSample`
 * (`npm run test:faults` sets SPARSE_FIELD_LAB_FAULTS=long). Only Linux shows processes this way: use `describeFaults`.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished } from 'vitest';
import type { RunRecord } from '../../../shared/run.ts';
import { listCheckpointRows } from '../../../main/store/runs/checkpoints.ts';
import { verifyCheckpoint } from '../../../main/store/files/checkpointFile.ts';
import type { Finding } from '../../../main/store/recovery/finding.ts';
import { isLeaseLive, listLeases } from '../../../main/store/runs/leases.ts';
import { lookUpProcess } from '../../../main/runtime/processIdentity.mjs';
import { listRuns } from '../../../main/store/runs/runs.ts';
import { openStore } from '../../../main/store/store.ts';
import { smallConfig, smallOptions, writeImages } from '../../jobs/smallRun.ts';
import { sharedCacheFolder } from '../../store/temporaryFolder.ts';

/** Whether the long sample was requested. */
export const isLongSample = process.env.SPARSE_FIELD_LAB_FAULTS === 'long';

/** A `describe` for the tests of this folder, which are skipped on other systems than Linux. */
export function describeFaults(title: string, tests: () => void): void {
  if (process.platform === 'linux') describe(title, tests);
  else describe.skip(`${title} (skipped: processes are found through /proc)`, tests);
}

/** Whether a program is on the path of this machine. */
export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
}

const root = resolve(import.meta.dirname, '../../..');
const marker = 'SPARSE_FIELD_LAB_FAULTS_SANDBOX';

/** The folders and the environment in which the program of one test works. */
export interface Sandbox {
  readonly root: string;
  readonly dataFolder: string;
  readonly cacheFolder: string;
  /** A data source: a folder of twelve images of 16 pixels. */
  readonly source: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Creates a sandbox that is removed when the test is over. */
export async function useSandbox(): Promise<Sandbox> {
  const sandbox = await createSandbox();
  onTestFinished(() => removeSandbox(sandbox));
  return sandbox;
}

/** Creates a sandbox, which `removeSandbox` removes. */
export async function createSandbox(): Promise<Sandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-faults-'));
  return {
    root: folder,
    dataFolder: join(folder, 'data'),
    cacheFolder: join(folder, 'cache'),
    source: await writeImages(join(folder, 'images')),
    environment: userEnvironment(folder),
  };
}

/** Kills what still runs in the sandbox and removes its files. */
export function removeSandbox(sandbox: Sandbox): void {
  for (const { pid } of listProcesses(sandbox)) killQuietly(pid);
  spawnSync('tmux', ['-L', basename(sandbox.root), 'kill-server'], { stdio: 'ignore' });
  rmSync(sandbox.root, { recursive: true, force: true });
}

/** Returns the environment of a terminal, without that of the npm or nohup that runs the tests. CI keeps browsers and windows from opening. */
function userEnvironment(folder: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|INIT_CWD$|_$|TMUX|VITEST|NODE_(?!COMPILE_CACHE)|SPARSE_FIELD_LAB_)/.test(name),
  );
  return {
    ...Object.fromEntries(own),
    CI: 'true',
    [marker]: folder,
    SPARSE_FIELD_LAB_DATA: join(folder, 'data'),
    SPARSE_FIELD_LAB_CONFIG: join(folder, 'config'),
    SPARSE_FIELD_LAB_CACHE: sharedCacheFolder,
    // WASM starts fastest, and how a process ends does not depend on the backend.
    SPARSE_FIELD_LAB_BACKEND: 'wasm',
    SPARSE_FIELD_LAB_EXECUTION: 'eager',
  };
}

/** Returns arguments of a training with steps of milliseconds that runs until it is ended, without checkpoints before. */
export function longTraining({ source }: Sandbox, ...more: readonly string[]): string[] {
  return [
    'train',
    ...smallOptions(source),
    '--steps',
    '10000000',
    '--set',
    'train.checkpointEverySteps=10000000',
    '--set',
    'train.evaluateEverySteps=0',
    '--set',
    'train.previewEverySteps=0',
    ...more,
  ];
}

const node = quote(process.execPath);
const commandLine = quote(join(root, 'main', 'cli', 'start.mjs'));
const plain = {
  node: `${node} ${commandLine}`,
  /** The installed command. */
  lab: `${node} ${quote(join(root, 'main', 'cli', 'lab.mjs'))}`,
  // Without the setup, which ran before the tests.
  npm: `npm --prefix ${quote(root)} run lab --silent --ignore-scripts --`,
};

/** Methods of starting the program, each as the beginning of a line of bash. */
export const launchers = {
  ...plain,
  'nohup node': `nohup ${plain.node}`,
  'nohup lab': `nohup ${plain.lab}`,
  'nohup npm': `nohup ${plain.npm}`,
  'setsid node': `setsid --wait ${plain.node}`,
};
export type Launcher = keyof typeof launchers;

export interface Launched {
  /** The shell that started the program, or the program itself if it replaced the shell; it has its own process group. */
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when stdout or stderr contains `text`; rejects if the process ends first. */
  readonly waitFor: (text: string | RegExp) => Promise<void>;
  /** Exit code as a shell reports it: 128 + n for signal n. */
  readonly ended: Promise<number>;
  /** Sends a signal to every process of the group, as Ctrl-C or the end of a terminal does. */
  readonly signalGroup: (signal: NodeJS.Signals) => void;
}

/** Starts the command line, with its output in pipes. */
export function launch(sandbox: Sandbox, launcher: Launcher, args: readonly string[]): Launched {
  return launchLine(sandbox, commandOf(launcher, args));
}

/** Returns the line that a user would type. */
export function commandOf(launcher: Launcher, args: readonly string[]): string {
  // The installed command would set up WASM first, while the machine's own backend is ready.
  const setting = launcher.endsWith('lab') ? 'unset SPARSE_FIELD_LAB_BACKEND; ' : '';
  return setting + [launchers[launcher], ...args.map(quote)].join(' ');
}

/** Runs a line of bash, such as a pipe, in its own process group, as an interactive shell does. */
export function launchLine(sandbox: Sandbox, line: string): Launched {
  const child = spawn('bash', ['-c', line], {
    cwd: sandbox.root,
    env: sandbox.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const printed = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (data: Buffer) => {
      printed[name] += data.toString();
      listeners.forEach((listener) => listener());
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => exitCode(code, signal));
  const has = (text: string | RegExp) =>
    Object.values(printed).some((all) => (typeof text === 'string' ? all.includes(text) : text.test(all)));
  const waitFor = (text: string | RegExp) =>
    new Promise<void>((done, reject) => {
      const look = () => (has(text) ? done() : undefined);
      listeners.add(look);
      look();
      void ended.then(() =>
        reject(new Error(`Waited for "${text}", but the output was: ${printed.stdout}${printed.stderr}`)),
      );
    });
  const signalGroup = (signal: NodeJS.Signals) => void process.kill(-(child.pid ?? Number.NaN), signal);
  return { child, stdout: () => printed.stdout, stderr: () => printed.stderr, waitFor, ended, signalGroup };
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGTERM: 15,
};

function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signalNumbers[signal ?? 'SIGKILL'] ?? 0);
}

export interface Terminal {
  /** What the terminal shows. */
  readonly screen: () => string;
  /** Types keys as tmux names them, such as `C-c`. */
  readonly type: (...keys: readonly string[]) => void;
  /** Closes the terminal, as a window's closing button or a lost SSH session does. */
  readonly close: () => void;
}

/** Types a line into an interactive shell of a terminal (tmux). */
export function launchInTerminal(sandbox: Sandbox, line: string): Terminal {
  const tmux = (...args: readonly string[]) => {
    const options = { cwd: sandbox.root, env: sandbox.environment, encoding: 'utf8' as const };
    const result = spawnSync('tmux', ['-L', basename(sandbox.root), '-f', '/dev/null', ...args], options);
    if (result.status !== 0) throw new Error(`tmux ${args[0]} failed: ${result.stderr}`);
    return result.stdout;
  };
  tmux('new-session', '-d', '-s', 'lab', '-x', '160', '-y', '50', 'bash --norc --noprofile -i');
  tmux('send-keys', '-t', 'lab', '-l', line);
  tmux('send-keys', '-t', 'lab', 'Enter');
  return {
    screen: () => tmux('capture-pane', '-t', 'lab', '-p'),
    type: (...keys) => void tmux('send-keys', '-t', 'lab', ...keys),
    close: () => void tmux('kill-session', '-t', 'lab'),
  };
}

export interface SandboxProcess {
  readonly pid: number;
  readonly parent: number;
  /** `program`: the command line itself; `compute`: its child; `launcher`: shells, npm, lab.mjs, tmux. */
  readonly role: 'program' | 'compute' | 'launcher';
  readonly args: readonly string[];
}

/** Lists every living process that was started for the sandbox, even if its parent has ended. */
export function listProcesses(sandbox: Sandbox): SandboxProcess[] {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => readProcess(Number(name), sandbox) ?? []);
  const known = knownProcesses.get(sandbox.root) ?? new Map<number, KnownProcess>();
  knownProcesses.set(sandbox.root, known);
  for (const { pid, role } of found) known.set(pid, { role, start: lookUpProcess(pid).processStart });
  return found;
}

interface KnownProcess {
  readonly role: SandboxProcess['role'];
  readonly start: string | null;
}

/** Processes that were listed so far, by the root of their sandbox. */
const knownProcesses = new Map<string, Map<number, KnownProcess>>();

/**
 * Whether a process that was listed before is still exiting. Linux releases a process's memory, and its environment with it,
 * before it ends: for a while it has no marker any more, but still holds its locks.
 */
function isExiting(sandbox: Sandbox, roles: readonly string[]): boolean {
  return [...(knownProcesses.get(sandbox.root) ?? [])].some(([pid, { role, start }]) => {
    const found = lookUpProcess(pid);
    return roles.includes(role) && found.isAlive && found.processStart === start;
  });
}

const matchers: Record<'program' | 'compute' | 'npm' | 'lab', (found: SandboxProcess) => boolean> = {
  program: ({ role }) => role === 'program',
  compute: ({ role }) => role === 'compute',
  // npm renames its own process once it works.
  npm: ({ args }) => /^npm /.test(args[0]) || /npm(-cli\.js)?$/.test(args[1] ?? ''),
  lab: ({ args }) => args[1]?.endsWith('lab.mjs') ?? false,
};

/** Returns the process of this kind. @throws Error unless there is exactly one. */
export function findProcess(sandbox: Sandbox, which: keyof typeof matchers): SandboxProcess {
  const found = listProcesses(sandbox).filter(matchers[which]);
  if (found.length === 1) return found[0];
  throw new Error(`Expected one process that is ${which}, found: ${describeProcesses(sandbox)}`);
}

function readProcess(pid: number, sandbox: Sandbox): SandboxProcess | null {
  try {
    if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${marker}=${sandbox.root}`))
      return null;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
    const script = args.find((word) => /\.(ts|mjs|js)$/.test(word)) ?? '';
    const isNode = /node$/.test(args[0] ?? '');
    const ownRole = script.endsWith('cli/start.mjs')
      ? 'program'
      : script.endsWith('compute/entry.ts')
        ? 'compute'
        : null;
    return { pid, parent: Number(parent), role: (isNode && ownRole) || 'launcher', args };
  } catch {
    // It has ended or belongs to another user.
    return null;
  }
}

export function describeProcesses(sandbox: Sandbox): string {
  const lines = listProcesses(sandbox).map(
    ({ pid, parent, args }) => `${pid} (parent ${parent}) ${args.join(' ').slice(0, 160)}`,
  );
  return lines.join('\n') || 'none';
}

/** Waits by polling, because only a parent is notified when a process ends. */
export async function waitUntilGone(
  sandbox: Sandbox,
  roles: readonly string[] = ['program', 'compute'],
): Promise<void> {
  const rest = () => listProcesses(sandbox).filter(({ role }) => roles.includes(role));
  const describeRest = () => (rest().length > 0 ? describeProcesses(sandbox) : 'a process that is exiting');
  await expect
    .poll(() => (rest().length === 0 && !isExiting(sandbox, roles) ? 'none' : describeRest()))
    .toBe('none');
}

/** Resolves when the newest run has recorded this many steps. Reads the database while the program writes to it. */
export async function waitForStep(sandbox: Sandbox, step: number): Promise<void> {
  await expect.poll(() => readNewestStep(sandbox), { timeout: 240_000 }).toBeGreaterThanOrEqual(step);
}

export function readNewestStep({ dataFolder }: Sandbox): number {
  const file = join(dataFolder, 'lab.sqlite');
  if (!existsSync(file)) return -1;
  const db = new Database(file, { readonly: true });
  try {
    return Number(db.prepare('SELECT step FROM runs ORDER BY rowid DESC LIMIT 1').pluck().get() ?? -1);
  } catch {
    // The schema is being created.
    return -1;
  } finally {
    db.close();
  }
}

export interface StoreState {
  /** Newest first. */
  readonly runs: readonly RunRecord[];
  /** What opening the store had to repair; empty after an orderly end. */
  readonly findings: readonly Finding[];
  /** Steps of the checkpoints of the newest run, newest first. */
  readonly checkpoints: readonly number[];
}

/** Opens the store as the next start would. @throws Error if anything in it is damaged. */
export function inspectStore({ dataFolder }: Sandbox): StoreState {
  const store = openStore(dataFolder);
  try {
    expect(store.db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(listLeases(store.db).filter(isLeaseLive)).toEqual([]);
    const runs = listRuns(store.db);
    const rows = runs.map(({ id }) => listCheckpointRows(store.db, id));
    runs.forEach(({ id }, index) => {
      for (const { file, sha256 } of rows[index])
        expect(verifyCheckpoint(join(store.runFolder(id), file)).sha256).toBe(sha256);
    });
    const files = readdirSync(dataFolder, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /\.tmp-|\.partial$/.test(file))).toEqual([]);
    return { runs, findings: store.findings, checkpoints: (rows[0] ?? []).map(({ step }) => step) };
  } finally {
    store.close();
  }
}

/** Whether a program listens on a port of this machine. */
export async function isPortOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}

export interface ServedPage extends Launched {
  readonly port: number;
  /** Sends a request as the signed-in page does. */
  readonly ask: <Value>(channel: string, input: unknown) => Promise<Value>;
}

/** Starts the server through a launcher (or any line that prints its JSON) and signs in. */
export async function serve(
  sandbox: Sandbox,
  launcher: Launcher,
  args: readonly string[] = [],
): Promise<ServedPage> {
  const launched = launch(sandbox, launcher, ['app', '--browser', '--json', ...args]);
  await launched.waitFor(/"event":"serving".*\n/);
  const line =
    launched
      .stdout()
      .split('\n')
      .find((text) => text.includes('"serving"')) ?? '';
  const { link, port } = JSON.parse(line) as { link: string; port: number };
  return { ...launched, port, ask: await signIn(link, port) };
}

/** Creates a run like `longTraining` in a server and starts it. Resolves when it has trained. */
export async function startRun(sandbox: Sandbox, ask: ServedPage['ask']): Promise<void> {
  const { train, ...config } = smallConfig('synthetic');
  const never = 10_000_000;
  const cadence = { checkpointEverySteps: never, evaluateEverySteps: 0, previewEverySteps: 0 };
  const request = { name: 'served', datasetId: 'synthetic', then: 'start' };
  await ask('training.create', {
    ...request,
    config: { ...config, train: { ...train, ...cadence, steps: never } },
  });
  await waitForStep(sandbox, 1);
}

/** Opens the link that a server prints and returns a function that sends requests as its page does. */
export async function signIn(link: string, port: number): Promise<ServedPage['ask']> {
  const opened = await fetch(link, { redirect: 'manual' });
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  const origin = `http://127.0.0.1:${port}`;
  const headers = { cookie, origin, 'content-type': 'application/json' };
  return async <Value>(channel: string, input: unknown): Promise<Value> => {
    const body = JSON.stringify(input);
    const response = await fetch(`${origin}/api/${channel}`, { method: 'POST', headers, body });
    return ((await response.json()) as { value: Value }).value;
  };
}

/**
 * Ends one process of the sandbox at a random moment within `milliseconds`, and waits until the others have followed.
 * Returns what was done, for the message of a failed check.
 */
export async function endAtRandom(
  sandbox: Sandbox,
  options: { milliseconds: number; signals: readonly NodeJS.Signals[]; random?: () => number },
): Promise<string> {
  const { milliseconds, signals, random = Math.random } = options;
  const delay = Math.round(random() * milliseconds);
  await new Promise((done) => setTimeout(done, delay));
  const signal = signals[Math.floor(random() * signals.length)];
  const victims = listProcesses(sandbox).filter(({ args }) => args[0] !== 'tmux');
  const victim = victims.at(Math.floor(random() * victims.length));
  if (victim) killQuietly(victim.pid, signal);
  await waitUntilGone(sandbox);
  return `${signal} to ${victim?.role ?? 'nobody'} after ${delay} ms`;
}

function killQuietly(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has already ended.
  }
}

/** Quotes a word for a POSIX shell. */
export function quote(word: string): string {
  return /^[\w./:=,@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
