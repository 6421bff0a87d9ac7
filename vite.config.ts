/** Builds the renderer into dist/renderer. */

import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import vuetify from 'vite-plugin-vuetify';

export default defineConfig({
  root: 'renderer',
  // The page is served from app:// and from the browser server's root alike.
  base: './',
  plugins: [vue(), vuetify({ autoImport: true })],
  build: { outDir: '../dist/renderer', emptyOutDir: true, chunkSizeWarningLimit: 1500 },
});
