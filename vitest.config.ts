import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  test: {
    include: ['test/**/*.test.ts'],
    // The native runtime crashes in worker threads; every test file gets its own process.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: ['test/support/globalSetup.ts'],
    // `npm run test:faults`: every way to end the program, many times. Without it a short sample.
    env: mode === 'long' ? { SPARSE_FIELD_LAB_FAULTS: 'long' } : {},
  },
}));
