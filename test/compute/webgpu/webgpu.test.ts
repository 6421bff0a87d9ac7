import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { forkHost } from '../../../main/jobs/computeHost.ts';
import { startTraining } from '../../../main/jobs/training.ts';
import { runCommand } from '../../../main/runtime/command.ts';
import { listCheckpoints } from '../../../main/store/files/checkpointFolder.ts';
import { insertRun } from '../../../main/store/runs/runLifecycle.ts';
import { listSegments } from '../../../main/store/runs/segments.ts';
import { smallConfig, writeImages } from '../../jobs/smallRun.ts';
import { openExampleStore } from '../../store/exampleStore.ts';
import { makeTemporaryFolder } from '../../store/temporaryFolder.ts';
import type { CardReport } from './cardReport.ts';

/** The description of SwiftShader, the Vulkan in software that Chromium's package brings. */
const driverFile = 'vk_swiftshader_icd.json';

/** Returns the folder of SwiftShader in the browser of the tests; null if there is none. */
function findSwiftShader(): string | null {
  const browser = inject('browser');
  const folders = ['/usr/lib/chromium', ...('program' in browser ? [dirname(browser.program)] : [])];
  return folders.find((folder) => existsSync(join(folder, driverFile))) ?? null;
}

const swiftShader = findSwiftShader();
/** Without SwiftShader, a card of the machine is tested if it has one. */
const environment: Readonly<Record<string, string>> = swiftShader
  ? {
      SPARSE_FIELD_LAB_WEBGPU_SOFTWARE: '1',
      VK_ICD_FILENAMES: join(swiftShader, driverFile),
      // The loader of Vulkan comes with the browser too.
      LD_LIBRARY_PATH: swiftShader,
    }
  : {};

/** Minutes without a further part, of which each takes seconds on an idle machine, after which the program is ended. */
const patience = 15;

/** Computes everything in one process: shaders are compiled once, and most of the time is spent on that. */
async function runProgram(): Promise<CardReport | string> {
  const program = join(import.meta.dirname, 'program.ts');
  const folder = mkdtempSync(join(tmpdir(), 'card-'));
  const outputFile = join(folder, 'parts.txt');
  let [size, since] = [0, performance.now()];
  const watch = () => {
    const { size: printed } = statSync(outputFile);
    if (printed > size) [size, since] = [printed, performance.now()];
    return performance.now() - since > patience * 60_000 ? `finished no part for ${patience} minutes` : null;
  };
  const options = { limit: 2 ** 31 - 1, environment, outputFile, watch };
  const { isOk, failure, stderr } = await runCommand(process.execPath, [program], options);
  const lines = readFileSync(outputFile, 'utf8').trim().split('\n');
  rmSync(folder, { recursive: true });
  if (!isOk) return [failure, ...lines.slice(-1), ...stderr.split('\n').slice(-12)].join('\n');
  return JSON.parse(lines.at(-1) ?? '') as CardReport;
}

const outcome = await runProgram();
const hasCard = typeof outcome !== 'string';
/** Only a machine that has neither may skip: with SwiftShader, whatever fails is a fault. */
const isTested = hasCard || swiftShader !== null;
const title = isTested ? 'a card' : 'a card (skipped: neither SwiftShader nor a card was found)';

function report(): CardReport {
  if (typeof outcome === 'string') throw new Error(outcome);
  return outcome;
}

