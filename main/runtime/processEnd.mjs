/**
 * How a process of this project is asked to end, and when it must not: signals, a launcher that is gone, an output that
 * nobody reads. `docs/process-ends.md` says what happens when. Plain JavaScript for Node 20, because the set-up scripts use
 * it before anything is installed.
 *
 * Every program calls `prepareEnds` first; work that has something to save calls `onEndRequest` while it runs. A compute
 * process calls `leaveEndsToParent` instead. While nobody listens, a signal ends the process as the system does.
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
 * `launcher`: npm or the command `lab`, which started this process, is gone.
 * @typedef {'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'launcher'} EndCause
 */

/**
 * `code`: the exit code of a process whose work this request ended, 128 + the signal's number. `isRepeated`: somebody asked
 * before and does not want to wait.
 * @typedef {{ readonly cause: EndCause, readonly code: number, readonly isRepeated: boolean }} EndRequest
 */

/** @type {readonly ('SIGINT' | 'SIGTERM' | 'SIGHUP')[]} */
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Exit code of a program that wrote to a closed pipe: 128 + SIGPIPE. */
const closedPipeCode = 141;

/** Milliseconds between two looks at the launcher. */
const lookInterval = 250;

/** Milliseconds within which npm passes on a signal that the whole process group got. */
const forwardingTime = 500;

/** @type {Set<(request: EndRequest) => void>} */
const listeners = new Set();
/** How many need the process to end by `process.exit`. */
let bystanders = 0;

/** Requests since the first of the present listeners came. */
const requests = {
  /** Signals that came from outside, and those that the command `lab` passed on: a Ctrl-C at a terminal is both. */
  direct: { SIGINT: 0, SIGTERM: 0 },
  forwarded: { SIGINT: 0, SIGTERM: 0 },
  arrivedAt: { SIGINT: Number.NEGATIVE_INFINITY, SIGTERM: Number.NEGATIVE_INFINITY },
  /** @type {EndCause | null} */
  first: null,
};

let endsWhenUnread = false;
let forwardsTwice = false;

/**
 * Calls `listener` at every request to end until the returned function is called: at the first, and again where somebody
 * does not want to wait. A hang-up and a vanished launcher never count as impatience, because a closing terminal sends
 * several signals at once.
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
 * Lets the process end through `process.exit`, with what is to be done at its `exit`, until the returned function is
 * called. Where somebody listens by `onEndRequest`, that decides.
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

/** Exit code of work that a request to end cut short; null where nobody has asked. */
export function requestedExitCode() {
  return requests.first === null ? null : codeOf(requests.first);
}

/**
 * For every program, first of all: an output that is gone ends no work, nohup is obeyed, and the launcher is watched.
 * Listeners of the standard outputs and of the launcher stay until the process ends; they do not keep it alive.
 * `isPart`: a program that only another program of this project starts, and that ends with it.
 */
export function prepareEnds({ isPart = false } = {}) {
  surviveClosedOutputs();
  const isDeaf = isHangUpIgnored();
  const stopWatching = watchLauncher(isDeaf, isPart);
  // Node takes back that a hang-up is ignored, so that somebody has to ignore it again. It ends npm and its shell even
  // under nohup; what they started goes on.
  if (isDeaf) process.on('SIGHUP', stopWatching);
}

/** For a program that only prints: ends quietly once nobody reads its output, as `seq` and `cat` do. */
export function endWhenUnread() {
  endsWhenUnread = true;
}

/**
 * For a compute process: signals reach the whole process group, and its parent decides what they mean. `onOrphaned` is
 * called when the parent is gone.
 * @param {() => void} onOrphaned
 */
export function leaveEndsToParent(onOrphaned) {
  surviveClosedOutputs();
  for (const signal of endSignals) process.on(signal, ignore);
  const parent = process.ppid;
  // The channel of a forked process says it at once; a utility process of Electron has none that does.
  if (process.channel) process.once('disconnect', onOrphaned);
  else look(() => process.ppid !== parent, onOrphaned);
}

/**
 * Passes every request to end on to a child of this terminal, and goes on waiting for it. The child is told by its channel
 * that the request was passed on, because at a terminal it gets the signal itself as well.
 * @param {import('node:child_process').ChildProcess} child started with an IPC channel
 * @returns {() => void} ends the forwarding
 */
