/** Listings, evaluations, inpaintings and servers that are ended from outside; docs/process-ends.md describes what happens when. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  commandOf,
  describeFaults,
  describeProcesses,
  findProcess,
  hasProgram,
  inspectStore,
  isLongSample,
  isPortOpen,
  launch,
  launchInTerminal,
  type Launcher,
  launchLine,
  listProcesses,
  useSandbox,
  type Sandbox,
  quote,
  serve,
  signIn,
  startRun,
  waitForStep,
  waitUntilGone,
} from './support/driver.ts';
import { openStore } from '../../main/store/store.ts';
import { smallOptions } from '../jobs/smallRun.ts';

describeFaults('a listing', () => {
  const listings = [['presets', 'tiny'], ['help'], ['help', 'train'], ['runs'], ['runs', '--json']];
  for (const args of isLongSample ? listings : listings.slice(0, 1)) {
    it(`ends quietly with 128 + SIGPIPE when its output is not read: lab ${args.join(' ')} | true`, async () => {
      const sandbox = await useSandbox();
      openStore(sandbox.dataFolder).close();
      // The reader has ended long before the program writes.
      const pipe = launchLine(sandbox, `${commandOf('node', args)} | true; echo "\${PIPESTATUS[0]}"`);
      expect(await pipe.ended).toBe(0);
      expect([pipe.stdout(), pipe.stderr()]).toEqual(['141\n', '']);
    });
  }
});

/** Creates a sandbox with a finished run of two steps. */
async function createTrainedSandbox(): Promise<Sandbox> {
  const sandbox = await useSandbox();
  const training = launch(sandbox, 'node', [
    'train',
    '--name',
    'small',
    ...smallOptions(sandbox.source),
    '--steps',
    '2',
  ]);
  expect(await training.ended).toBe(0);
  return sandbox;
}

/** Exit codes of the program: 128 + the number of the signal. Those of npm and of a killed shell may differ. */
const ends = { SIGINT: 130, SIGHUP: 129, SIGTERM: 143 } as const;

describeFaults('a computation with one result', () => {
  const evaluation = ['evaluate', 'small', '--samples', '100000', '--steps', '1000'];
  const inpainting = (sandbox: Sandbox) => [
    'inpaint',
    'small',
    sandbox.source.slice('folder:'.length),
    '--out',
    join(sandbox.root, 'out'),
    '--samples',
    '64',
    '--steps',
    '1000',
  ];

  it('ends with exit code 128 + n and one sentence at signal n', async () => {
    const sandbox = await createTrainedSandbox();
    for (const [signal, code] of Object.entries(ends)) {
      const lab = launch(sandbox, 'node', evaluation);
      await lab.waitFor('reading');
      lab.signalGroup(signal as keyof typeof ends);
      expect([signal, await lab.ended]).toEqual([signal, code]);
      await waitUntilGone(sandbox);
      expect(lab.stdout()).toBe('');
      expect(lab.stderr().trim().split('\n').at(-1)).toBe('lab: Interrupted before there was a result.');
      expect(lab.stderr()).not.toMatch(/ at .*:\d+:\d+/);
      if (!isLongSample) break;
    }
    const lab = launch(sandbox, 'node', inpainting(sandbox));
    await lab.waitFor(/sample|loading|sampling/);
    lab.signalGroup('SIGTERM');
    expect(await lab.ended).toBe(143);
    await waitUntilGone(sandbox);
    expect(lab.stderr()).toContain('Interrupted.');
    expect(inspectStore(sandbox)).toMatchObject({ runs: [{ status: 'finished' }], findings: [] });
  });

  it.runIf(isLongSample)('ends when npm is killed or hangs up', async () => {
    const sandbox = await createTrainedSandbox();
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGHUP'] as const) {
      for (const args of [evaluation, inpainting(sandbox)]) {
        const lab = launch(sandbox, 'npm', args);
        await lab.waitFor(/reading|sample|loading/);
        process.kill(findProcess(sandbox, 'npm').pid, signal);
        await waitUntilGone(sandbox);
      }
    }
    expect(inspectStore(sandbox).findings).toEqual([]);
  });
});