describe.skipIf(!isTested)(title, () => {
  it('is described by its name and the interface it is reached through', () => {
    expect(report().info).toMatchObject({ kind: 'webgpu', device: 'GPU', api: expect.any(String) });
    expect(report().info.adapter?.length).toBeGreaterThan(3);
  });

  it('generates the random numbers of the processor: uniform ones bit for bit, normal ones to 2e-6', () => {
    expect(report().random.uniform).toBe(0);
    expect(report().random.normal).toBeLessThan(2e-6);
  });

  it('computes every kernel that networks and samplers use as the processor does, to 16 ulps of the largest number', () => {
    const { differences } = report().kernels;
    expect(Object.keys(differences).length).toBeGreaterThan(35);
    expect(Object.entries(differences).filter(([, ulps]) => !(ulps <= 16))).toEqual([]);
  });

  it('multiplies matrices by each program of TensorFlow.js to 8 ulps', () => {
    expect(Object.keys(report().products)).toHaveLength(12);
    for (const [name, ulps] of Object.entries(report().products)) expect(ulps, name).toBeLessThan(8);
  });

  it('sums more tensors than a card reads at a time to 8 ulps', () => {
    expect(report().sums).toBeLessThan(8);
  });

  it('trains every network with the loss of the processor to 2e-6, and its gradients and moments to 1e-5', () => {
    expect(Object.keys(report().trainings)).toHaveLength(4);
    for (const [name, { loss, gradNorm, state }] of Object.entries(report().trainings)) {
      expect(loss, name).toBeLessThan(2e-6);
      expect(gradNorm, name).toBeLessThan(1e-5);
      expect(state['adam.first'], name).toBeLessThan(1e-5);
      expect(state['adam.second'], name).toBeLessThan(1e-5);
    }
  });

  it('samples every network as the processor does, by deterministic and stochastic solvers, to 2e-6', () => {
    for (const [name, { sample }] of Object.entries(report().trainings))
      expect(sample, name).toBeLessThan(2e-6);
  });

  it('ends a run that was paused in the same state, bit for bit, as one that was not', () => {
    expect(report().resumed.isEqual).toBe(true);
  });

  it('continues on the processor from its checkpoint', () => {
    for (const [kind, difference] of Object.entries(report().resumed.onProcessor))
      expect(difference, kind).toBeLessThan(2e-5);
  });

  it('leaves no tensors and no buffers behind after further steps', () => {
    expect(report().resumed.grown).toEqual({ tensors: 0, buffers: 0 });
    const [, second, third, last] = report().buffers;
    expect([third, last]).toEqual([second, second]);
  });

  it('updates weights in fused kernels as operation by operation, to 1e-6 of the largest', () => {
    for (const [kind, difference] of Object.entries(report().resumed.unfused))
      expect(difference, kind).toBeLessThan(1e-6);
  });

  it('fills in an image tile by tile as the processor does, to 1e-6', () => {
    expect(report().inpainted).toBeLessThan(1e-6);
  });

  it.each([
    [
      'error',
      /^The graphics card reported an error \(.+\)\. Update the card's driver, or resume on the processor: /,
    ],
    [
      'memory',
      /^The graphics card has too little memory \(.+\)\. Close other programs, choose a smaller batch, /,
    ],
    ['lost', /^The graphics card stopped \(.+\)\. The run is kept at its newest checkpoint: resume it, /],
  ] as const)(
    'that fails (%s) says so with the next step, and its numbers are not saved',
    (kind, message) => {
      expect(report().failures[kind]).toEqual({ message: expect.stringMatching(message), saved: 'refused' });
    },
  );

  it('that is lost pauses its run at the newest checkpoint, from which another backend continues', async () => {
    const store = openExampleStore();
    const config = smallConfig(await writeImages(join(makeTemporaryFolder(), 'pictures')));
    const { id } = insertRun(store, { name: 'lost card', config });
    const train = (variables: Readonly<Record<string, string>>) => {
      for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
      return startTraining(store, id, { createHost: forkHost, cacheFolder: makeTemporaryFolder() }).ended;
    };
    onTestFinished(() => void vi.unstubAllEnvs());
    const preload = pathToFileURL(join(import.meta.dirname, 'loseCard.mjs')).href;
    const lost = await train({
      ...environment,
      SPARSE_FIELD_LAB_BACKEND: 'webgpu',
      NODE_OPTIONS: `--import ${preload}`,
    });
    expect([lost.status, lost.error]).toEqual([
      'paused',
      expect.stringMatching(/^The graphics card stopped/),
    ]);
    expect(listCheckpoints(store.runFolder(id))).toEqual([3]);
    const ended = await train({ NODE_OPTIONS: '', SPARSE_FIELD_LAB_BACKEND: 'wasm' });
    expect([ended.status, ended.step, ended.error]).toEqual(['finished', 12, null]);
    expect(listSegments(store.db, id).map(({ backend, fromStep }) => [backend.kind, fromStep])).toEqual([
      ['webgpu', 0],
      ['wasm', 3],
    ]);
  });
});
