/**
 * Requests to end a process of this project: signals, a vanished launcher, a closed output. `docs/process-ends.md` describes
 * what happens when. Plain JavaScript for Node 20, because the set-up scripts use it before anything is installed.
 *
 * Every program calls `prepareEnds` first; work that has something to save calls `onEndRequest` while it runs. A compute
 * process calls `leaveEndsToParent` instead. Without listeners, a signal ends the process as usual.
 */

import { execFileSync } from 'node:child_process';
import {
  constants as fileConstants,
  fstatSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { constants, homedir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * `launcher`: npm or the command `lab`, which started this process, has ended.
 * @typedef {'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'launcher'} EndCause
 */

/**
 * `code`: the exit code of a process that this request ends, 128 + the number of the signal. `isRepeated`: the user has asked
 * before and does not want to wait.
 * @typedef {{ readonly cause: EndCause, readonly code: number, readonly isRepeated: boolean }} EndRequest
 */

/** @type {readonly ('SIGINT' | 'SIGTERM' | 'SIGHUP')[]} */
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Exit code of a program that wrote to a closed pipe: 128 + SIGPIPE. */
const closedPipeCode = 141;

/** Milliseconds between two checks of the launcher. */
const checkInterval = 250;

/** Milliseconds within which npm forwards a signal that the whole process group received. */
const forwardingTime = 500;

/** @type {Set<(request: EndRequest) => void>} */
const listeners = new Set();
/** Number of callers of `exitOnEndRequest` that still need the process to end through `process.exit`. */
let bystanders = 0;

/** Requests since the first of the current listeners was added. */
const requests = {
  /** Signals from outside, and those that the command `lab` forwarded: a Ctrl-C at a terminal is both. */
  direct: { SIGINT: 0, SIGTERM: 0 },
  forwarded: { SIGINT: 0, SIGTERM: 0 },
  arrivedAt: { SIGINT: Number.NEGATIVE_INFINITY, SIGTERM: Number.NEGATIVE_INFINITY },
  /** @type {EndCause | null} */
  first: null,
};

let endsWhenUnread = false;
let forwardsTwice = false;

/**
 * Calls `listener` for the first request to end, and again if the user does not want to wait, until the returned function is
 * called. A hang-up and a vanished launcher never count as a repetition, because a closing terminal sends several signals at
 * once.
 * @param {(request: EndRequest) => void} listener
 * @returns {() => void}
 */
export function onEndRequest(listener) {
  beginListening();
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    endListening();
  };
}

/**
 * Makes requests to end exit through `process.exit`, with all `exit` handlers, until the returned function is called.
 * Listeners of `onEndRequest` take precedence.
 * @returns {() => void}
 */
export function exitOnEndRequest() {
  beginListening();
  bystanders += 1;
  return () => {
    bystanders -= 1;
    endListening();
  };
}

function beginListening() {
  if (listeners.size + bystanders > 0) return;
  Object.assign(requests, {
    direct: { SIGINT: 0, SIGTERM: 0 },
    forwarded: { SIGINT: 0, SIGTERM: 0 },
    first: null,
  });
  for (const signal of endSignals)
    if (signal !== 'SIGHUP' || !isHangUpIgnored()) process.on(signal, receivers[signal]);
}

function endListening() {
  if (listeners.size + bystanders === 0)
    for (const signal of endSignals) process.off(signal, receivers[signal]);
}

/** Returns the exit code of work that a request to end cut short; null without a request. */
export function requestedExitCode() {
  return requests.first === null ? null : codeOf(requests.first);
}

/**
 * Call this first in every program: a closed output does not end its work, nohup is obeyed, and the launcher is watched. The
 * listeners stay until the process ends and do not keep it alive.
 * `isPart`: a program that only another program of this project starts, and that ends with it.
 */
export function prepareEnds({ isPart = false } = {}) {
  surviveClosedOutputs();
  const isDeaf = isHangUpIgnored();
  const stopWatching = watchLauncher(isDeaf, isPart);
  // Node resets the ignored hang-up signal, so it must be ignored again. The signal ends npm and its shell even under nohup;
  // the programs they started continue.
  if (isDeaf) process.on('SIGHUP', stopWatching);
}

/** For a program that only prints: it ends quietly when its output is closed, as `seq` and `cat` do. */
export function endWhenUnread() {
  endsWhenUnread = true;
}

/**
 * For a compute process: it ignores signals, which reach the whole process group, because its parent handles them.
 * `onOrphaned` is called when the parent has ended.
 * @param {() => void} onOrphaned
 */
export function leaveEndsToParent(onOrphaned) {
  surviveClosedOutputs();
  for (const signal of endSignals) process.on(signal, ignore);
  const parent = process.ppid;
  // The channel of a forked process reports it at once; a utility process of Electron has no such channel.
  if (process.channel) process.once('disconnect', onOrphaned);
  else watch(() => isParentGone(parent), onOrphaned);
}

/**
 * Forwards every request to end to a child of this terminal. The child receives a message that the request was forwarded,
 * because at a terminal it also receives the signal itself.
 * @param {import('node:child_process').ChildProcess} child started with an IPC channel
 * @returns {() => void} ends the forwarding
 */
export function forwardEnds(child) {
  return onEndRequest(({ cause }) => {
    if (child.connected) child.send({ type: 'end', cause }, ignore);
  });
}

function ignore() {
  // Ignored on purpose.
}

/** @param {EndCause} cause */
function codeOf(cause) {
  return 128 + constants.signals[cause === 'launcher' ? 'SIGTERM' : cause];
}

const receivers = {
  SIGINT: () => count('SIGINT', 'direct'),
  SIGTERM: () => count('SIGTERM', 'direct'),
  SIGHUP: () => request('SIGHUP', false),
};

/**
 * Counts a signal. One Ctrl-C may arrive twice: from the terminal and from the program that started this process.
 * @param {'SIGINT' | 'SIGTERM'} signal
 * @param {'direct' | 'forwarded'} origin
 */
function count(signal, origin) {
  const now = performance.now();
  const isEcho = forwardsTwice && now - requests.arrivedAt[signal] < forwardingTime;
  requests.arrivedAt[signal] = now;
  if (isEcho) return;
  const before = countRequests();
  requests[origin][signal] += 1;
  if (countRequests() > before) request(signal, before > 0);
}

function countRequests() {
  const { direct, forwarded } = requests;
  return Math.max(direct.SIGINT, forwarded.SIGINT) + Math.max(direct.SIGTERM, forwarded.SIGTERM);
}

/**
 * @param {EndCause} cause
 * @param {boolean} isRepeated
 */
function request(cause, isRepeated) {
  if (listeners.size === 0) process.exit(codeOf(cause));
  if (requests.first !== null && !isRepeated) return;
  requests.first ??= cause;
  for (const listener of [...listeners]) listener({ cause, code: codeOf(cause), isRepeated });
}

/** Without a listener, an error of these streams would end the process with a stack trace. */
function surviveClosedOutputs() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (!endsWhenUnread) return;
      if (error.code === 'EPIPE') process.exit(closedPipeCode);
      if (stream === process.stdout)
        process.stderr.write(`The output could not be written: ${error.message}\n`);
      process.exit(1);
    });
  }
}

