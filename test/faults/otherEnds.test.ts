/** Listings, evaluations, inpaintings and servers that are ended from outside; docs/process-ends.md describes what happens when. */

import { existsSync, readFileSync } from 'node:fs';
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
  makePlace,
  type Place,
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
  for (const words of isLongSample ? listings : listings.slice(0, 1)) {
    it(`ends quietly with 128 + SIGPIPE when its output is not read: lab ${words.join(' ')} | true`, async () => {
      const place = await makePlace();
      openStore(place.dataFolder).close();
      // The reader has ended long before the program writes.
      const pipe = launchLine(place, `${commandOf('node', words)} | true; echo "\${PIPESTATUS[0]}"`);
      expect(await pipe.ended).toBe(0);
      expect([pipe.stdout(), pipe.stderr()]).toEqual(['141\n', '']);
    });
  }
});

/** A run of two steps. */
async function makeTrainedPlace(): Promise<Place> {
  const place = await makePlace();
  const training = launch(place, 'node', [
    'train',
    '--name',
    'small',
    ...smallOptions(place.source),
    '--steps',
    '2',
  ]);
  expect(await training.ended).toBe(0);
  return place;
}

/** Exit codes: 128 + the signal's number; npm's own and that of a killed shell are not the program's. */
const ends = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

describeFaults('a computation with one result', () => {
  const evaluation = ['evaluate', 'small', '--samples', '100000', '--steps', '1000'];
  const inpainting = (place: Place) => [
    'inpaint',
    'small',
    place.source.slice('folder:'.length),
    '--out',
    join(place.root, 'out'),
    '--samples',
    '64',
    '--steps',
    '1000',
  ];

  it('ends with exit code 128 + n and one sentence at signal n', async () => {
    const place = await makeTrainedPlace();
    for (const [signal, code] of Object.entries(ends)) {
      const lab = launch(place, 'node', evaluation);
      await lab.waitFor('reading');
      lab.signalGroup(signal as keyof typeof ends);
      expect([signal, await lab.ended]).toEqual([signal, code]);
      await waitUntilGone(place);
      expect(lab.stderr().trim().split('\n').at(-1)).toBe('lab: Interrupted before there was a result.');
      if (!isLongSample) break;
    }
    const lab = launch(place, 'node', inpainting(place));
    await lab.waitFor(/sample|loading|sampling/);
    lab.signalGroup('SIGTERM');
    expect(await lab.ended).toBe(143);
    await waitUntilGone(place);
    expect(lab.stderr()).toContain('Interrupted.');
    expect(inspectStore(place)).toMatchObject({ runs: [{ status: 'finished' }], findings: [] });
  });

  it.runIf(isLongSample)('ends when npm is killed or hangs up', async () => {
    const place = await makeTrainedPlace();
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGHUP'] as const) {
      for (const words of [evaluation, inpainting(place)]) {
        const lab = launch(place, 'npm', words);
        await lab.waitFor(/reading|sample|loading/);
        process.kill(findProcess(place, 'npm').pid, signal);
        await waitUntilGone(place);
      }
    }
    expect(inspectStore(place).findings).toEqual([]);
  });
});

describeFaults('a server', () => {
  const expectClosed = async (place: Place, port: number) => {
    await waitUntilGone(place);
    expect(await isPortOpen(port)).toBe(false);
    expect(existsSync(join(place.dataFolder, 'application.json'))).toBe(false);
    const { runs, findings, checkpoints } = inspectStore(place);
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
      const place = await makePlace();
      const server = await serve(place, launcher);
      await startRun(place, server.ask);
      const victim = launcher === 'node' ? 'program' : launcher === 'lab' ? 'lab' : 'npm';
      process.kill(findProcess(place, victim).pid, signal);
      await expectClosed(place, server.port);
    });
  }

  it.skipIf(!hasProgram('tmux'))(
    'pauses its run, closes its port and releases the folder when its terminal is closed',
    async () => {
      const place = await makePlace();
      const shown = join(place.root, 'shown');
      const line = `${commandOf('npm', ['app', '--browser', '--json'])} | tee ${quote(shown)}`;
      const terminal = launchInTerminal(place, line);
      const readLink = () => (existsSync(shown) ? readFileSync(shown, 'utf8') : '');
      await expect.poll(readLink).toMatch(/"serving".*\n/);
      const { link, port } = JSON.parse(readLink()) as { link: string; port: number };
      await startRun(place, await signIn(link, port));
      terminal.close();
      await expectClosed(place, port);
    },
  );
});

describeFaults('a compute process', () => {
  it('ends when its parent is killed, and the run can be resumed', async () => {
    const place = await makePlace();
    launch(place, 'node', ['train', ...smallOptions(place.source), '--steps', '10000000']);
    await waitForStep(place, 3);
    process.kill(findProcess(place, 'program').pid, 'SIGKILL');
    await waitUntilGone(place);
    const { runs } = inspectStore(place);
    expect(runs).toMatchObject([{ status: 'interrupted' }]);
    const resumed = launch(place, 'node', ['resume', 'latest', '--steps', String(runs[0].step + 1)]);
    expect(await resumed.ended).toBe(0);
    expect(inspectStore(place)).toMatchObject({ runs: [{ status: 'finished' }], findings: [] });
    expect(describeProcesses(place)).toBe('none');
    expect(listProcesses(place)).toEqual([]);
  });
});
