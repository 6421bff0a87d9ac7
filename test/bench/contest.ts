/** One preset's contest: every contestant trains, then samples, in turns. */

import type { Contestant } from './contestant.ts';
import { messageOf, openContestants } from './contestants.ts';
import type { Times } from './engineSession.ts';
import { type BenchPlan, evaluationCounts } from './plan.ts';
import type { ProductSpeed } from './productSpeed.ts';
import { repetitionsFor, type RoundOptions, takeTurns } from './rounds.ts';
import type { Measurement } from './rows.ts';
import type { TwinInfo } from './twin.ts';

export interface ContestOptions extends RoundOptions {
  readonly twin: TwinInfo | null;
  /** Hears what is being done, and what failed. */
  readonly note: (text: string) => void;
}

export interface ContestResult {
  readonly measurements: readonly Measurement[];
  /** Speeds of the plain product between the measurements: the machine's may drift. */
  readonly products: readonly ProductSpeed[];
}

/** Milliseconds of each of `count` repetitions. */
type Exercise = (contestant: Contestant, count: number) => Promise<readonly number[]>;

interface Contest extends ContestOptions {
  readonly plan: BenchPlan;
  /** Those that have not failed yet. */
  readonly alive: Set<Contestant>;
  readonly products: ProductSpeed[];
}

/** The first call traces or compiles, the last one shows the cost of a repetition. */
const warmUps = 2;

/** A training step, then a sampling at each number of evaluations. */
export async function holdContest(plan: BenchPlan, options: ContestOptions): Promise<ContestResult> {
  const contestants = await openContestants(plan, options.twin, options.note);
  const contest: Contest = { ...options, plan, alive: new Set(contestants), products: [] };
  try {
    const training = await train(contest);
    const samplings = await sample(contest);
    return { measurements: [training, ...samplings], products: contest.products };
  } finally {
    contestants.forEach((contestant) => contestant.close());
  }
}

async function train(contest: Contest): Promise<Measurement> {
  const exercise: Exercise = async (contestant, steps) =>
    (await contestant.ask<Times>({ train: { steps } })).milliseconds;
  const cost = await warmUp(contest, 'training', exercise);
  const times = await compete(contest, exercise, cost);
  const megabytes = new Map<string, number>();
  for (const contestant of contest.alive) {
    const answer = await contestant.ask<{ megabytes: number }>({ memory: {} });
    megabytes.set(contestant.name, answer.megabytes);
  }
  await timeProduct(contest);
  return { kind: 'train', nfe: null, batch: contest.plan.config.train.batchSize, times, megabytes };
}

async function sample(contest: Contest): Promise<Measurement[]> {
  const exerciseAt =
    (evaluations: number): Exercise =>
    async (contestant, times) =>
      (await contestant.ask<Times>({ sample: { evaluations, times } })).milliseconds;
  const cost = await warmUp(contest, 'sampling', exerciseAt(1));
  const measurements: Measurement[] = [];
  for (const nfe of evaluationCounts) {
    const times = await compete(contest, exerciseAt(nfe), nfe * cost);
    await timeProduct(contest);
    measurements.push({ kind: 'sample', nfe, batch: contest.plan.images, times, megabytes: new Map() });
  }
  return measurements;
}

/** Milliseconds a repetition takes the fastest contestant. */
async function warmUp(contest: Contest, what: string, exercise: Exercise): Promise<number> {
  let fastest = Infinity;
  for (const contestant of contest.alive) {
    const patience = contestant.name === 'pytorchCompiled' ? '; this may take a minute' : '';
    contest.note(`${contest.plan.config.preset}: warming up ${what}, ${contestant.name}${patience}`);
    try {
      const milliseconds = await exercise(contestant, warmUps);
      fastest = Math.min(fastest, ...milliseconds.slice(-1));
    } catch (error) {
      leaveOut(contest, contestant, error);
    }
  }
  contest.note(`${contest.plan.config.preset}: measuring ${what}`);
  return fastest;
}

/** [round] of each contestant, by name. */
async function compete(
  contest: Contest,
  exercise: Exercise,
  cost: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = await takeTurns(
    [...contest.alive],
    (contestant) => exercise(contestant, repetitionsFor(cost)),
    {
      rounds: contest.rounds,
      onFailure: (contestant, error) => leaveOut(contest, contestant, error),
    },
  );
  return new Map(Array.from(times, ([contestant, rounds]) => [contestant.name, rounds]));
}

async function timeProduct({ alive, products }: Contest): Promise<void> {
  // Graphs give an operation one thread; the product is to show what all of them do.
  const engine = [...alive].find(({ name }) => name === 'eager');
  if (engine) products.push(await engine.ask<ProductSpeed>({ product: {} }));
}

function leaveOut({ alive, plan, note }: Contest, contestant: Contestant, error: unknown): void {
  alive.delete(contestant);
  contestant.close();
  note(`${plan.config.preset}: ${contestant.name} is left out from here on: ${messageOf(error)}`);
}
