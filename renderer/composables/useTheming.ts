/** Theme and density as the settings say. */

import { watchEffect } from 'vue';
import { useTheme } from 'vuetify';
import { rememberTheme } from '../vuetify.ts';
import { useSettingsStore } from '../stores/settings.ts';

/** Follows the settings for as long as the frame lives. */
export function useTheming(): void {
  const theme = useTheme();
  const store = useSettingsStore();
  watchEffect(() => {
    if (!store.isLoaded) return;
    void theme.change(store.settings.theme);
    rememberTheme(store.settings.theme);
  });
  watchEffect(() => {
    document.documentElement.dataset.density = store.settings.density;
  });
}
