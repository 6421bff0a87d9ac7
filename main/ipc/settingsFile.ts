/** The user's settings: one small file in the configuration folder, written atomically. */

import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { backendVariable } from '../../shared/run.ts';
import { describeError } from '../../shared/text/describeError.ts';
import {
  defaultSettings,
  settingsPatchSchema,
  type Settings,
  type SettingsPatch,
} from '../../shared/settings.ts';
import { writeFileAtomically, prepareOutputFolder } from '../store/files/atomicFile.ts';

export interface SettingsFile {
  get(): Settings;
  /** @throws Error when the file cannot be written; the settings remain unchanged. */
  change(patch: SettingsPatch): Settings;
  /** What was wrong with the file when it was opened; null if nothing was. */
  readonly finding: string | null;
}

const fileName = 'settings.json';

/** Reads `<folder>/settings.json`. A damaged file is renamed, and the defaults are used. */
export function openSettings(folder: string): SettingsFile {
  const { patch, finding } = readPatch(folder);
  let settings: Settings = { ...defaultSettings, ...patch };
  const useBackend = createBackendSwitch();
  useBackend(settings.backend);
  return {
    finding,
    get: () => settings,
    change(change) {
      const changed = { ...settings, ...change };
      prepareOutputFolder(folder);
      const bytes = new TextEncoder().encode(`${JSON.stringify(changed, null, 2)}\n`);
      writeFileAtomically({ folder, name: fileName, bytes });
      settings = changed;
      useBackend(settings.backend);
      return settings;
    },
  };
}

/**
 * Returns a function that makes processes which start from now on compute with a backend. A variable that the user has set
 * outside of the application takes precedence.
 */
function createBackendSwitch(
  environment: NodeJS.ProcessEnv = process.env,
): (backend: Settings['backend']) => void {
  const isForced = Boolean(environment[backendVariable]);
  return (backend) => {
    if (isForced) return;
    environment[backendVariable] = backend;
  };
}

function readPatch(folder: string): { patch: SettingsPatch; finding: string | null } {
  const path = join(folder, fileName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const finding = `The settings could not be read (${describeError(error)}); the defaults are used.`;
    return { patch: {}, finding: isAbsent ? null : finding };
  }
  try {
    return { patch: settingsPatchSchema.parse(JSON.parse(text)), finding: null };
  } catch {
    return { patch: {}, finding: setAside(path) };
  }
}

function setAside(path: string): string {
  const aside = `${path}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  try {
    renameSync(path, aside);
    return `The settings were damaged. They are kept as ${aside}; the defaults are used.`;
  } catch (error) {
    return `The settings are damaged and could not be set aside (${describeError(error)}); the defaults are used.`;
  }
}