export function forwardEnds(child) {
  return onEndRequest(({ cause }) => {
    if (child.connected) child.send({ type: 'end', cause }, ignore);
  });
}

function ignore() {
  // On purpose.
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
 * One press of Ctrl-C may arrive twice: by the terminal and by whoever started this process.
 * @param {'SIGINT' | 'SIGTERM'} signal
 * @param {'direct' | 'forwarded'} way
 */
function count(signal, way) {
  const now = performance.now();
  const isEcho = forwardsTwice && now - requests.arrivedAt[signal] < forwardingTime;
  requests.arrivedAt[signal] = now;
  if (isEcho) return;
  const before = countRequests();
  requests[way][signal] += 1;
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

/** Without a listener an error of these streams would end the process with a stack trace. */
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
 * Ends the work when what started this process on somebody's behalf is gone: the command `lab`, which keeps a channel, or
 * npm, whose own child is a shell that passes no signal on. A shell or a service that started it directly is not watched:
 * a job in the background outlives its shell.
 * @param {boolean} isDeaf started by nohup
 * @param {boolean} isPart
 * @returns {() => void} ends the watch over npm
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
    // A program that has done its work ends although the channel is open.
    process.channel.unref();
    return ignore;
  }
  const parent = process.ppid;
  if (isPart) return look(() => isParentGone(parent), end);
  if (!isRunByNpm()) return ignore;
  const npm = findNpm(parent);
  forwardsTwice = npm === null;
  const isGone = () => {
    if (isParentGone(parent)) return !(isDeaf && npm === null);
    return npm !== null && !isDeaf && isChildOfAnother(parent, npm);
  };
  return look(isGone, end);
}

/**
 * @param {() => boolean} isTrue asked now and then, without keeping the process alive
 * @param {() => void} act called once
 * @returns {() => void} ends it
 */
function look(isTrue, act) {
  const timer = setInterval(() => {
    if (!isTrue()) return;
    clearInterval(timer);
    act();
  }, lookInterval);
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

/** Whether this program is the script that npm runs; programs started by such a program inherit npm's variables too. */
function isRunByNpm() {
  const script = process.env.npm_lifecycle_script;
  const program = tryRead(() => realpathSync(process.argv[1]));
  if (!script || program === null) return false;
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
  if (script.includes(relative(root, program).replaceAll('\\', '/'))) return true;
  // npx runs the installed command by its name.
  return basename(program) === 'lab.mjs' && /^["']?lab\b/.test(script);
}

/**
 * npm starts a shell, which starts this program or replaces itself by it.
 * @param {number} parent
 * @returns {number | null} npm's number where a shell is between; null where npm is the parent itself
 */
function findNpm(parent) {
  if (process.platform === 'win32') return null;
  try {
    if (process.platform === 'linux') {
      const [shell, option] = readFileSync(`/proc/${parent}/cmdline`, 'utf8').split('\0');
      return /sh$/.test(shell) && option === '-c' ? readParent(parent) : null;
    }
    const words = ['-o', 'ppid=,command=', '-p', String(parent)];
    const [, number, command] =
      /^\s*(\d+)\s+(.*)/.exec(execFileSync('ps', words, { encoding: 'utf8' })) ?? [];
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
 * proc(5): the parent is the second field after the name in parentheses, which may hold anything.
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
 * Whether this process was started by nohup. Node sets every signal back to its default before any script runs, so that
 * nohup is recognised by its other traces: the shell's variable `_`, a standard input that cannot be read, `nohup.out`.
 */
function isHangUpIgnored() {
  return (knownHangUp ??= process.platform !== 'win32' && findTraceOfNohup());
}

function findTraceOfNohup() {
  const isNohup = (/** @type {string | undefined} */ path) => basename(path ?? '') === 'nohup';
  if (isNohup(process.env._) || hasIgnoredSignal()) return true;
  // A script's shell in between, such as npm's, may have set the variable anew.
  if (isRunByNpm() && isNohup(readVariable(process.ppid, '_'))) return true;
  return isUnreadableInput() || [1, 2].some(isNohupOutput);
}

/** Runtimes other than Node leave what they inherit. */
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

/** GNU nohup opens /dev/null for writing where the input was a terminal. */
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
