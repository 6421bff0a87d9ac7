/** Where settings, the window's place and the log are kept: the platform's folder for configuration. */

import { join } from 'node:path';
import { resolveTypedPath } from '../runtime/typedPath.ts';
import { applicationName, contextOf, currentEnvironment, findHome, type Environment } from './dataFolder.ts';

/**
 * Absolute path, not made: SPARSE_FIELD_LAB_CONFIG, else the platform's custom.
 * @throws Error when there is no home folder to put it in.
 */
export function resolveConfigFolder(environment: Environment = currentEnvironment()): string {
  const { platform, variables } = environment;
  const own = variables.SPARSE_FIELD_LAB_CONFIG;
  if (own) return resolveTypedPath(own, contextOf(environment));
  if (platform === 'win32') {
    return join(
      variables.APPDATA || join(findHome(environment, 'config'), 'AppData', 'Roaming'),
      applicationName,
    );
  }
  if (platform === 'darwin') {
    return join(findHome(environment, 'config'), 'Library', 'Application Support', applicationName);
  }
  const custom = variables.XDG_CONFIG_HOME;
  // The XDG rules have relative paths ignored.
  return join(
    custom?.startsWith('/') ? custom : join(findHome(environment, 'config'), '.config'),
    applicationName,
  );
}
