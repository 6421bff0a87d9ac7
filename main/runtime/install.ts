/**
 * Installs the best TensorFlow for this machine, after the packages: the current TensorFlow from its Python wheel, else the
 * package's own download, else the WASM backend. Arguments: --gpu, --force, --retry.
 */

import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { describeError } from '../../shared/text/describeError.ts';
import { findCompiler, provideAddon } from './addon.ts';
import { findErrorMessage, lastLine, runCommand } from './command.ts';
import {
  findWheelSource,
  isLibraryCached,
  type LibraryVariant,
  placeRuntime,
  provideLibrary,
} from './library.ts';
import { nameConnection } from './networkProxy.mjs';
import {
  listSatisfiedRequests,
  readInstallResult,
  readRequest,
  type InstallResult,
  type RuntimeRequest,
  writeInstallResult,
} from './installResult.ts';
import { findRuntimePaths, type RuntimePaths } from './paths.ts';
import { findGpu, probeBackend } from './probe.ts';
import { exitOnEndRequest, prepareEnds } from './processEnd.mjs';
import { beginProgress, printLine } from './progress.ts';
import { watchGrowth } from './wheel.ts';

/** A way to install a backend; `run` returns the files it depends on, or throws the reason why it is not possible. */
interface Candidate {
  readonly name: string;
  readonly kind: InstallResult['kind'];
  readonly run: () => Promise<readonly string[]>;
}

/** Tries the candidates in order; the first one that computes correctly is used, and the reasons of the others are kept. */
async function installRuntime(
  paths: RuntimePaths,
  request: RuntimeRequest,
  isFresh: boolean,
): Promise<InstallResult> {
  const why: string[] = [];
  for (const candidate of listCandidates(paths, request, isFresh)) {
    try {
      const files = await candidate.run();
      const { info } = await probeBackend({ prefer: candidate.kind, depth: 'quick' });
      if (request === 'gpu' && info.device !== 'GPU') {
        why.push(
          'The graphics card was requested, but TensorFlow does not find it: update the NVIDIA driver and try --force.',
        );
      }
      const { kind } = candidate;
      return { ...info, kind, answers: listSatisfiedRequests(request), why, files };
    } catch (error) {
      const reason = describeError(error);
      why.push(`${candidate.name}: ${reason}`);
      printLine(`      ${candidate.name}: ${reason}`);
      if (candidate.kind === 'tensorflow') await removeAddon(paths);
    }
  }
  throw new Error(
    `No backend works, not even WASM; delete node_modules and run: npm run setup\n${why.join('\n')}`,
  );
}

function listCandidates(paths: RuntimePaths, request: RuntimeRequest, isFresh: boolean): Candidate[] {
  const wasm: Candidate = { name: 'WASM', kind: 'wasm', run: async () => [] };
  if (request === 'wasm') return [wasm];
  const present: Candidate = {
    name: 'Installed TensorFlow',
    kind: 'tensorflow',
    run: async () => [paths.addonFile],
  };
  const fromWheel = (variant: LibraryVariant): Candidate => ({
    name: variant === 'gpu' ? 'TensorFlow for the graphics card' : 'TensorFlow from its Python wheel',
    kind: 'tensorflow',
    run: () => installFromWheel(paths, variant),
  });
  const official: Candidate = {
    name: 'tfjs-node’s own download',
    kind: 'tensorflow',
    run: () => downloadOfficial(paths, request),
  };
  const shouldKeep = !isFresh && request === 'auto' && existsSync(paths.addonFile);
  return [
    ...(shouldKeep ? [present] : []),
    ...(request === 'gpu' ? [fromWheel('gpu')] : []),
    fromWheel('cpu'),
    official,
    wasm,
  ];
}

async function installFromWheel(paths: RuntimePaths, variant: LibraryVariant): Promise<readonly string[]> {
  // Both are checked before hundreds of megabytes are downloaded for nothing.
  findWheelSource(variant);
  if (!(await isLibraryCached(paths.cacheFolder, variant))) await findCompiler();
  const library = await provideLibrary(paths.cacheFolder, variant);
  return placeRuntime(paths, library, await provideAddon(paths, library));
}

/** Removes a broken addon, so that nothing loads it: a package without its addon counts as not installed. */
async function removeAddon(paths: RuntimePaths): Promise<void> {
  await rm(join(paths.packageFolder, 'lib'), { recursive: true, force: true });
  await rm(join(paths.packageFolder, 'deps'), { recursive: true, force: true });
}

function describeResult(result: InstallResult): string {
  if (result.kind === 'tensorflow')
    return `      TensorFlow ${result.version} on the ${result.device} is ready.`;
  return `      WASM ${result.version} is ready: everything works, training is about ten times slower than with TensorFlow.`;
}

/** Asks at the terminal whether to use the graphics card. No answer for a minute, or no terminal, means no. */
async function askForGpu(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const name = await findGpu();
  if (name === null) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question = `      Found ${name}. Train on it? Downloads about 4 GB of CUDA libraries. [y/N] `;
    const answer = await terminal.question(question, { signal: AbortSignal.timeout(60_000) });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}

/**
 * Runs tfjs-node's own install script, which downloads an older TensorFlow but supports more systems. Returns its files.
 * @throws Error with the next step if the server cannot be reached or has nothing for this system.
 */
async function downloadOfficial(paths: RuntimePaths, request: RuntimeRequest): Promise<readonly string[]> {
  const manifest = join(paths.packageFolder, 'package.json');
  if (!existsSync(manifest))
    throw new Error('the package is missing; delete node_modules and run: npm run setup');
  const before = await readFile(manifest, 'utf8');
  const progress = beginProgress('running tfjs-node’s own download');
  const binaries = join(paths.root, 'node_modules', '.bin');
  const args = [join('scripts', 'install.js'), request === 'gpu' ? 'gpu' : 'cpu', 'download'];
  const result = await runCommand(process.execPath, args, {
    limit: 1_800_000,
    folder: paths.packageFolder,
    environment: { PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` },
    watch: watchGrowth(join(paths.packageFolder, 'deps'), () => undefined),
  });
  // The script edits its own package.json and does not restore it if it fails.
  await writeFile(manifest, before);
  const isThere = existsSync(paths.addonFile);
  progress.end(isThere ? 'done' : 'failed');
  if (isThere) return [paths.addonFile];
  const said =
    findErrorMessage(result.stderr) || lastLine(result.stderr) || result.failure || 'it built no addon';
  throw new Error(
    `its server could not deliver (${said}); check ${nameConnection()}, then run: npm run setup`,
  );
}

async function main(args: readonly string[]): Promise<void> {
  const paths = findRuntimePaths();
  const known = readInstallResult(paths.outcomeFile);
  const stated = args.includes('--gpu') ? 'gpu' : readRequest(process.env);
  const isFresh = args.includes('--force');
  const isRetry = args.includes('--retry') && known !== null && known.why.length > 0;
  if (known !== null && known.answers.includes(stated) && !isFresh && !isRetry) return;
  const request = stated === 'auto' && (await askForGpu()) ? 'gpu' : stated;
  const result = await installRuntime(paths, request, isFresh);
  writeInstallResult(paths.outcomeFile, result);
  printLine(describeResult(result));
}

prepareEnds({ isPart: true });
// Ends through `exit`, so that the programs started here end too.
exitOnEndRequest();
try {
  await main(process.argv.slice(2));
} catch (error) {
  printLine(describeError(error));
  process.exitCode = 1;
}
