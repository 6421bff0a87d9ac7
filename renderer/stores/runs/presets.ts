/** The user's presets next to those of the program. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { asPreset, findAnyPreset, type PresetLibrary } from '../../../shared/config/savedPresets.ts';
import { presets as ofProgram } from '../../../shared/config/presets.ts';
import { listen, request } from '../../api/client.ts';
import { outlineConfig } from '../../models/forms/configSummary.ts';
import { useReconnect } from '../connection.ts';
import { useNoticesStore } from '../notices.ts';

export const usePresetsStore = defineStore('presets', () => {
  const notices = useNoticesStore();
  const library = shallowRef<PresetLibrary>({ presets: [], defaultName: null, findings: [] });
  const isLoaded = shallowRef(false);
  let loading: Promise<void> | null = null;

  listen('presets.changed', (next) => void (library.value = next));
  useReconnect(() => void reload());

  async function reload() {
    try {
      const next = await request('presets.list', {});
      const isNew = next.findings.join('\n') !== library.value.findings.join('\n');
      library.value = next;
      if (isNew)
        for (const finding of next.findings)
          notices.show({ level: 'warning', message: `A preset cannot be used. ${finding}` });
    } catch (error) {
      notices.fail(error, 'Your presets could not be read');
    } finally {
      isLoaded.value = true;
    }
  }

  return {
    /** Whether they have been read, or could not be. */
    isLoaded,
    saved: computed(() => library.value.presets),
    /** The user's presets as those of the program are. */
    own: computed(() => library.value.presets.map((saved) => asPreset(saved, outlineConfig(saved.config)))),
    /** Name of the preset that a new run starts from unless another one is chosen. */
    defaultName: computed(() => library.value.defaultName ?? ofProgram[0].name),
    find: (name: string) => findAnyPreset(name, library.value.presets),
    isSaved: (name: string) => library.value.presets.some((saved) => saved.name === name),
    /** Reads them once; resolves without them if that fails. */
    load: () => (loading ??= reload()),
    reload,
  };
});
