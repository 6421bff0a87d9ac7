/**
 * Sets up the project: packages, Node 24, TensorFlow. Plain JavaScript for Node 20 and later, because it runs before
 * anything is installed. Every step can be repeated, and the next run repairs an interrupted one.
 */

import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { explainPathObstacle } from './buildFolder.mjs';
import { nameConnection } from './networkProxy.mjs';
import { prepareEnds } from './processEnd.mjs';
import { takeLock } from './setupLock.mjs';
import { hashPackages, hasWholeTree, isTreeAsLocked } from './setupPackages.mjs';
import { run, runNpm } from './setupProcess.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const packagesFolder = join(root, 'node_modules');
const stampFile = join(packagesFolder, '.sparse-field-lab', 'setup.json');
const outcomeFile = join(packagesFolder, '.sparse-field-lab', 'runtime.json');
const oldestNode = 20;
/** The first Node that runs TypeScript files without a warning. */
const wantedNode = 24;

/** The Node 24 of the package `node`; it exists once the project is set up. */
export const nodeProgram = join(
  packagesFolder,
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/**
 * Installs everything that is missing. Prints to stderr only.
 * @param {readonly string[]} args --gpu, --force, --retry: passed to the installation of TensorFlow
 * @throws Error with the next step if a step fails
 */
export async function setUp(args) {
  const found = Number(process.versions.node.split('.')[0]);
  if (found < oldestNode) {
    throw new Error(
      `This is Node ${process.versions.node}, expected ${oldestNode} or later: install it from https://nodejs.org`,
    );
  }
  if (args.length === 0 && isReady()) return;
  const release = await takeLock(root, 'setup');
  try {
    if (args.length === 0 && isReady()) return;
    await installPackages();
    await installNode();
    printLine('[3/3] TensorFlow');
    await run(root, [nodeProgram, join(root, 'main', 'runtime', 'install.ts'), ...args], {
      failure: 'TensorFlow could not be installed; the lines above say why. Then run: npm run setup',
      needsTerminal: true,
      // A relative path in SPARSE_FIELD_LAB_CACHE starts from the folder the user is in.
      folder: process.cwd(),
    });
  } finally {
    release();
  }
}

/** Whether packages, Node and TensorFlow are up to date; reads only four small files. */
function isReady() {
  const stamp = readJson(stampFile);
  if (stamp?.packages !== hashPackages(root) || stamp?.node !== fileSize(nodeProgram)) return false;
  const outcome = readJson(outcomeFile);
  return outcome?.answers?.includes(readRequest()) && outcome.files.every(existsSync);
}

/** Reads the same variables as the installation. */
function readRequest() {
  if (process.env.SPARSE_FIELD_LAB_BACKEND === 'wasm') return 'wasm';
  return process.env.SPARSE_FIELD_LAB_GPU === '1' ? 'gpu' : 'auto';
}

/**
 * Refuses a build that would fail in this folder, before anything is downloaded for it.
 * @param {string | undefined} script the script of package.json that set-up runs for
 */
function refuseUnbuildable(script = '') {
  const needsBuild = ['prestart', 'predev', 'prebuild'].includes(script);
  const isBuilt = script === 'prestart' && existsSync(join(root, 'dist', 'renderer', 'index.html'));
  const obstacle = needsBuild && !isBuilt ? explainPathObstacle(root) : null;
  if (obstacle !== null) throw new Error(obstacle);
}

async function installPackages() {
  if (readJson(stampFile)?.packages === hashPackages(root)) return;
  const quiet = [
    '--ignore-scripts',
    '--loglevel=error',
    '--no-audit',
    '--no-fund',
    '--include=dev',
    '--include=optional',
  ];
  if (!isTreeAsLocked(root)) {
    printLine('[1/3] Packages …');
    const failure = `npm could not install the packages; check ${nameConnection()}, then run: npm run setup`;
    // A complete tree of another version is updated in place; a broken one is installed from scratch.
    if (hasWholeTree(root)) await runNpm(root, ['install', '--no-save', ...quiet], failure);
    if (!isTreeAsLocked(root)) await installFromScratch(['ci', ...quiet], failure);
  }
  writeStamp({ packages: hashPackages(root), node: -1 });
}

/**
 * @param {readonly string[]} args
 * @param {string} failure
 */
async function installFromScratch(args, failure) {
  try {
    await runNpm(root, args, failure);
  } catch (error) {
    if (process.exitCode) throw error;
    // An npm that a killed set-up left behind may still be writing; it has finished before the second attempt.
    printLine('      npm failed; trying once more in 5 s …');
    await setTimeout(5000);
    await runNpm(root, args, failure);
  }
}

async function installNode() {
  if (readJson(stampFile)?.node === fileSize(nodeProgram)) return;
  if (!(await answersAsNode())) {
    printLine(`[2/3] Node ${wantedNode} …`);
    await runNpm(
      root,
      ['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error'],
      `npm could not fetch Node ${wantedNode}; check ${nameConnection()}, then run: npm run setup`,
    );
    if (!(await answersAsNode())) {
      throw new Error(
        `${nodeProgram} does not run as Node ${wantedNode}: delete node_modules, then run: npm run setup`,
      );
    }
  }
  writeStamp({ packages: hashPackages(root), node: fileSize(nodeProgram) });
}

async function answersAsNode() {
  const check = `process.exit(process.versions.node.startsWith('${wantedNode}.') ? 0 : 1)`;
  return run(root, [nodeProgram, '-e', check]).then(
    () => true,
    () => false,
  );
}

/** @param {string} path */
function fileSize(path) {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}

/** @param {string} path */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** @param {{ packages: string, node: number | null }} stamp */
function writeStamp(stamp) {
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(`${stampFile}.partial`, JSON.stringify(stamp));
  renameSync(`${stampFile}.partial`, stampFile);
}

/** @param {string} line */
function printLine(line) {
  process.stderr.write(`${line}\n`);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  prepareEnds();
  // An explicit set-up also retries backends that could not be installed the last time.
  const retry = process.env.npm_lifecycle_event === 'presetup' ? ['--retry'] : [];
  try {
    refuseUnbuildable(process.env.npm_lifecycle_event);
    await setUp([...process.argv.slice(2), ...retry]);
  } catch (error) {
    printLine(error instanceof Error ? error.message : String(error));
    process.exitCode ??= 1;
  }
}
