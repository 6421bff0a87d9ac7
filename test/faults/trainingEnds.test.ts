/** Trainings that are ended from outside in every way; docs/process-ends.md describes what happens when. */

import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import {
  commandOf,
  describeFaults,
  findProcess,
  hasProgram,
  inspectStore,
  isLongSample,
  launch,
  launchInTerminal,
  type Launched,
  type Launcher,
  launchLine,
  longTraining,
  makePlace,
  type Place,
  type PlaceProcess,
  readNewestStep,
  waitForStep,
  waitUntilGone,
} from './support/driver.ts';

/** The run is paused with all its steps, and nothing had to be repaired. */
async function expectPaused(place: Place): Promise<void> {
  await waitUntilGone(place);
  const { runs, findings, checkpoints } = inspectStore(place);
  expect(findings).toEqual([]);
  expect(runs).toMatchObject([{ status: 'paused', error: null }]);
  expect(runs[0].step).toBeGreaterThan(0);
  expect(checkpoints[0]).toBe(runs[0].step);
}

/** The training gets further than before, and still ends in good order. */
async function expectContinuing(place: Place): Promise<void> {
  await waitForStep(place, readNewestStep(place) + 20);
  process.kill(findProcess(place, 'program').pid, 'SIGTERM');
  await expectPaused(place);
}

async function startTraining(launcher: Launcher): Promise<{ place: Place; training: Launched }> {
  const place = await makePlace();
  const training = launch(place, launcher, longTraining(place));
  await waitForStep(place, 1);
  return { place, training };
}

/** Returns the process that gets a signal: the command that was typed, or the program in its own session. */
function findSignalled(place: Place, launcher: 'node' | 'lab' | 'npm' | 'setsid node'): PlaceProcess {
  return findProcess(place, launcher === 'lab' || launcher === 'npm' ? launcher : 'program');
}

const inShort = (cases: readonly string[]) => (title: string) => isLongSample || cases.includes(title);

describeFaults('a training pauses with a checkpoint', () => {
  const isTried = inShort(['SIGHUP to node', 'SIGTERM to npm']);
  for (const launcher of ['node', 'lab', 'npm', 'setsid node'] as const) {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      // npm hands a SIGINT of its own to its shell only, which waits for its command instead of ending.
      if (launcher === 'npm' && signal === 'SIGINT') continue;
      it.runIf(isTried(`${signal} to ${launcher}`))(`at ${signal} to ${launcher}`, async () => {
        const { place, training } = await startTraining(launcher);
        process.kill(findSignalled(place, launcher).pid, signal);
        const code = await training.ended;
        if (launcher === 'node') expect(code).toBe(0);
        await expectPaused(place);
        expect(training.stderr()).not.toMatch(/ at .*:\d+:\d+/);
      });
    }
  }

  it('when npm is killed', async () => {
    const { place } = await startTraining('npm');
    process.kill(findProcess(place, 'npm').pid, 'SIGKILL');
    await expectPaused(place);
  });

  it('when the command lab, which started it, is killed', async () => {
    const { place } = await startTraining('lab');
    process.kill(findProcess(place, 'lab').pid, 'SIGKILL');
    await expectPaused(place);
  });

  it('at one Ctrl-C that reaches the whole process group of the command lab', async () => {
    const { place, training } = await startTraining('lab');
    training.signalGroup('SIGINT');
    expect(await training.ended).toBe(0);
    await expectPaused(place);
  });

  it('when its terminal is closed', { skip: !hasProgram('tmux') }, async () => {
    const place = await makePlace();
    const terminal = launchInTerminal(place, commandOf('node', longTraining(place)));
    await waitForStep(place, 1);
    terminal.close();
    await expectPaused(place);
  });
});

describeFaults('a training continues', () => {
  for (const launcher of ['nohup node', 'nohup lab', 'nohup npm'] as const) {
    it.runIf(isLongSample || launcher === 'nohup npm')(
      `under ${launcher} when its whole process group hangs up`,
      async () => {
        const { place, training } = await startTraining(launcher);
        training.signalGroup('SIGHUP');
        await expectContinuing(place);
      },
    );
  }

  it.skipIf(!hasProgram('tmux'))('under nohup when its terminal is closed', async () => {
    const place = await makePlace();
    const terminal = launchInTerminal(place, `${commandOf('nohup node', longTraining(place))} &`);
    await waitForStep(place, 1);
    terminal.close();
    await expectContinuing(place);
  });

  it.runIf(isLongSample)('in the background of a shell that ends', async () => {
    const place = await makePlace();
    const shell = launchLine(place, `${commandOf('node', longTraining(place))} >log 2>&1 & sleep 0.1`);
    expect(await shell.ended).toBe(0);
    await waitForStep(place, 1);
    await expectContinuing(place);
  });

  for (const pipe of ['--json | head -n 2', '2>&1 | head -n 2']) {
    it.runIf(isLongSample || pipe.startsWith('2'))(
      `when its output is no longer read: lab train ${pipe}`,
      async () => {
        const place = await makePlace();
        launchLine(place, `${commandOf('node', longTraining(place))} ${pipe} >first-lines`);
        await waitForStep(place, 1);
        await expectContinuing(place);
      },
    );
  }
});

describeFaults('a training that waits for a download', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it.runIf(isLongSample || signal === 'SIGTERM')(`ends immediately at ${signal}`, async () => {
      const place = await makePlace();
      const proxy = await openSilentServer();
      const settings = `export NODE_USE_ENV_PROXY=1 HTTPS_PROXY=http://127.0.0.1:${proxy.port} https_proxy=http://127.0.0.1:${proxy.port} NO_PROXY= no_proxy=;`;
      const line = commandOf('node', [
        ...longTraining(place),
        '--data',
        'cifar10',
        '--set',
        'data.source="cifar10"',
      ]);
      const training = launchLine(place, `${settings} exec ${line}`);
      await training.waitFor('connecting');
      await proxy.asked;
      process.kill(findProcess(place, 'program').pid, signal);
      expect(await training.ended).toBe(0);
      await waitUntilGone(place);
      expect(inspectStore(place)).toMatchObject({
        runs: [{ status: 'paused', step: 0, error: null }],
        findings: [],
      });
    });
  }
});

/** Accepts connections and never answers. */
async function openSilentServer(): Promise<{ port: number; asked: Promise<void> }> {
  const { promise: asked, resolve: answer } = Promise.withResolvers<undefined>();
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    answer(undefined);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, asked };
}
