/** The contestants: variants of the engine and of PyTorch, each in its own process that answers one line of JSON with another. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { findErrorMessage, lastLine, runCommand } from '../../main/runtime/command.ts';
import { backendVariable } from '../../shared/run.ts';
import { describeError } from '../../shared/text/describeError.ts';
import type { EngineSetup } from './engine/session.ts';
import type { TwinInfo } from './machine.ts';
import type { BenchPlan } from './plan.ts';
import type { EngineKind } from './report.ts';
import { pathScales, type RunConfig } from '../../shared/config/config.ts';

const engineScript = resolve(import.meta.dirname, 'engine/process.ts');
const twinScript = resolve(import.meta.dirname, 'pytorchTwin.py');

/** Starts the engine and sets it up. @throws Error if the requested backend cannot be loaded. */
export async function openEngineProcess(
  plan: BenchPlan,
  engine: EngineKind,
  { name = engine, keepsMemory = false }: { name?: string; keepsMemory?: boolean } = {},
): Promise<Contestant> {
  const env = { SPARSE_FIELD_LAB_EXECUTION: engine, ...(keepsMemory && keptMemory) };
  const contestant = startContestant(name, [process.execPath, engineScript], env);
  const setup: EngineSetup = { config: plan.config, engine, images: plan.images };
  return setUp(contestant, setup);
}

/**
 * Settings of glibc's allocator with which freed memory stays with the process. By default every large tensor is mapped, filled
 * with zeros by the kernel and given back, which costs an eager program more than its computation.
 */
const keptMemory = {
  MALLOC_TRIM_THRESHOLD_: String(2 ** 33),
  // The largest that glibc accepts.
  MALLOC_MMAP_THRESHOLD_: String(2 ** 25),
  MALLOC_TOP_PAD_: String(2 ** 26),
};

/** How PyTorch is used. */
export interface TwinVariant {
  readonly name: string;
  readonly compiled: boolean;
  readonly channelsLast: boolean;
  readonly keepsMemory: boolean;
  /** null: as many as PyTorch chooses. */
  readonly threads: number | null;
}

/** Returns the variants of PyTorch for a network: as it is installed, then with what may make it faster. */
export function listVariants(kind: RunConfig['field']['kind'], device: TwinInfo['device']): TwinVariant[] {
  const plain = { compiled: false, channelsLast: false, keepsMemory: false, threads: null };
  const compiled = { ...plain, name: 'torch.compile', compiled: true };
  if (device !== 'cpu') return [{ ...plain, name: 'eager' }, compiled];
  const kept = { ...plain, keepsMemory: true };
  const convolves = kind === 'unet' || kind === 'local';
  return [
    { ...plain, name: 'eager' },
    { ...kept, name: 'eager, memory kept' },
    { ...kept, name: 'eager, memory kept, 1 thread', threads: 1 },
    ...(convolves ? [{ ...kept, name: 'eager, memory kept, channels last', channelsLast: true }] : []),
    { ...compiled, keepsMemory: true, name: 'torch.compile, memory kept' },
    ...(convolves
      ? [
          {
            ...compiled,
            keepsMemory: true,
            channelsLast: true,
            name: 'torch.compile, memory kept, channels last',
          },
        ]
      : []),
  ];
}

/**
 * Starts PyTorch and sets it up with the weights and the batch of a file that the engine wrote.
 * @throws Error if PyTorch refuses the setup, or computes another loss or gradient than the engine.
 */
async function openTwinProcess(
  plan: BenchPlan,
  twin: TwinInfo,
  { variant, example }: { variant: TwinVariant; example: string },
): Promise<Contestant> {
  const env = variant.keepsMemory ? keptMemory : {};
  const contestant = startContestant(`PyTorch ${variant.name}`, [twin.python, twinScript], env);
  const scales = pathScales(plan.config.path);
  return setUp(contestant, { ...plan, scales, variant, example, device: twin.device });
}

/**
 * Opens all contestants that can be set up for a plan; `note` receives the reasons of the others. The names of the engine's are
 * those of its kinds, with "memory kept" for the compiled one with the allocator of most variants of PyTorch.
 */