/**
 * Requests an end when the launcher of this process has ended: the command `lab`, which keeps a channel, or npm, whose child
 * is a shell that forwards no signals. A shell or a service that started the process directly is not watched: a background
 * job outlives its shell.
 * @param {boolean} isDeaf started by nohup
 * @param {boolean} isPart
 * @returns {() => void} stops watching npm
 */
function watchLauncher(isDeaf, isPart) {
  const end = () => request('launcher', false);
  if (process.channel) {
    process.on('message', (message) => {
      const cause = isEnd(message) ? message.cause : null;
      if (cause === 'SIGINT' || cause === 'SIGTERM') count(cause, 'forwarded');
      else if (cause !== null) request(cause, false);
    });
    process.once('disconnect', end);
    // A program that has finished exits although the channel is open.
    process.channel.unref();
    return ignore;
  }
  const parent = process.ppid;
  if (isPart) return watch(() => isParentGone(parent), end);
  if (!isRunByNpm()) return ignore;
  const npm = findNpm(parent);
  forwardsTwice = npm === null;
  const isGone = () => {
    if (isParentGone(parent)) return !(isDeaf && npm === null);
    return npm !== null && !isDeaf && isChildOfAnother(parent, npm);
  };
  return watch(isGone, end);
}

/**
 * Calls `act` once when two checks in a row found `isTrue`. A hang-up of the whole process group ends npm, too, and a busy
 * program may see that first: the signal arrives between the two checks and, under nohup, stops them. The checks do not keep
 * the process alive.
 * @param {() => boolean} isTrue
 * @param {() => void} act
 * @returns {() => void} stops checking
 */
