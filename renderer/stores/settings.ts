/** The user's settings. Changes show immediately; the response of the main side is authoritative. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { defaultSettings, type Settings, type SettingsPatch } from '../../shared/settings.ts';
import { listen, request } from '../api/client.ts';
import { useNoticesStore } from './notices.ts';

export const useSettingsStore = defineStore('settings', () => {
  const notices = useNoticesStore();
  const confirmed = shallowRef<Settings>(defaultSettings);
  const isLoaded = shallowRef(false);
  /** Changes without a response yet, oldest first. */
  const pending = shallowRef<readonly SettingsPatch[]>([]);
  const settings = computed<Settings>(() => Object.assign({}, confirmed.value, ...pending.value));

  listen('settings.changed', accept);

  function accept(next: Settings) {
    confirmed.value = next;
    isLoaded.value = true;
  }

  async function load() {
    try {
      accept(await request('settings.get', {}));
    } catch (error) {
      notices.fail(error, 'The settings could not be read');
    }
  }

  /** Shows the change immediately; reverts it with a notice if it cannot be saved. */
  async function change(patch: SettingsPatch) {
    pending.value = [...pending.value, patch];
    try {
      accept(await request('settings.change', patch));
    } catch (error) {
      notices.fail(error, 'The setting could not be saved');
    } finally {
      pending.value = pending.value.filter((other) => other !== patch);
    }
  }

  return { settings, isLoaded, load, change };
});
