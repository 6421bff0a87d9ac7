/** Where the native runtime lives: inside the project's node_modules, and in a cache that all checkouts share. */

import { homedir } from 'node:os';
import { join } from 'node:path';
import { currentContext, findRoot, resolveTypedPath } from './typedPath.ts';

export interface RuntimePaths {
  /** The project's root. */
  readonly root: string;
  /** The folder of @tensorflow/tfjs-node-gpu. */
  readonly packageFolder: string;
  /** The native addon that the package loads. */
  readonly addonFile: string;
  /** Where the addon looks for TensorFlow's libraries. */
  readonly libraryFolder: string;
  /** What the last installation came to, as JSON. */
  readonly outcomeFile: string;
  /** Unpacked libraries and built addons, shared by all checkouts of this user. */
  readonly cacheFolder: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** All paths of the runtime; SPARSE_FIELD_LAB_CACHE moves the cache. */
export function findRuntimePaths(
  root: string = findRoot(import.meta.dirname),
  environment: Environment = process.env,
): RuntimePaths {
  const packageFolder = join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
  return {
    root,
    packageFolder,
    addonFile: join(packageFolder, 'lib', 'napi-v8', 'tfjs_binding.node'),
    libraryFolder: join(packageFolder, 'deps', 'lib'),
    outcomeFile: join(root, 'node_modules', '.sparse-field-lab', 'runtime.json'),
    cacheFolder: findCacheFolder(environment),
  };
}

function findCacheFolder(environment: Environment): string {
  const own = environment.SPARSE_FIELD_LAB_CACHE;
  if (own) return resolveTypedPath(own, currentContext(environment));
  const name = 'sparse-field-lab';
  if (process.platform === 'win32') {
    return join(environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), name);
  }
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', name);
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), name);
}
