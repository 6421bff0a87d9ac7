/**
 * Installs the best TensorFlow that this machine can have, after the packages are there: current TensorFlow from its
 * Python wheel, else the package's own download, else the WASM backend. Arguments: --gpu, --force, --retry.
 */

import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { describeError } from '../../shared/text/describeError.ts';
import { findCompiler, provideAddon } from './addon.ts';
import { findErrorMessage, lastLine, runCommand } from './command.ts';
import { isLibraryCached, type LibraryVariant, placeRuntime, provideLibrary } from './library.ts';
import { nameConnection } from './networkProxy.mjs';
import {
  listAnswers,
  readOutcome,
  readWish,
  type RuntimeOutcome,
  type RuntimeWish,
  writeOutcome,
} from './installResult.ts';
import { findRuntimePaths, type RuntimePaths } from './paths.ts';
import { findGpu, probeBackend } from './probe.ts';
import { exitOnEndRequest, prepareEnds } from './processEnd.mjs';
import { beginProgress, tell } from './progress.ts';
import { watchGrowth } from './wheel.ts';

/** One way to get a backend; `run` returns the files it depends on, or throws the reason why it is not possible. */
interface Way {
  readonly name: string;
  readonly kind: RuntimeOutcome['kind'];
  readonly run: () => Promise<readonly string[]>;
}

/** Try the ways in order; the first that really computes wins, and the reasons of the others are kept. */
async function installRuntime(
  paths: RuntimePaths,
  wish: RuntimeWish,
  isFresh: boolean,
): Promise<RuntimeOutcome> {
  const why: string[] = [];
  for (const way of listWays(paths, wish, isFresh)) {
    try {
      const files = await way.run();
      const { info } = await probeBackend(paths.root, { prefer: way.kind, depth: 'quick' });
      if (wish === 'gpu' && info.device !== 'GPU') {
        why.push(
          'The graphics card was asked for, but TensorFlow does not see it: update the NVIDIA driver and try --force.',
        );
      }
      return { ...info, answers: listAnswers(wish), why, files };
    } catch (error) {
      const reason = describeError(error);
      why.push(`${way.name}: ${reason}`);
      tell(`      ${way.name}: ${reason}`);
      if (way.kind === 'tensorflow') await removeAddon(paths);
    }
  }
  throw new Error(
    `No backend works, not even WASM; delete node_modules and run: npm run setup\n${why.join('\n')}`,
  );
}

function listWays(paths: RuntimePaths, wish: RuntimeWish, isFresh: boolean): Way[] {
  const wasm: Way = { name: 'WASM', kind: 'wasm', run: async () => [] };
  if (wish === 'wasm') return [wasm];
  const present: Way = {
    name: 'Installed TensorFlow',
    kind: 'tensorflow',
    run: async () => [paths.addonFile],
  };
  const fromWheel = (variant: LibraryVariant): Way => ({
    name: variant === 'gpu' ? 'TensorFlow for the graphics card' : 'TensorFlow from its Python wheel',
    kind: 'tensorflow',
    run: () => installFromWheel(paths, variant),
  });
  const official: Way = {
    name: 'tfjs-node’s own download',
    kind: 'tensorflow',
    run: () => downloadOfficial(paths, wish),
  };
  const shouldKeep = !isFresh && wish === 'auto' && existsSync(paths.addonFile);
  return [
    ...(shouldKeep ? [present] : []),
    ...(wish === 'gpu' ? [fromWheel('gpu')] : []),
    fromWheel('cpu'),
    official,
    wasm,
  ];
}

async function installFromWheel(paths: RuntimePaths, variant: LibraryVariant): Promise<readonly string[]> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `its library is made for Linux on x64 only, this is ${process.platform} on ${process.arch}.`,
    );
  }
  // Asked before hundreds of megabytes are fetched for nothing.
  if (!(await isLibraryCached(paths.cacheFolder, variant))) await findCompiler();
  const library = await provideLibrary(paths.cacheFolder, variant);
  return placeRuntime(paths, library, await provideAddon(paths, library));
}

/** A package without its addon counts as not installed, so nothing loads what was just found to be broken. */
async function removeAddon(paths: RuntimePaths): Promise<void> {
  await rm(join(paths.packageFolder, 'lib'), { recursive: true, force: true });
  await rm(join(paths.packageFolder, 'deps'), { recursive: true, force: true });
}

function describeOutcome(outcome: RuntimeOutcome): string {
  if (outcome.kind === 'tensorflow')
    return `      TensorFlow ${outcome.version} on the ${outcome.device} is ready.`;
  return `      WASM ${outcome.version} is ready: everything works, training is about ten times slower than with TensorFlow.`;
}

/** Ask at the terminal whether the card should be used; silence for a minute, or no terminal, is a no. */
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
 * Run the package's install script and return the files it made.
 * @throws Error with the next step when its server cannot be reached or it has nothing for this system.
 */
async function downloadOfficial(paths: RuntimePaths, wish: RuntimeWish): Promise<readonly string[]> {
  const manifest = join(paths.packageFolder, 'package.json');
  if (!existsSync(manifest))
    throw new Error('the package is missing; delete node_modules and run: npm run setup');
  const before = await readFile(manifest, 'utf8');
  const progress = beginProgress('running tfjs-node’s own download');
  const binaries = join(paths.root, 'node_modules', '.bin');
  const words = [join('scripts', 'install.js'), wish === 'gpu' ? 'gpu' : 'cpu', 'download'];
  const result = await runCommand(process.execPath, words, {
    limit: 1_800_000,
    folder: paths.packageFolder,
    environment: { PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` },
    watch: watchGrowth(join(paths.packageFolder, 'deps'), () => undefined),
  });
  // The script edits its own package.json and leaves it so when it fails.
  await writeFile(manifest, before);
  const isThere = existsSync(paths.addonFile);
  progress.end(isThere ? 'done' : 'failed');
  if (isThere) return [paths.addonFile];
  const said =
    findErrorMessage(result.stderr) || lastLine(result.stderr) || result.failure || 'it made no addon';
  throw new Error(
    `its server could not deliver (${said}); check ${nameConnection()}, then run: npm run setup`,
  );
}

async function main(words: readonly string[]): Promise<void> {
  const paths = findRuntimePaths();
  const known = readOutcome(paths.outcomeFile);
  const stated = words.includes('--gpu') ? 'gpu' : readWish(process.env);
  const isFresh = words.includes('--force');
  const isRetry = words.includes('--retry') && known !== null && known.why.length > 0;
  if (known !== null && known.answers.includes(stated) && !isFresh && !isRetry) return;
  const wish = stated === 'auto' && (await askForGpu()) ? 'gpu' : stated;
  const outcome = await installRuntime(paths, wish, isFresh);
  writeOutcome(paths.outcomeFile, outcome);
  tell(describeOutcome(outcome));
}

prepareEnds({ isPart: true });
// Through `exit`, so that the programs started here end too.
exitOnEndRequest();
try {
  await main(process.argv.slice(2));
} catch (error) {
  tell(describeError(error));
  process.exitCode = 1;
}
