/** The contest for one preset: all contestants take turns in training, then in sampling. */

import { describeError } from '../../shared/text/describeError.ts';
import { type Contestant, openContestants } from './contestants.ts';
import type { Times } from './engine/session.ts';
import type { TwinInfo } from './machine.ts';
import { type BenchPlan, evaluationCounts } from './plan.ts';
import type { ProductSpeed } from './engine/work.ts';
import { repetitionsFor, type RoundOptions, takeTurns } from './rounds.ts';
import type { Measurement } from './report.ts';

export interface ContestOptions extends RoundOptions {
  readonly twin: TwinInfo | null;
  /** Receives messages about progress and failures. */
  readonly note: (text: string) => void;
}

export interface ContestResult {
  readonly measurements: readonly Measurement[];
  /** Speeds of a plain product between the measurements, because the speed of the machine may drift. */
  readonly products: readonly ProductSpeed[];
}

/** Returns the milliseconds of each of `count` repetitions. */
type Exercise = (contestant: Contestant, count: number) => Promise<readonly number[]>;

interface Contest extends ContestOptions {
  readonly plan: BenchPlan;
  /** Contestants that have not failed yet. */
  readonly alive: Set<Contestant>;
  readonly products: ProductSpeed[];
}

/** Number of calls before the measurement: the first one traces or compiles, the last one shows the cost of a repetition. */
const warmUps = 2;

/** Measures a training step, then sampling with each number of evaluations. */
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
    const answer = await contestant.ask<{ megabytes: number | null }>({ memory: {} });
    if (answer.megabytes !== null) megabytes.set(contestant.name, answer.megabytes);
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

/** Returns the milliseconds that a repetition takes the fastest contestant. */
async function warmUp(contest: Contest, what: string, exercise: Exercise): Promise<number> {
  let fastest = Infinity;
  for (const contestant of contest.alive) {
    const patience = contestant.name.includes('torch.compile') ? '; this may take a minute' : '';
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

/** Returns the milliseconds of each round by the name of the contestant. */
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
  // Graphs give an operation one thread, but the product should use all of them.
  const engine = [...alive].find(({ name }) => name === 'eager');
  if (engine) products.push(await engine.ask<ProductSpeed>({ product: {} }));
}

function leaveOut({ alive, plan, note }: Contest, contestant: Contestant, error: unknown): void {
  alive.delete(contestant);
  contestant.close();
  note(`${plan.config.preset}: ${contestant.name} is left out from here on: ${describeError(error)}`);
}
