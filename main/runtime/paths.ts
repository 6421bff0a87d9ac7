/** Paths of the native runtime: in the project's node_modules, and in a cache that all checkouts share. */

import { homedir } from 'node:os';
import { join } from 'node:path';
import { requireHomeFolder } from '../../shared/text/homeFolder.ts';
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
  /** The result of the last installation, as JSON. */
  readonly outcomeFile: string;
  /**
   * Downloads, unpacked libraries and built addons, shared by all checkouts of this user.
   * @throws Error on access if there is no home folder for it.
   */
  readonly cacheFolder: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns all paths of the runtime; SPARSE_FIELD_LAB_CACHE moves the cache. */
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
    // Looked up only on access: an account without a home folder has none.
    get cacheFolder() {
      return findCacheFolder(environment);
    },
  };
}

function findCacheFolder(environment: Environment): string {
  const own = environment.SPARSE_FIELD_LAB_CACHE;
  if (own) return resolveTypedPath(own, currentContext(environment));
  const name = 'sparse-field-lab';
  const home = () => requireHomeFolder(homedir, 'cache');
  if (process.platform === 'win32') {
    return join(environment.LOCALAPPDATA || join(home(), 'AppData', 'Local'), name);
  }
  if (process.platform === 'darwin') return join(home(), 'Library', 'Caches', name);
  const custom = environment.XDG_CACHE_HOME;
  // The XDG specification requires relative paths to be ignored.
  return join(custom?.startsWith('/') ? custom : join(home(), '.cache'), name);
}
