/**
 * Which backend is faster for a network on this machine: its graphics card through WebGPU, or native TensorFlow on the
 * processor. A training step of the configuration is timed on both, once for each machine, card and form of network, and
 * remembered in the cache.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { RunConfig } from '../../shared/config/config.ts';
import type { BackendKind } from '../../shared/run.ts';
import { type InstallResult, readInstallResult } from '../runtime/installResult.ts';
import { findRuntimePaths, type RuntimePaths } from '../runtime/paths.ts';
import { type CardFinding, measureInNode, probeCard, timeStep } from '../runtime/probe.ts';
import { measureThroughParent } from './parentChannel.ts';
import { writeFileAtomically } from '../store/files/atomicFile.ts';

/** The order in which backends are tried, best first, and why the first is not a better one. */
export interface BackendOrder {
  readonly order: readonly BackendKind[];
  readonly reason: string | null;
}

/** What the choice asks of the machine. */
export interface Machine {
  readonly installed: Pick<InstallResult, 'kind' | 'device' | 'version'> | null;
  /** Identifies the processor. */
  readonly processor: string;
  findCard(): Promise<CardFinding>;
  /** Returns the milliseconds of a training step. @throws Error if it does not run. */
  timeStep(kind: BackendKind, config: RunConfig): Promise<number>;
  readonly memory: Memory;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What was found out before. */
export interface Memory {
  read(): Remembered;
  write(remembered: Remembered): void;
}

const rememberedSchema = z.strictObject({
  card: z
    .strictObject({
      at: z.number(),
      found: z.union([
        z.strictObject({ adapter: z.string(), api: z.string(), version: z.string() }),
        z.strictObject({ none: z.string() }),
      ]),
    })
    .nullable(),
  /** Milliseconds of a step by machine and network; null where it does not run. */
  steps: z.record(
    z.string(),
    z.strictObject({ webgpu: z.number().nullable(), tensorflow: z.number().nullable() }),
  ),
});
export type Remembered = z.infer<typeof rememberedSchema>;

const nothing: Remembered = { card: null, steps: {} };

/** A card is looked for again after a day: it may have been built in, or have got its driver. */
const cardIsKnownFor = 24 * 60 * 60_000;

/**
 * Chooses the order of backends for a configuration; null: for whatever is computed next. `onMeasure` is called before a
 * measurement, which takes some seconds.
 */
export async function chooseOrder(
  config: RunConfig | null,
  machine: Machine,
  onMeasure: (what: string) => void = () => undefined,
): Promise<BackendOrder> {
  const { installed } = machine;
  const isNative = installed?.kind === 'tensorflow';
  // CUDA runs whole steps as one graph, and nothing is faster on its cards.
  if (isNative && installed.device === 'GPU') return { order: ['tensorflow', 'wasm'], reason: null };
  const card = await rememberCard(machine);
  if ('none' in card) return { order: ['tensorflow', 'wasm'], reason: null };
  if (!isNative) return { order: ['webgpu', 'tensorflow', 'wasm'], reason: null };
  const times = await rememberSteps(config, { machine, card, onMeasure });
  if (!times) return { order: ['tensorflow', 'webgpu', 'wasm'], reason: null };
  return compareTimes(times, card.adapter);
}

function compareTimes({ webgpu, tensorflow }: Remembered['steps'][string], adapter: string): BackendOrder {
  if (webgpu !== null && (tensorflow === null || webgpu < tensorflow))
    return { order: ['webgpu', 'tensorflow', 'wasm'], reason: null };
  const time = (milliseconds: number | null) =>
    milliseconds === null ? 'fails' : `takes ${milliseconds.toPrecision(3)} ms`;
  const reason = `The card ${adapter} is not used: a step ${time(webgpu)} on it and ${time(tensorflow)} on the processor.`;
  return { order: ['tensorflow', 'webgpu', 'wasm'], reason };
}

/** Returns the card, looked for if it is not known. */
export async function rememberCard({ memory, findCard, now }: Machine): Promise<CardFinding> {
  const known = memory.read();
  if (known.card && now() - known.card.at < cardIsKnownFor) return known.card.found;
  const found = await findCard();
  memory.write({ ...memory.read(), card: { at: now(), found } });
  return found;
}

/** Returns the times of this form of network, measured if they are not known; without a configuration the newest known ones. */
async function rememberSteps(
  config: RunConfig | null,
  by: {
    machine: Machine;
    card: Exclude<CardFinding, { none: string }>;
    onMeasure: (what: string) => void;
  },
): Promise<Remembered['steps'][string] | null> {
  const { machine, card, onMeasure } = by;
  const { memory, installed, processor } = machine;
  const place = [card.adapter, card.api, card.version, installed?.version, processor].join(' · ');
  const { steps } = memory.read();
  if (config === null) {
    const known = Object.keys(steps).filter((key) => key.startsWith(`${place} · `));
    return known.length > 0 ? steps[known[known.length - 1]] : null;
  }
  const key = `${place} · ${formOf(config)}`;
  if (steps[key]) return steps[key];
  const time = async (kind: 'webgpu' | 'tensorflow', name: string) => {
    onMeasure(`timing a step on ${name}`);
    return machine.timeStep(kind, config).catch(() => null);
  };
  const webgpu = await time('webgpu', card.adapter);
  const times = { webgpu, tensorflow: await time('tensorflow', 'the processor') };
  const known = memory.read();
  memory.write({ ...known, steps: { ...known.steps, [key]: times } });
  return times;
}

/** Identifies everything of a configuration that a step's time depends on. */
function formOf({ field, data, train, mask, objective }: RunConfig): string {
  const { imageSize } = data;
  const parts = [field, imageSize, train.batchSize, mask.keepRatio, objective.shortcutShare];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** Returns this machine, with what was found out about it before. */
export function thisMachine(): Machine {
  const paths = findRuntimePaths();
  const run = measureThroughParent() ?? measureInNode;
  return {
    installed: readInstallResult(paths.outcomeFile) ?? findPackaged(paths),
    processor: `${cpus()[0]?.model ?? 'unknown processor'} × ${availableParallelism()}`,
    findCard: () => probeCard(run),
    timeStep: (kind, config) => timeStep(kind, config, run),
    memory: openMemory(() => paths.cacheFolder),
    now: () => Date.now(),
  };
}

/** Forgets the card, so that it is looked for again. */
export function forgetCard({ memory }: Machine): void {
  memory.write({ ...memory.read(), card: null });
}

/** A packaged application has the addon of TensorFlow, and not the result of the set-up that installed it. */
function findPackaged({ addonFile }: RuntimePaths): Machine['installed'] {
  return existsSync(addonFile) ? { kind: 'tensorflow', device: 'CPU', version: 'packaged' } : null;
}

/** Remembers in `backends.json`. What cannot be read or written is measured again the next time. */
function openMemory(findFolder: () => string): Memory {
  const name = 'backends.json';
  return {
    read() {
      try {
        const file = join(findFolder(), name);
        return existsSync(file) ? rememberedSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : nothing;
      } catch {
        return nothing;
      }
    },
    write(remembered) {
      try {
        const folder = findFolder();
        mkdirSync(folder, { recursive: true });
        const bytes = new TextEncoder().encode(`${JSON.stringify(remembered, null, 2)}\n`);
        writeFileAtomically({ folder, name, bytes });
      } catch {
        // An account without a home folder measures each time.
      }
    },
  };
}
