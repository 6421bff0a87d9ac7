/** Requests about the application itself. */

import type { systemRequests } from '../../../shared/contract/system.ts';
import type { UpdateState } from '../../../shared/updates.ts';
import { RequestFailure } from '../failure.ts';
import type { LaboratoryParts } from '../parts.ts';
import type { HandlersOf } from '../register.ts';

export function createSystemHandlers(parts: LaboratoryParts): HandlersOf<typeof systemRequests> {
  const { settings, send, options, system, lane } = parts;
  const updates = options.desktop?.updates;
  updates?.onChange((state) => {
    send('updates.changed', state);
    if (state.kind === 'available')
      send('notice', {
        level: 'info',
        message: `Version ${state.version} is available. The settings show what it changes.`,
        runId: null,
      });
  });
  return {
    'system.info': () => system.info(),
    'system.doctor': () => system.examine(),
    'system.log': ({ lines }) => options.log.newest(lines),
    'system.openDataFolder': () => openDataFolder(parts),
    'updates.get': () => updates?.state() ?? servedState,
    'updates.check': () => updates?.check() ?? servedState,
    'updates.install': () => updates?.install() ?? servedState,
    'updates.restart': () => updates?.restart() ?? servedState,
    'settings.get': () => settings.get(),
    'settings.change'(patch) {
      const changed = settings.change(patch);
      send('settings.changed', changed);
      if (patch.lanes !== undefined) lane.advance();
      return changed;
    },
  };
}

const servedState: UpdateState = {
  kind: 'unavailable',
  reason: 'The page is served for a browser. Update the application on the machine that serves it.',
};

async function openDataFolder({ options }: LaboratoryParts): Promise<null> {
  if (!options.desktop) {
    const message = `A browser cannot show folders. The data folder is ${options.dataFolder}.`;
    throw new RequestFailure('unavailable', message);
  }
  await options.desktop.openFolder(options.dataFolder);
  return null;
}
