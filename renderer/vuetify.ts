/** Vuetify with the application's two themes, SVG icons and component defaults. */

import { createVuetify } from 'vuetify';
import { aliases, mdi } from 'vuetify/iconsets/mdi-svg';

/** Opacity of field labels; Vuetify's own 0.6 is too faint for small letters. */
const variables = { 'medium-emphasis-opacity': 0.76 };

/** Calm greys with one accent; status colours remain distinguishable with red-green colour blindness. */
const light = {
  dark: false,
  variables,
  colors: {
    background: '#f4f6f8',
    surface: '#ffffff',
    'surface-bright': '#ffffff',
    'surface-light': '#eef1f4',
    'surface-variant': '#e9edf1',
    'on-surface-variant': '#3c4650',
    primary: '#1f5fa8',
    secondary: '#52606d',
    success: '#14704d',
    warning: '#8a5700',
    error: '#b3261e',
    info: '#256188',
  },
};

const dark = {
  dark: true,
  variables,
  colors: {
    background: '#101418',
    surface: '#181d23',
    'surface-bright': '#dbe3ea',
    'surface-light': '#2a323b',
    'surface-variant': '#232a32',
    'on-surface-variant': '#c5ced7',
    primary: '#7fb4f2',
    secondary: '#9fb0c0',
    success: '#56c596',
    warning: '#e5b04a',
    error: '#ff8a80',
    info: '#7cc0e8',
  },
};

export function createLabVuetify() {
  return createVuetify({
    theme: {
      defaultTheme: rememberedTheme(),
      themes: { light, dark },
      // The theme's style element is the only one the page creates itself; the content policy admits it by this nonce.
      cspNonce: document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content,
      utilities: true,
    },
    icons: { defaultSet: 'mdi', aliases, sets: { mdi } },
    defaults: {
      VBtn: { variant: 'text', density: 'comfortable' },
      VTextField: { variant: 'outlined', density: 'compact', hideDetails: 'auto' },
      VSelect: { variant: 'outlined', density: 'compact', hideDetails: 'auto' },
      VAutocomplete: { variant: 'outlined', density: 'compact', hideDetails: 'auto' },
      VTextarea: { variant: 'outlined', density: 'compact', hideDetails: 'auto' },
      VCombobox: { variant: 'outlined', density: 'compact', hideDetails: 'auto' },
      VCheckbox: { density: 'compact', hideDetails: 'auto' },
      VSwitch: { density: 'compact', hideDetails: 'auto', color: 'primary', inset: true },
      VChip: { size: 'small', label: true },
      VCard: { variant: 'flat', border: true, rounded: 'lg' },
      VExpansionPanels: { elevation: 0 },
      VTooltip: { openDelay: 400 },
    },
  });
}

/** Local storage key of the last theme; the settings arrive too late for the first paint. */
const themeKey = 'theme';

export function rememberTheme(theme: string): void {
  localStorage.setItem(themeKey, theme);
}

function rememberedTheme(): string {
  const theme = localStorage.getItem(themeKey);
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}
