/** The contestants: two configurations of the engine and two of PyTorch, each in its own process. */

import { resolve } from 'node:path';

import { describeError } from '../../shared/text/describeError.ts';
import { type Contestant, startContestant } from './contestant.ts';
import type { EngineSetup } from './engineSession.ts';
import type { BenchPlan } from './plan.ts';
import type { ContestantName, EngineKind } from './report.ts';
import type { TwinInfo } from './twin.ts';

const engineScript = resolve(import.meta.dirname, 'engineProcess.ts');
const twinScript = resolve(import.meta.dirname, 'pytorchTwin.py');

/** @throws Error when the backend does not load as asked. */
export async function openEngineProcess(
  plan: BenchPlan,
  engine: EngineKind,
  name: string = engine,
): Promise<Contestant> {
  const env = { SPARSE_FIELD_LAB_EXECUTION: engine };
  const contestant = startContestant(name, [process.execPath, engineScript], env);
  const setup: EngineSetup = { config: plan.config, engine, images: plan.images };
  return setUp(contestant, setup);
}

/** @throws Error when PyTorch refuses the setup, or its network is not the engine's. */
async function openTwinProcess(plan: BenchPlan, twin: TwinInfo, engine: EngineKind): Promise<Contestant> {
  const name: ContestantName = engine === 'eager' ? 'pytorchEager' : 'pytorchCompiled';
  const contestant = startContestant(name, [twin.python, twinScript]);
  return setUp(contestant, { ...plan, engine, device: twin.device });
}

/** Everything that can be set up for a plan; `note` hears what cannot and why. */
export async function openContestants(
  plan: BenchPlan,
  twin: TwinInfo | null,
  note: (text: string) => void,
): Promise<Contestant[]> {
  const kinds: readonly EngineKind[] = ['compiled', 'eager'];
  const attempts = [
    ...kinds.map((engine) => openEngineProcess(plan, engine)),
    ...(twin ? kinds.map((engine) => openTwinProcess(plan, twin, engine)) : []),
  ];
  const settled = await Promise.allSettled(attempts);
  return settled.flatMap((result) => {
    if (result.status === 'fulfilled') return [result.value];
    note(`${plan.config.preset}: ${messageOf(result.reason)}`);
    return [];
  });
}

async function setUp(contestant: Contestant, setup: object): Promise<Contestant> {
  try {
    await contestant.ask({ setup });
    return contestant;
  } catch (error) {
    contestant.close();
    throw new Error(`${contestant.name} is left out: ${messageOf(error)}`, { cause: error });
  }
}

export function messageOf(error: unknown): string {
  return describeError(error);
}
