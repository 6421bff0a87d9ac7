/** Chart colours derived from the page's theme. */

import { computed, type ComputedRef } from 'vue';
import { useTheme } from 'vuetify';
import { withAlpha, type ChartTheme } from '../../models/charts/chartTheme.ts';

/** Returns the colours of the current theme; they change with it. */
export function useChartTheme(): ComputedRef<ChartTheme> {
  const theme = useTheme();
  return computed(() => {
    const { dark, colors } = theme.current.value;
    const text = String(colors['on-surface']);
    return {
      isDark: dark,
      background: String(colors.surface),
      text,
      muted: withAlpha(text, 0.72),
      grid: withAlpha(text, 0.1),
      accent: String(colors.primary),
    };
  });
}
