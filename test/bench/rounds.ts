/** Rounds in which contestants take turns: if the speed of a machine drifts, only times measured side by side are comparable. */

import { setTimeout as sleep } from 'node:timers/promises';

export interface RoundOptions {
  /** Number of rounds, or null for as many as fit the budget, up to 7. */
  readonly rounds: number | null;
  /** Milliseconds after which no further round begins unless the number is given; default 25 000. */
  readonly budget?: number;
}

/** One block of work of one contestant: milliseconds of each of its repetitions. */
export type RunBlock<Contestant> = (contestant: Contestant) => Promise<readonly number[]>;

const mostRounds = 7;
const usualBudget = 25_000;
/** Pause in milliseconds, because idle threads of the last contestant spin for a while before they sleep. */
const settleMilliseconds = 150;

/**
 * Returns the median of each block per round for every contestant. The order rotates from round to round. A contestant that fails
 * is left out of the result, and `onFailure` receives the error.
 */
export async function takeTurns<Contestant>(
  contestants: readonly Contestant[],
  runBlock: RunBlock<Contestant>,
  options: RoundOptions & { onFailure: (contestant: Contestant, error: unknown) => void },
): Promise<Map<Contestant, number[]>> {
  const times = new Map<Contestant, number[]>(contestants.map((contestant) => [contestant, []]));
  const startedAt = performance.now();
  for (let round = 0; round < (options.rounds ?? mostRounds) && times.size > 0; round++) {
    if (
      options.rounds === null &&
      round > 0 &&
      performance.now() - startedAt > (options.budget ?? usualBudget)
    )
      break;
    for (const contestant of rotate([...times.keys()], round)) {
      try {
        times.get(contestant)?.push(median(await runBlock(contestant)));
      } catch (error) {
        times.delete(contestant);
        options.onFailure(contestant, error);
      }
      await sleep(settleMilliseconds);
    }
  }
  return times;
}

function rotate<Item>(items: readonly Item[], by: number): Item[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

/** Returns the median. @throws RangeError if there are no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('The median of no values: expected at least one.');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Returns the median of the ratios within each round, or null if either has no rounds. */
export function medianRatio(
  numerators: readonly number[] | undefined,
  denominators: readonly number[] | undefined,
): number | null {
  if (!numerators?.length || !denominators?.length) return null;
  const count = Math.min(numerators.length, denominators.length);
  return median(Array.from({ length: count }, (_, round) => numerators[round] / denominators[round]));
}

/** Returns how often to repeat within a block, so that it takes the fastest contestant about half a second. */
export function repetitionsFor(milliseconds: number): number {
  return Math.max(1, Math.min(20, Math.round(500 / milliseconds)));
}