function watch(isTrue, act) {
  let wasTrue = false;
  const timer = setInterval(() => {
    const wasTrueBefore = wasTrue;
    wasTrue = isTrue();
    if (!wasTrueBefore || !wasTrue) return;
    clearInterval(timer);
    act();
  }, checkInterval);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * @param {unknown} message
 * @returns {message is { type: 'end', cause: EndCause }}
 */
function isEnd(message) {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'end';
}

/** Whether this program is the script that npm runs; programs started by such a script inherit npm's variables too. */
function isRunByNpm() {
  const script = process.env.npm_lifecycle_script;
  const program = tryRead(() => realpathSync(process.argv[1]));
  if (!script || program === null) return false;
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
  if (script.includes(relative(root, program).replaceAll('\\', '/'))) return true;
  // npx runs the installed command by name.
  return basename(program) === 'lab.mjs' && /^["']?lab\b/.test(script);
}

/**
 * Finds npm, which starts a shell that starts this program or replaces itself by it.
 * @param {number} parent
 * @returns {number | null} npm's process number if there is a shell in between; null if npm is the parent
 */
function findNpm(parent) {
  if (process.platform === 'win32') return null;
  try {
    if (process.platform === 'linux') {
      const [shell, option] = readFileSync(`/proc/${parent}/cmdline`, 'utf8').split('\0');
      return /sh$/.test(shell) && option === '-c' ? readParent(parent) : null;
    }
    const args = ['-o', 'ppid=,command=', '-p', String(parent)];
    const [, number, command] = /^\s*(\d+)\s+(.*)/.exec(execFileSync('ps', args, { encoding: 'utf8' })) ?? [];
    return /^\S*sh -c /.test(command ?? '') ? Number(number) : null;
  } catch {
    return null;
  }
}

/** @param {number} parent */
function isParentGone(parent) {
  return process.platform === 'win32' ? !isAlive(parent) : process.ppid !== parent;
}

/**
 * @param {number} child
 * @param {number} parent
 */
function isChildOfAnother(child, parent) {
  return process.platform === 'linux' ? readParent(child) !== parent : !isAlive(parent);
}

/**
 * Reads the parent's process number. proc(5): it is the second field after the name in parentheses, which may contain
 * anything.
 * @param {number} id
 */
function readParent(id) {
  try {
    const text = readFileSync(`/proc/${id}/stat`, 'utf8');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

/** @param {number} id */
function isAlive(id) {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** @type {boolean | null} */
let knownHangUp = null;

/**
 * Whether this process was started by nohup. Node resets all signals to their defaults before any script runs, so nohup is
 * recognised by other traces: the shell's variable `_`, a standard input that cannot be read, `nohup.out`.
 */
function isHangUpIgnored() {
  return (knownHangUp ??= process.platform !== 'win32' && findTraceOfNohup());
}

function findTraceOfNohup() {
  const isNohup = (/** @type {string | undefined} */ path) => basename(path ?? '') === 'nohup';
  if (isNohup(process.env._) || hasIgnoredSignal()) return true;
  // A shell in between, such as npm's, may have changed the variable.
  if (isRunByNpm() && isNohup(readVariable(process.ppid, '_'))) return true;
  return isUnreadableInput() || [1, 2].some(isNohupOutput);
}

/** Runtimes other than Node keep the signals that they inherit as ignored. */
function hasIgnoredSignal() {
  const mask = /^SigIgn:\s*([0-9a-f]+)/m.exec(tryRead(() => readFileSync('/proc/self/status', 'utf8')) ?? '');
  return mask !== null && (BigInt(`0x${mask[1]}`) & 1n) === 1n;
}

/**
 * @param {number} id
 * @param {string} name
 */
function readVariable(id, name) {
  const all = tryRead(() => readFileSync(`/proc/${id}/environ`, 'utf8'))?.split('\0') ?? [];
  return all.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** GNU nohup opens /dev/null for writing if the input was a terminal. */
function isUnreadableInput() {
  if (tryRead(() => readlinkSync('/proc/self/fd/0')) !== '/dev/null') return false;
  const flags = /^flags:\s*([0-7]+)/m.exec(tryRead(() => readFileSync('/proc/self/fdinfo/0', 'utf8')) ?? '');
  return flags !== null && (Number.parseInt(flags[1], 8) & 3) === fileConstants.O_WRONLY;
}

/** @param {number} descriptor */
function isNohupOutput(descriptor) {
  const output = tryRead(() => fstatSync(descriptor));
  if (!output?.isFile()) return false;
  return [process.cwd(), tryRead(homedir)].some((folder) => {
    const file = folder && tryRead(() => statSync(join(folder, 'nohup.out')));
    return file && file.ino === output.ino && file.dev === output.dev;
  });
}

/**
 * @template Value
 * @param {() => Value} read
 * @returns {Value | null}
 */
function tryRead(read) {
  try {
    return read();
  } catch {
    return null;
  }
}