describeFaults('a server', () => {
  const expectClosed = async (sandbox: Sandbox, port: number) => {
    await waitUntilGone(sandbox);
    expect(await isPortOpen(port)).toBe(false);
    expect(existsSync(join(sandbox.dataFolder, 'application.json'))).toBe(false);
    const { runs, findings, checkpoints } = inspectStore(sandbox);
    expect(findings).toEqual([]);
    expect(runs).toMatchObject([{ status: 'paused', error: null }]);
    expect(checkpoints[0]).toBe(runs[0].step);
  };

  const ends: [Launcher, NodeJS.Signals][] = [
    ['npm', 'SIGTERM'],
    ['npm', 'SIGKILL'],
    ['lab', 'SIGKILL'],
    ['node', 'SIGHUP'],
    ['node', 'SIGTERM'],
    ['node', 'SIGINT'],
  ];
  for (const [launcher, signal] of isLongSample ? ends : ends.slice(0, 1)) {
    it(`pauses its run, closes its port and releases the folder at ${signal} to ${launcher}`, async () => {
      const sandbox = await useSandbox();
      const server = await serve(sandbox, launcher);
      await startRun(sandbox, server.ask);
      const victim = launcher === 'node' ? 'program' : launcher === 'lab' ? 'lab' : 'npm';
      process.kill(findProcess(sandbox, victim).pid, signal);
      await expectClosed(sandbox, server.port);
    });
  }

  it.skipIf(!hasProgram('tmux'))(
    'pauses its run, closes its port and releases the folder when its terminal is closed',
    async () => {
      const sandbox = await useSandbox();
      const shown = join(sandbox.root, 'shown');
      const line = `${commandOf('npm', ['app', '--browser', '--json'])} | tee ${quote(shown)}`;
      const terminal = launchInTerminal(sandbox, line);
      const readLink = () => (existsSync(shown) ? readFileSync(shown, 'utf8') : '');
      await expect.poll(readLink).toMatch(/"serving".*\n/);
      const { link, port } = JSON.parse(readLink()) as { link: string; port: number };
      await startRun(sandbox, await signIn(link, port));
      terminal.close();
      await expectClosed(sandbox, port);
    },
  );
});

describeFaults('a compute process', () => {
  it('ends when its parent is killed, and the run can be resumed', async () => {
    const sandbox = await useSandbox();
    launch(sandbox, 'node', ['train', ...smallOptions(sandbox.source), '--steps', '10000000']);
    await waitForStep(sandbox, 3);
    process.kill(findProcess(sandbox, 'program').pid, 'SIGKILL');
    await waitUntilGone(sandbox);
    const { runs } = inspectStore(sandbox);
    expect(runs).toMatchObject([{ status: 'interrupted' }]);
    const resumed = launch(sandbox, 'node', ['resume', 'latest', '--steps', String(runs[0].step + 1)]);
    expect(await resumed.ended).toBe(0);
    expect(inspectStore(sandbox)).toMatchObject({ runs: [{ status: 'finished' }], findings: [] });
    expect(describeProcesses(sandbox)).toBe('none');
    expect(listProcesses(sandbox)).toEqual([]);
  });
});

describeFaults('a program under nohup npm', () => {
  it('continues if the hang-up of its whole process group reaches it after npm has ended', async () => {
    const sandbox = await useSandbox();
    const program = join(import.meta.dirname, 'support', 'busyProgram.mjs');
    const scripts = { busy: [process.execPath, program].map(quote).join(' ') };
    writeFileSync(join(sandbox.root, 'package.json'), JSON.stringify({ scripts }));
    const launched = launchLine(sandbox, 'nohup npm run busy --silent');
    await launched.waitFor('busy');
    launched.signalGroup('SIGHUP');
    await launched.ended;
    expect(launched.stdout()).toBe('busy\ncontinued\n');
  });
});