export async function openContestants(
  plan: BenchPlan,
  twin: TwinInfo | null,
  note: (text: string) => void,
): Promise<Contestant[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const example = join(folder, 'example.safetensors');
  const attempts: (() => Promise<Contestant>)[] = [() => openEngineProcess(plan, 'eager')];
  // On a card through WebGPU nothing is compiled.
  if (process.env[backendVariable] !== 'webgpu')
    attempts.unshift(
      () => openEngineProcess(plan, 'compiled'),
      () => openEngineProcess(plan, 'compiled', { name: 'compiled, memory kept', keepsMemory: true }),
    );
  const opened: Contestant[] = [];
  try {
    if (twin) {
      const writer = await openEngineProcess(plan, 'eager');
      await writer.ask({ example: { path: example } }).finally(() => writer.close());
      for (const variant of listVariants(plan.config.field.kind, twin.device))
        attempts.push(() => openTwinProcess(plan, twin, { variant, example }));
    }
    // One after the other: several that check themselves at once need the memory of all.
    for (const open of attempts) {
      try {
        opened.push(await open());
      } catch (error) {
        note(`${plan.config.preset}: ${describeError(error)}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return opened;
}

async function setUp(contestant: Contestant, setup: object): Promise<Contestant> {
  try {
    await contestant.ask({ setup });
    return contestant;
  } catch (error) {
    contestant.close();
    throw new Error(`${contestant.name} is left out: ${describeError(error)}`, { cause: error });
  }
}

const interpreterVariable = 'SPARSE_FIELD_LAB_PYTHON';
const versionProgram =
  'import torch; print(torch.__version__, torch.cuda.is_available(), torch.backends.mps.is_available())';

/**
 * Finds a Python with PyTorch on the same kind of device as the engine, so that networks are compared and not processors:
 * the interpreter that SPARSE_FIELD_LAB_PYTHON names, or else python3. Returns the reason if there is none.
 */
export async function findTwin(device: 'CPU' | 'GPU'): Promise<TwinInfo | string> {
  const python = process.env[interpreterVariable] ?? 'python3';
  const answer = await runCommand(python, ['-c', versionProgram], { limit: 120_000 });
  if (!answer.isOk) {
    const reason = lastLine(answer.stderr) || answer.failure;
    return `${python} has no PyTorch (${reason}); ${interpreterVariable} names another interpreter`;
  }
  const [version, hasCuda, hasMps] = lastLine(answer.stdout).split(' ');
  if (device === 'CPU') return { python, version, device: 'cpu' };
  if (hasCuda === 'True') return { python, version, device: 'cuda' };
  if (hasMps === 'True') return { python, version, device: 'mps' };
  return `the engine runs on the GPU and PyTorch ${version} finds none`;
}

/** A request to a process; the first one is `setup`. */
type Request = Readonly<Record<string, object>>;

export interface Contestant {
  readonly name: string;
  /** Sends a request. @throws Error with the message of the process if it fails. */
  ask<Answer extends object>(request: Request): Promise<Answer>;
  close(): void;
}

/** Number of lines of stderr that are kept to explain why a process ended. */
const keptLines = 20;

/** Starts a program; `env` extends the environment of this process. */
export function startContestant(
  name: string,
  program: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Contestant {
  const child = spawn(program[0], program.slice(1), { env: { ...process.env, ...env }, windowsHide: true });
  const readAnswer = createReader(child);
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('close', () => void process.off('exit', end));
  return {
    name,
    async ask<Answer extends object>(request: Request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const answer = JSON.parse(await readAnswer()) as Answer | { readonly error: string };
      if ('error' in answer) throw new Error(answer.error);
      return answer;
    },
    close: end,
  };
}

/** Returns a function that reads the next line with a JSON object; libraries may print other lines. */
function createReader(child: ChildProcessWithoutNullStreams): () => Promise<string> {
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const errorLines: string[] = [];
  createInterface(child.stderr).on('line', (line) => {
    errorLines.push(line);
    if (errorLines.length > keptLines) errorLines.shift();
  });
  const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const failed = new Promise<never>((_, reject) => void child.once('error', reject));
  // The next request reports a process that ends between two requests.
  failed.catch(() => undefined);
  child.stdin.on('error', () => undefined);
  return async () => {
    for (;;) {
      const { value, done } = await Promise.race([lines.next(), failed]);
      if (!done && value.startsWith('{')) return value;
      if (!done) continue;
      await Promise.race([closed, failed]);
      const text = errorLines.join('\n');
      throw new Error(`its process ended (${findErrorMessage(text) || lastLine(text) || 'without output'})`);
    }
  };
}
