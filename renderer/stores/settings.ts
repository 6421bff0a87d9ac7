/** The user's settings: a change shows at once, the main side's answer is the truth. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { defaultSettings, type Settings, type SettingsPatch } from '../../shared/settings.ts';
import { listen, request } from '../api/client.ts';
import { useNoticesStore } from './notices.ts';

export const useSettingsStore = defineStore('settings', () => {
  const notices = useNoticesStore();
  const confirmed = shallowRef<Settings>(defaultSettings);
  const isLoaded = shallowRef(false);
  /** Changes on their way, oldest first. */
  const pending = shallowRef<readonly SettingsPatch[]>([]);
  const settings = computed<Settings>(() => Object.assign({}, confirmed.value, ...pending.value));

  listen('settings.changed', accept);

  function accept(truth: Settings) {
    confirmed.value = truth;
    isLoaded.value = true;
  }

  async function load() {
    try {
      accept(await request('settings.get', {}));
    } catch (error) {
      notices.fail(error, 'The settings could not be read');
    }
  }

  /** Shows the change at once; takes it back with a notice where it could not be kept. */
  async function change(patch: SettingsPatch) {
    pending.value = [...pending.value, patch];
    try {
      accept(await request('settings.change', patch));
    } catch (error) {
      notices.fail(error, 'The setting could not be kept');
    } finally {
      pending.value = pending.value.filter((other) => other !== patch);
    }
  }

  return { settings, isLoaded, load, change };
});
