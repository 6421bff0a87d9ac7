/**
 * Sets the project up: packages, Node 24, TensorFlow. Plain JavaScript for Node 20 and later, because it runs before
 * anything is installed. Every step can be repeated, and a killed run is repaired by the next one.
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
/** The first Node that runs TypeScript files as they are without a warning. */
const wantedNode = 24;

/** The Node 24 that the package `node` brings; it exists once the project is set up. */
export const nodeProgram = join(
  packagesFolder,
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/**
 * Do what is missing, nothing when all is there. Prints to stderr only.
 * @param {readonly string[]} words --gpu, --force, --retry: handed to the installation of TensorFlow
 * @throws Error with the next step when a step fails
 */
export async function setUp(words) {
  const found = Number(process.versions.node.split('.')[0]);
  if (found < oldestNode) {
    throw new Error(
      `This is Node ${process.versions.node}, expected ${oldestNode} or later: install it from https://nodejs.org`,
    );
  }
  if (words.length === 0 && isReady()) return;
  const release = await takeLock(root, 'setup');
  try {
    if (words.length === 0 && isReady()) return;
    await installPackages();
    await installNode();
    tell('[3/3] TensorFlow');
    await run(root, [nodeProgram, join(root, 'main', 'runtime', 'install.ts'), ...words], {
      failure: 'TensorFlow could not be installed; the lines above say why. Then run: npm run setup',
      needsTerminal: true,
      // A relative path in SPARSE_FIELD_LAB_CACHE starts from the folder the user is in.
      folder: process.cwd(),
    });
  } finally {
    release();
  }
}

/** Whether packages, Node and TensorFlow are as this checkout wants them: reads four small files. */
function isReady() {
  const stamp = readJson(stampFile);
  if (stamp?.packages !== hashPackages(root) || stamp?.node !== fileSize(nodeProgram)) return false;
  const outcome = readJson(outcomeFile);
  return outcome?.answers?.includes(readWish()) && outcome.files.every(existsSync);
}

/** The same variables that the installation reads. */
function readWish() {
  if (process.env.SPARSE_FIELD_LAB_BACKEND === 'wasm') return 'wasm';
  return process.env.SPARSE_FIELD_LAB_GPU === '1' ? 'gpu' : 'auto';
}

/**
 * Before anything is downloaded for a command that would fail at its end.
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
    tell('[1/3] Packages …');
    const failure = `npm could not install the packages; check ${nameConnection()}, then run: npm run setup`;
    // A whole tree of another state is changed in place; a broken one is made anew.
    if (hasWholeTree(root)) await runNpm(root, ['install', '--no-save', ...quiet], failure);
    if (!isTreeAsLocked(root)) await makeTreeAnew(['ci', ...quiet], failure);
  }
  writeStamp({ packages: hashPackages(root), node: -1 });
}

/**
 * @param {readonly string[]} words
 * @param {string} failure
 */
async function makeTreeAnew(words, failure) {
  try {
    await runNpm(root, words, failure);
  } catch (error) {
    if (process.exitCode) throw error;
    // An npm that a killed set-up left behind can still be writing; it is done by the second time.
    tell('      npm failed, once more in 5 s …');
    await setTimeout(5000);
    await runNpm(root, words, failure);
  }
}

async function installNode() {
  if (readJson(stampFile)?.node === fileSize(nodeProgram)) return;
  if (!(await answersAsNode())) {
    tell(`[2/3] Node ${wantedNode} …`);
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
function tell(line) {
  process.stderr.write(`${line}\n`);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  prepareEnds();
  // Who asks for a set-up by name also wants what could not be had the last time to be tried again.
  const retry = process.env.npm_lifecycle_event === 'presetup' ? ['--retry'] : [];
  try {
    refuseUnbuildable(process.env.npm_lifecycle_event);
    await setUp([...process.argv.slice(2), ...retry]);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    process.exitCode ??= 1;
  }
}
