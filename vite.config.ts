/** Builds the renderer into dist/renderer. */

import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import vuetify from 'vite-plugin-vuetify';

/** Where `npm run dev` runs the main side. */
const mainSide = { target: 'http://127.0.0.1:4781', changeOrigin: false };

export default defineConfig({
  root: 'renderer',
  // The page is served from app:// and from the browser server's root alike.
  base: './',
  plugins: [vue(), vuetify({ autoImport: true })],
  server: {
    host: '127.0.0.1',
    port: 4782,
    strictPort: true,
    proxy: {
      '^/\\?token=': mainSide,
      '/api/': mainSide,
      '/media/': mainSide,
      '/events': { ...mainSide, ws: true },
    },
  },
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    chunkSizeWarningLimit: 1500,
    // The content policy allows fonts from the page's own origin only, not as data in a style sheet.
    assetsInlineLimit: (file) => (/\.woff2?$/.test(file) ? false : undefined),
    rolldownOptions: {
      output: {
        // Each file costs the page a request and a piece of a task, so what every view needs is in three files, which
        // are evaluated in tasks of their own.
        codeSplitting: {
          groups: [
            { name: 'start', tags: ['$initial'], priority: 3 },
            { name: 'schemas', test: /shared[\\/]runGroups\.ts/, priority: 2 },
            { name: 'frame', test: /renderer[\\/]App\.vue/, priority: 1 },
          ],
        },
      },
    },
  },
});
