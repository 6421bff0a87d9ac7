/** The colours a chart is drawn with, from the page's theme. */

import { computed, type ComputedRef } from 'vue';
import { useTheme } from 'vuetify';
import { withAlpha } from './colourAlpha.ts';

export interface ChartTheme {
  readonly isDark: boolean;
  readonly ground: string;
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly accent: string;
}

/** For pictures that go into papers. */
export const printTheme: ChartTheme = {
  isDark: false,
  ground: 'rgb(255, 255, 255)',
  text: 'rgb(0, 0, 0)',
  muted: 'rgb(60, 60, 60)',
  grid: 'rgb(225, 225, 225)',
  accent: 'rgb(31, 95, 168)',
};

/** Follows the theme in use. */
export function useChartTheme(): ComputedRef<ChartTheme> {
  const theme = useTheme();
  return computed(() => {
    const { dark, colors } = theme.current.value;
    const text = String(colors['on-surface']);
    return {
      isDark: dark,
      ground: String(colors.surface),
      text,
      muted: withAlpha(text, 0.72),
      grid: withAlpha(text, 0.1),
      accent: String(colors.primary),
    };
  });
}
