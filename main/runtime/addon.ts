/**
 * The native addon of tfjs-node-gpu, compiled from the sources in its package against a current TensorFlow. The sources
 * use only TensorFlow's C interface and Node-API, so any version of both will do.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

import { findHomeFolder } from '../../shared/text/homeFolder.ts';
import { lastLine, runCommand } from './command.ts';
import { findWheelSource, type Library } from './library.ts';
import { nameConnection } from './networkProxy.mjs';
import type { RuntimePaths } from './paths.ts';
import { beginProgress } from './progress.ts';
import { sessionOptionsHeader } from './sessionOptions.ts';

const nodeHeadersPackage = 'node-api-headers@1.9.0';
/**
 * Returns the flags for an addon that finds its libraries relative to itself. On macOS, Node's own functions are looked up when the
 * addon is loaded, which the linker of macOS allows only on request.
 */
export function listCompilerFlags(platform: NodeJS.Platform): string[] {
  const isMac = platform === 'darwin';
  const kind = isMac ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
  const origin = isMac ? '@loader_path' : '$ORIGIN';
  const path = `-Wl,-rpath,${origin}/../../deps/lib`;
  return ['-std=c++17', '-O2', '-fPIC', ...kind, '-w', '-DNAPI_VERSION=8', path];
}

/** Returns how to get a compiler. */
export function adviseCompiler(platform: NodeJS.Platform): string {
  return platform === 'darwin' ? 'run xcode-select --install' : 'on Debian: apt install g++';
}

/**
 * Returns the path of the compiled addon for `library`, from the cache or else from the local compiler.
 * @throws Error with the next step if there is no compiler or no Node headers, or the compiler fails.
 */
export async function provideAddon(paths: RuntimePaths, library: Library): Promise<string> {
  const optionsHeader = sessionOptionsHeader(library.variant);
  const folder = join(library.folder, `addon-${await hashSources(paths.packageFolder, optionsHeader)}`);
  const addon = join(folder, 'tfjs_binding.node');
  if (existsSync(addon)) return addon;
  const compiler = await findCompiler();
  const headers = findNodeHeaders() ?? (await fetchNodeHeaders(paths.cacheFolder));
  const progress = beginProgress(`compiling the addon with ${compiler}`);
  const partial = join(folder, `partial-${process.pid}.node`);
  const included = join(folder, 'sessionOptions.h');
  await mkdir(folder, { recursive: true });
  await writeFile(included, optionsHeader);
  const startedAt = performance.now();
  const args = compilerArguments(paths.packageFolder, library, { headers, included, output: partial });
  const result = await runCommand(compiler, args, { limit: 300_000 });
  progress.end(result.isOk ? `${((performance.now() - startedAt) / 1000).toFixed(1)} s` : 'failed');
  if (!result.isOk) {
    throw new Error(
      `${compiler} could not compile the addon (${lastLine(result.stderr) || result.failure}); ` +
        `install a C++17 compiler (${adviseCompiler(process.platform)}), then run: npm run setup`,
    );
  }
  await rename(partial, addon);
  return addon;
}

function listSources(packageFolder: string): string[] {
  return ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(packageFolder, 'binding', name));
}

/** Identifies a build: other sources or flags give another addon. */
async function hashSources(packageFolder: string, optionsHeader: string): Promise<string> {
  const flags = listCompilerFlags(process.platform).join();
  const hash = createHash('sha256').update(flags).update(optionsHeader);
  for (const source of listSources(packageFolder)) hash.update(await readFile(source));
  return hash.digest('hex').slice(0, 12);
}

/** Returns the name of the compiler. @throws Error with the next step if there is none. */
export async function findCompiler(): Promise<string> {
  const wanted = process.env.CXX ? [process.env.CXX] : ['g++', 'clang++', 'c++'];
  for (const program of wanted) {
    if ((await runCommand(program, ['--version'], { limit: 10_000 })).isOk) return program;
  }
  throw new Error(
    `No C++ compiler was found (tried ${wanted.join(', ')}); install one (${adviseCompiler(process.platform)}), then run: npm run setup`,
  );
}

function compilerArguments(
  packageFolder: string,
  library: Library,
  { headers, included, output }: { headers: string; included: string; output: string },
): string[] {
  return [
    ...listCompilerFlags(process.platform),
    '-I',
    packageFolder,
    '-I',
    join(library.folder, 'include'),
    '-I',
    headers,
    '-include',
    included,
    ...listSources(packageFolder),
    ...findWheelSource(library.variant).libraries.map((name) => join(library.folder, 'lib', name)),
    '-o',
    output,
  ];
}

/** Finds a folder with node_api.h: of this Node, the Node that runs npm, npm's `nodedir`, or a well-known location. */
function findNodeHeaders(): string | null {
  const programs = [process.execPath, process.env.npm_node_execpath].filter((path) => path !== undefined);
  const prefixes = programs
    .flatMap((path) => [path, existsSync(path) ? realpathSync(path) : path])
    .map((path) => join(dirname(path), '..'));
  const nodedir = process.env.npm_config_nodedir;
  const home = findHomeFolder(homedir);
  const gypCaches =
    home === null ? [] : [['.cache'], ['Library', 'Caches']].map((path) => join(home, ...path, 'node-gyp'));
  const versions = gypCaches
    .filter((cache) => existsSync(cache))
    .flatMap((cache) => readdirSync(cache).map((version) => join(cache, version)));
  const folders = [...prefixes, ...(nodedir ? [nodedir] : []), '/usr', '/usr/local', ...versions];
  return (
    folders
      .map((folder) => join(folder, 'include', 'node'))
      .find((folder) => existsSync(join(folder, 'node_api.h'))) ?? null
  );
}

/** Downloads Node-API's headers from the package registry into the cache. */
async function fetchNodeHeaders(cacheFolder: string): Promise<string> {
  const folder = join(cacheFolder, 'node-api-headers');
  const headers = join(folder, 'node_modules', 'node-api-headers', 'include');
  if (existsSync(join(headers, 'node_api.h'))) return headers;
  await mkdir(folder, { recursive: true });
  const args = [
    'install',
    nodeHeadersPackage,
    '--prefix',
    folder,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
  ];
  const result = await runCommand('npm', [...args, '--loglevel=error'], { limit: 120_000, folder });
  if (!result.isOk || !existsSync(join(headers, 'node_api.h'))) {
    throw new Error(
      `Node's headers (node_api.h) were not found and npm could not fetch ${nodeHeadersPackage} ` +
        `(${lastLine(result.stderr) || result.failure}); check ${nameConnection()}, then run: npm run setup`,
    );
  }
  return headers;
}
