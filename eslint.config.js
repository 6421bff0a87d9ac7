import prettier from 'eslint-config-prettier';
import vue from 'eslint-plugin-vue';
import tseslint from 'typescript-eslint';
import { language } from './test/lint/plainWords.mjs';

/**
 * Who may import whom. Key: a room. Value: the rooms (`project`) and packages (`packages`) it may import;
 * a room may always import itself. This table is the house plan; README shows the same one.
 */
const rooms = {
  shared: { project: [], packages: ['zod', 'string-width', 'marked'] },
  engine: { project: ['shared'], packages: ['@tensorflow/tfjs-core', 'delaunator'] },
  datasets: {
    project: ['shared', 'runtime/processIdentity', 'runtime/networkProxy'],
    packages: [
      'node:fs',
      'node:fs/promises',
      'node:path',
      'node:zlib',
      'node:crypto',
      'node:stream',
      'node:stream/promises',
      'sharp',
      'tar-stream',
      'pickleparser',
      'yauzl',
    ],
  },
  store: {
    // What the user typed becomes a path in one place, and process numbers are looked up in one place.
    project: ['shared', 'runtime/typedPath', 'runtime/processIdentity'],
    packages: ['better-sqlite3', 'node:fs', 'node:fs/promises', 'node:path', 'node:crypto', 'node:os'],
  },
  reports: {
    project: ['shared', 'store'],
    packages: ['sharp', 'opentype.js', 'fflate', 'node:fs', 'node:path', 'node:module'],
  },
  runtime: {
    project: ['shared'],
    packages: ['node:', 'protobufjs', 'yauzl', 'electron-builder', 'yaml', 'zod'],
  },
  // compute reads and writes checkpoint files itself, so that weights never travel over a pipe; the database stays with the parent.
  compute: {
    project: ['shared', 'engine', 'datasets', 'runtime', 'store/files'],
    packages: [
      'node:',
      'protobufjs',
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-webgpu',
      '@tensorflow/tfjs-node-gpu',
      'zod',
    ],
  },
  jobs: {
    project: ['shared', 'store', 'compute/protocol'],
    packages: ['node:', 'sharp'],
  },
  cluster: {
    project: ['shared', 'store', 'jobs', 'compute/protocol', 'runtime'],
    packages: ['node:', 'zod'],
  },
  ipc: {
    project: ['shared', 'jobs', 'cluster', 'store', 'datasets', 'reports', 'runtime'],
    packages: ['node:', 'zod', 'sharp', 'electron-log'],
  },
  server: {
    project: ['shared', 'ipc', 'jobs', 'store', 'runtime'],
    packages: ['node:', 'fastify', '@fastify/websocket'],
  },
  // The only room that imports electron.
  shell: {
    project: ['shared', 'ipc', 'jobs', 'store', 'runtime', 'compute/protocol'],
    packages: ['node:', 'electron', 'electron-log', 'electron-updater', 'zod'],
  },
  cli: {
    project: [
      'shared',
      'engine',
      'datasets',
      'store',
      'reports',
      'runtime',
      'compute',
      'jobs',
      'cluster',
      'ipc',
      'server',
    ],
    packages: ['node:', 'fastest-levenshtein', 'zod'],
  },
  preload: { project: ['shared'], packages: ['electron'] },
  renderer: {
    project: ['shared'],
    packages: [
      'vue',
      'vue-router',
      'pinia',
      'vuetify',
      '@vueuse/core',
      '@mdi/js',
      'chart.js',
      'chartjs-plugin-zoom',
      'katex',
      '@fontsource/inter',
      'fflate',
    ],
  },
};

/**
 * Rooms inside the renderer. Each may import itself and the rooms before it, and of the renderer's packages those named here;
 * the files at the renderer's root put the page together and may import everything.
 */
const rendererRooms = {
  api: { packages: [] },
  models: { packages: ['@mdi/js', 'chart.js', 'chartjs-plugin-zoom'] },
  stores: { packages: ['vue', 'pinia', '@vueuse/core'] },
  composables: { packages: ['vue', 'vue-router', 'vuetify', '@vueuse/core', '@mdi/js', 'fflate'] },
  components: { packages: ['vue', 'vue-router', 'vuetify', '@vueuse/core', '@mdi/js', 'chart.js', 'katex'] },
  views: { packages: ['vue', 'vue-router', '@vueuse/core', '@mdi/js'] },
};
const rendererRoot = ['main', 'App', 'routes', 'vuetify', 'earlyAddress'];

