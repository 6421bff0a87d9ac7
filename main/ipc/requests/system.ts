/** Requests about the application itself. */

import type { systemRequests } from '../../../shared/contract/system.ts';
import { RequestFailure } from '../failure.ts';
import type { LaboratoryParts } from '../parts.ts';
import type { HandlersOf } from '../register.ts';

export function createSystemHandlers(parts: LaboratoryParts): HandlersOf<typeof systemRequests> {
  const { settings, send, options, system } = parts;
  return {
    'system.info': () => system.info(),
    'system.doctor': () => system.examine(),
    'system.log': ({ lines }) => options.log.newest(lines),
    'system.openDataFolder': () => openDataFolder(parts),
    'settings.get': () => settings.get(),
    'settings.change'(patch) {
      const changed = settings.change(patch);
      send('settings.changed', changed);
      return changed;
    },
  };
}

async function openDataFolder({ options }: LaboratoryParts): Promise<null> {
  if (!options.desktop) {
    const message = `A browser cannot show folders. The data folder is ${options.dataFolder}.`;
    throw new RequestFailure('unavailable', message);
  }
  await options.desktop.openFolder(options.dataFolder);
  return null;
}
