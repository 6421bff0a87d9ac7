/** Trainings that are ended from outside in every possible way; docs/process-ends.md describes the expected results. */

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
  useSandbox,
  type Sandbox,
  type SandboxProcess,
  readNewestStep,
  waitForStep,
  waitUntilGone,
} from './support/driver.ts';

/** Expects the run to be paused with all its steps, and a store without repairs. */
async function expectPaused(sandbox: Sandbox): Promise<void> {
  await waitUntilGone(sandbox);
  const { runs, findings, checkpoints } = inspectStore(sandbox);
  expect(findings).toEqual([]);
  expect(runs).toMatchObject([{ status: 'paused', error: null }]);
  expect(runs[0].step).toBeGreaterThan(0);
  expect(checkpoints[0]).toBe(runs[0].step);
}

/** Expects the training to advance and to end in an orderly way on request. */
async function expectContinuing(sandbox: Sandbox): Promise<void> {
  await waitForStep(sandbox, readNewestStep(sandbox) + 20);
  process.kill(findProcess(sandbox, 'program').pid, 'SIGTERM');
  await expectPaused(sandbox);
}

async function startTraining(launcher: Launcher): Promise<{ sandbox: Sandbox; training: Launched }> {
  const sandbox = await useSandbox();
  const training = launch(sandbox, launcher, longTraining(sandbox));
  await waitForStep(sandbox, 1);
  return { sandbox, training };
}

/** Returns the process that receives a signal: the typed command, or the program in its own session. */
function findSignalled(sandbox: Sandbox, launcher: 'node' | 'lab' | 'npm' | 'setsid node'): SandboxProcess {
  return findProcess(sandbox, launcher === 'lab' || launcher === 'npm' ? launcher : 'program');
}

const selectCases = (cases: readonly string[]) => (title: string) => isLongSample || cases.includes(title);

describeFaults('a training pauses with a checkpoint', () => {
  const isTried = selectCases(['SIGHUP to node', 'SIGTERM to npm']);
  for (const launcher of ['node', 'lab', 'npm', 'setsid node'] as const) {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      // npm passes a SIGINT only to its shell, which waits for its command instead of ending.
      if (launcher === 'npm' && signal === 'SIGINT') continue;
      it.runIf(isTried(`${signal} to ${launcher}`))(`at ${signal} to ${launcher}`, async () => {
        const { sandbox, training } = await startTraining(launcher);
        process.kill(findSignalled(sandbox, launcher).pid, signal);
        const code = await training.ended;
        if (launcher === 'node') expect(code).toBe(0);
        await expectPaused(sandbox);
        expect(training.stderr()).not.toMatch(/ at .*:\d+:\d+/);
      });
    }
  }

  it('when npm is killed', async () => {
    const { sandbox } = await startTraining('npm');
    process.kill(findProcess(sandbox, 'npm').pid, 'SIGKILL');
    await expectPaused(sandbox);
  });

  it('when the command lab, which started it, is killed', async () => {
    const { sandbox } = await startTraining('lab');
    process.kill(findProcess(sandbox, 'lab').pid, 'SIGKILL');
    await expectPaused(sandbox);
  });

  it('at one Ctrl-C that reaches the whole process group of the command lab', async () => {
    const { sandbox, training } = await startTraining('lab');
    training.signalGroup('SIGINT');
    expect(await training.ended).toBe(0);
    await expectPaused(sandbox);
  });

  it('when its terminal is closed', { skip: !hasProgram('tmux') }, async () => {
    const sandbox = await useSandbox();
    const terminal = launchInTerminal(sandbox, commandOf('node', longTraining(sandbox)));
    await waitForStep(sandbox, 1);
    terminal.close();
    await expectPaused(sandbox);
  });
});

describeFaults('a training continues', () => {
  for (const launcher of ['nohup node', 'nohup lab', 'nohup npm'] as const) {
    it.runIf(isLongSample || launcher === 'nohup npm')(
      `under ${launcher} when its whole process group hangs up`,
      async () => {
        const { sandbox, training } = await startTraining(launcher);
        training.signalGroup('SIGHUP');
        await expectContinuing(sandbox);
      },
    );
  }

  it.skipIf(!hasProgram('tmux'))('under nohup when its terminal is closed', async () => {
    const sandbox = await useSandbox();
    const terminal = launchInTerminal(sandbox, `${commandOf('nohup node', longTraining(sandbox))} &`);
    await waitForStep(sandbox, 1);
    terminal.close();
    await expectContinuing(sandbox);
  });

  it.runIf(isLongSample)('in the background of a shell that ends', async () => {
    const sandbox = await useSandbox();
    const shell = launchLine(sandbox, `${commandOf('node', longTraining(sandbox))} >log 2>&1 & sleep 0.1`);
    expect(await shell.ended).toBe(0);
    await waitForStep(sandbox, 1);
    await expectContinuing(sandbox);
  });

  for (const pipe of ['--json | head -n 2', '2>&1 | head -n 2']) {
    it.runIf(isLongSample || pipe.startsWith('2'))(
      `when its output is no longer read: lab train ${pipe}`,
      async () => {
        const sandbox = await useSandbox();
        launchLine(sandbox, `${commandOf('node', longTraining(sandbox))} ${pipe} >first-lines`);
        await waitForStep(sandbox, 1);
        await expectContinuing(sandbox);
      },
    );
  }
});

describeFaults('a training that waits for a download', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it.runIf(isLongSample || signal === 'SIGTERM')(`ends immediately at ${signal}`, async () => {
      const sandbox = await useSandbox();
      const proxy = await openSilentServer();
      const settings = `export NODE_USE_ENV_PROXY=1 HTTPS_PROXY=http://127.0.0.1:${proxy.port} https_proxy=http://127.0.0.1:${proxy.port} NO_PROXY= no_proxy=;`;
      const line = commandOf('node', [
        ...longTraining(sandbox),
        '--data',
        'cifar10',
        '--set',
        'data.source="cifar10"',
      ]);
      const training = launchLine(sandbox, `${settings} exec ${line}`);
      await training.waitFor('connecting');
      await proxy.connected;
      process.kill(findProcess(sandbox, 'program').pid, signal);
      expect(await training.ended).toBe(0);
      await waitUntilGone(sandbox);
      expect(inspectStore(sandbox)).toMatchObject({
        runs: [{ status: 'paused', step: 0, error: null }],
        findings: [],
      });
    });
  }
});

/** Opens a server that accepts connections and never answers. */
async function openSilentServer(): Promise<{ port: number; connected: Promise<void> }> {
  const { promise: connected, resolve: connect } = Promise.withResolvers<undefined>();
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    connect(undefined);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, connected };
}