/** Rooms outside main/. */
const topRooms = ['shared', 'preload', 'renderer'];

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** Relative imports that leave the room for one that is not in the table, and packages that are not in it. */
function forbiddenImports(room, { project, packages }, label = room) {
  const others = Object.keys(rooms).filter((other) => other !== room && !project.includes(other));
  const partly = project.filter((entry) => entry.includes('/')).map((entry) => escape(entry));
  const exception = partly.length > 0 ? `(?!(?:main\\/)?(?:${partly.join('|')}))` : '';
  const allowed = packages.map((name) => (name.endsWith(':') ? escape(name) : `${escape(name)}(?:\\/|$)`));
  return [
    {
      regex: `^(?:\\.\\.\\/)+${exception}(?:main\\/)?(?:${others.join('|')})(?:\\/|$)`,
      message: `${label} may import only: ${project.join(', ') || 'nothing of the project'} (see the table in eslint.config.js).`,
    },
    {
      regex: allowed.length > 0 ? `^(?!\\.)(?!${allowed.join('|')})` : '^(?!\\.)',
      message: `${label} may use only these packages: ${packages.join(', ') || 'none'} (see the table in eslint.config.js).`,
    },
  ];
}

/** Imports of rooms to the right in `rendererRooms`, of the renderer's root, and of packages that are not in the table. */
function forbiddenInRenderer(room, { packages }) {
  const names = Object.keys(rendererRooms);
  const before = names.slice(0, names.indexOf(room));
  const after = names.slice(names.indexOf(room) + 1);
  const folders = after.length > 0 ? `(?:${after.join('|')})\\/|` : '';
  return [
    ...forbiddenImports('renderer', { project: rooms.renderer.project, packages }, `renderer/${room}`),
    {
      regex: `^(?:\\.\\.\\/)+(?:${folders}(?:${rendererRoot.join('|')})\\.)`,
      message: `renderer/${room} may import of the renderer only: ${before.join(', ') || 'nothing else'} (see the table in eslint.config.js).`,
    },
  ];
}

/** A literal that is spread only to keep the formatter from breaking a line. */
const uselessSpread = {
  'no-restricted-syntax': [
    'error',
    {
      selector: 'SpreadElement > ArrayExpression',
      message: 'Write the elements out instead of spreading a literal.',
    },
    {
      selector: 'ObjectExpression > SpreadElement > ObjectExpression',
      message: 'Write the properties out instead of spreading a literal.',
    },
  ],
};

const sizes = {
  'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
};

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'out/'] },
  ...tseslint.configs.strict,
  ...vue.configs['flat/recommended'],
  { files: ['renderer/**/*.vue'], languageOptions: { parserOptions: { parser: tseslint.parser } } },
  {
    files: ['renderer/**/*.{ts,vue}'],
    rules: {
      // TypeScript knows the globals of a page.
      'no-undef': 'off',
      'vue/no-v-html': 'error',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      // Vuetify's slots are named item.<column>.
      'vue/valid-v-slot': ['error', { allowModifiers: true }],
    },
  },
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      eqeqeq: 'error',
      complexity: ['error', 12],
      'max-depth': ['error', 4],
      ...uselessSpread,
    },
  },
  { files: ['main/**/*.{ts,mjs}', '{shared,preload,renderer}/**/*.{ts,vue}'], rules: sizes },
  {
    files: ['test/**/*.ts'],
    rules: { 'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }] },
  },
  { files: ['*.config.{js,ts}', 'renderer/**/*.vue'], rules: { 'no-restricted-exports': 'off' } },
  {
    files: ['{main,shared,preload,renderer,test}/**/*.{ts,mjs,vue}'],
    // These quote the words.
    ignores: ['test/lint/plainWords.*'],
    plugins: { language },
    rules: { 'language/plain-words': 'error' },
  },
  ...Object.entries(rooms).map(([room, table]) => ({
    files: topRooms.includes(room) ? [`${room}/**/*.{ts,vue}`] : [`main/${room}/**/*.{ts,mjs}`],
    rules: { 'no-restricted-imports': ['error', { patterns: forbiddenImports(room, table) }] },
  })),
  ...Object.entries(rendererRooms).map(([room, table]) => ({
    files: [`renderer/${room}/**/*.{ts,vue}`],
    rules: { 'no-restricted-imports': ['error', { patterns: forbiddenInRenderer(room, table) }] },
  })),
  prettier,
);
