import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { runCommand } from '../../../main/runtime/command.ts';
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
const environment = swiftShader
  ? {
      SPARSE_FIELD_LAB_WEBGPU_SOFTWARE: '1',
      VK_ICD_FILENAMES: join(swiftShader, driverFile),
      // The loader of Vulkan comes with the browser too.
      LD_LIBRARY_PATH: swiftShader,
    }
  : {};

/** Computes everything in one process: shaders are compiled once, and most of the time is spent on that. */
async function runProgram(): Promise<CardReport | string> {
  const program = join(import.meta.dirname, 'program.ts');
  const result = await runCommand(process.execPath, [program], { limit: 900_000, environment });
  if (!result.isOk) return [result.failure, ...result.stderr.split('\n').slice(-12)].join('\n');
  return JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '') as CardReport;
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

  it('computes the gradients of convolutions and of depthwise ones to 1e-4', () => {
    expect(report().convolutions).toHaveLength(4);
    for (const difference of report().convolutions) expect(difference).toBeLessThan(1e-4);
  });

  it('trains every network with the loss and gradient norm of the processor to 1e-3', () => {
    for (const [name, { loss, gradNorm, state }] of Object.entries(report().trainings)) {
      expect(loss, name).toBeLessThan(1e-3);
      expect(gradNorm, name).toBeLessThan(1e-3);
      for (const moment of ['adam.first', 'adam.second']) expect(state[moment], name).toBeLessThan(1e-2);
    }
  });

  it('samples every network as the processor does, by fixed and stochastic solvers, to 1e-2', () => {
    const trainings = Object.entries(report().trainings);
    expect(trainings).toHaveLength(3);
    for (const [name, { sample }] of trainings) expect(sample, name).toBeLessThan(1e-2);
  });

  it('ends a run that was paused in the same state, bit for bit, as one that was not', () => {
    expect(report().resumed.isEqual).toBe(true);
  });

  it('continues on the processor from its checkpoint, and leaves nothing behind after further steps', () => {
    for (const [kind, difference] of Object.entries(report().resumed.onProcessor))
      expect(difference, kind).toBeLessThan(0.02);
    expect(report().resumed.grown.tensors).toBe(0);
    expect(report().resumed.grown.bytes).toBeLessThan(100_000);
  });

  it('updates weights in fused kernels as operation by operation, to 1e-5 of the largest', () => {
    for (const [kind, difference] of Object.entries(report().resumed.unfused))
      expect(difference, kind).toBeLessThan(1e-5);
  });

  it('whose driver reports an error ends what is computed, with a message that names the next step', () => {
    expect(report().failure).toMatch(/^The graphics card reported an error \(.+\)\. .*resume with/);
  });

  it('fills in an image tile by tile as the processor does, to 1e-3', () => {
    expect(report().inpainted).toBeLessThan(1e-3);
  });
});
