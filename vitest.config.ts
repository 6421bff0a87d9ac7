import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** Tests that replace modules, change their process or end it. */
const ownProcess = [
  'test/faults/**/*.test.ts',
  'test/cli/inpaint*.test.ts',
  'test/**/forkHost.test.ts',
  'test/**/sweepRuns.test.ts',
  'test/**/preload.test.ts',
  'test/**/*.browser.test.ts',
  'test/**/reproduceCommands.test.ts',
  'test/**/openDesktop.test.ts',
  'test/**/packageApp.test.ts',
  'test/**/smokeTest.test.ts',
  'test/**/utilityHost.test.ts',
  'test/bench/**/*.test.ts',
  'test/compute/backend.test.ts',
  'test/compute/wasm.test.ts',
  'test/cluster/slurm.test.ts',
  'test/compute/webgpu/webgpu.test.ts',
];

/** TensorFlow's threads of several processes on the same cores would wait for one another, which costs a tenth of the time. */
const oneThread = { TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' };

/** Groups of test files that have a folder of their own. */
const folders = { pages: 'e2e', commands: 'cli', compute: 'compute', tensors: 'engine' } as const;

/** Groups of test files in the order in which they start: those with the longest files first. */
const startOrder = ['processes', 'pages', 'commands', 'compute', 'tensors', 'quick'];

/** Starts long files first, so that no core is idle at the end while another works on a file that began late. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const placeOf = ({ project }: TestSpecification) => startOrder.indexOf(project.name);
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

export default defineConfig(({ mode }) => {
  const common = {
    // The native runtime crashes in worker threads.
    pool: 'forks',
    // One more than there are cores, because tests of pages and programs often wait.
    maxWorkers: availableParallelism() + 1,
    // Bounds for what hangs; a machine that is busy with other work may take this long.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    env: {
      // Workers and the programs they start compile each module once for all of them.
      NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'compiled'),
      // `npm run test:faults`: every way to end the program, many times. Otherwise a short sample.
      ...(mode === 'long' ? { SPARSE_FIELD_LAB_FAULTS: 'long' } : {}),
      // `npm run test:desktop`: what is missing for a real window is a failure, not a reason to skip.
      ...(mode === 'desktop' ? { SPARSE_FIELD_LAB_DESKTOP: 'required' } : {}),
    },
  } as const;
  const project = (test: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration => ({
    extends: false,
    test: { ...common, ...test },
  });
  return {
    test: {
      ...common,
      globalSetup: ['test/support/globalSetup.ts'],
      sequence: { sequencer: LongestFirst },
      projects: [
        project({ name: 'processes', include: ownProcess }),
        // The other files share a process with their neighbours: starting one for each, and a browser in it, would take
        // longer than many of the tests.
        ...Object.entries(folders).map(([name, folder]) =>
          project({
            name,
            include: [`test/${folder}/**/*.test.ts`],
            exclude: ownProcess,
            isolate: false,
            env: { ...common.env, ...oneThread },
          }),
        ),
        project({
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: [...Object.values(folders).map((folder) => `test/${folder}/**`), ...ownProcess],
          isolate: false,
        }),
      ],
    },
  };
});
