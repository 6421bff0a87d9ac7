/**
 * New versions of a packaged application, through electron-updater. Nothing is sent before the user asks for a check, or has switched
 * on the checks at every start, and nothing is downloaded before the user asks for it.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'electron';
import type { AppUpdater, UpdateInfo } from 'electron-updater';
import { z } from 'zod';
import { describeError } from '../../shared/text/describeError.ts';
import type { NewVersion, UpdateState } from '../../shared/updates.ts';
import type { Updates } from '../ipc/parts.ts';

/** The part of electron-updater that is used here. */
export type Updater = Pick<
  AppUpdater,
  | 'autoDownload'
  | 'autoInstallOnAppQuit'
  | 'allowPrerelease'
  | 'logger'
  | 'checkForUpdates'
  | 'downloadUpdate'
  | 'quitAndInstall'
>;

/** What `packageApp` writes into package.json of a package that is published. */
const packageSchema = z.object({ homepage: z.url(), isSigned: z.boolean() });

/** Where the updater reads which server has new versions; electron-builder writes it into published packages. */
const sourceFile = 'app-update.yml';

export interface UpdateParts {
  readonly app: Pick<App, 'isPackaged' | 'getAppPath'>;
  readonly resourcesFolder: string;
  /** Loads electron-updater. */
  load(): Promise<Updater>;
  /** Pauses all runs with a checkpoint. */
  pauseAll(): Promise<void>;
  log(line: string): void;
}

/** Returns electron-updater's updater for this system. */
export async function loadUpdater(): Promise<Updater> {
  const { default: module } = await import('electron-updater');
  return module.autoUpdater;
}

export function createUpdates(parts: UpdateParts): Updates {
  const source = findSource(parts);
  const listeners = new Set<(state: UpdateState) => void>();
  let state: UpdateState =
    'reason' in source ? { kind: 'unavailable', reason: source.reason } : { kind: 'idle' };
  let loaded: Promise<Updater> | null = null;
  const change = (next: UpdateState) => {
    state = next;
    for (const listener of listeners) listener(next);
    return next;
  };
  const fail = (error: unknown) => {
    parts.log(`The updater failed: ${describeError(error)}`);
    return change({ kind: 'failed', message: `${describeError(error).split('\n')[0]} Try again later.` });
  };
  const open = () => (loaded ??= parts.load().then(configure));
  return {
    state: () => state,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async check() {
      if (
        'reason' in source ||
        state.kind === 'checking' ||
        state.kind === 'downloading' ||
        state.kind === 'ready'
      )
        return state;
      change({ kind: 'checking' });
      try {
        const found = await (await open()).checkForUpdates();
        if (!found?.isUpdateAvailable) return change({ kind: 'current' });
        return change({ kind: 'available', ...describeVersion(found.updateInfo, source) });
      } catch (error) {
        return fail(error);
      }
    },
    async install() {
      if (state.kind !== 'available' || !state.canInstall) return state;
      const version: NewVersion = state;
      change({ ...version, kind: 'downloading' });
      try {
        await (await open()).downloadUpdate();
        return change({ ...version, kind: 'ready' });
      } catch (error) {
        return fail(error);
      }
    },
    async restart() {
      if (state.kind !== 'ready') return state;
      // A run that cannot be paused keeps its newest checkpoint.
      await parts.pauseAll().catch(() => undefined);
      (await open()).quitAndInstall(true, true);
      return state;
    },
  };
}

/** Nothing happens by itself; a downloaded version is installed when the application quits, which pauses runs in order. */
function configure(updater: Updater): Updater {
  updater.autoDownload = false;
  updater.autoInstallOnAppQuit = true;
  updater.allowPrerelease = false;
  updater.logger = null;
  return updater;
}

type Source = z.infer<typeof packageSchema>;

function findSource({ app, resourcesFolder }: UpdateParts): Source | { readonly reason: string } {
  if (!app.isPackaged)
    return { reason: 'This copy runs from its sources. Update it with Git, then start it again.' };
  const noServer = { reason: 'This package was built by hand, and names no place with new versions.' };
  if (!existsSync(join(resourcesFolder, sourceFile))) return noServer;
  try {
    return packageSchema.parse(JSON.parse(readFileSync(join(app.getAppPath(), 'package.json'), 'utf8')));
  } catch {
    return noServer;
  }
}

function describeVersion({ version, releaseNotes }: UpdateInfo, { homepage, isSigned }: Source): NewVersion {
  const notes = Array.isArray(releaseNotes)
    ? releaseNotes.map((part) => `## ${part.version}\n\n${part.note ?? ''}`).join('\n\n')
    : (releaseNotes ?? '');
  return { version, notes, page: `${homepage}/releases/tag/v${version}`, canInstall: isSigned };
}
