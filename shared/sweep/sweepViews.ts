/** Sweeps as pages and terminals show them: the list, one sweep with its members, and a plan before it starts. */

import type { RunStatus } from '../run.ts';
import type { TimeEstimate } from '../text/timeRange.ts';
import type { SweepAnalysis } from './analyseSweep.ts';
import type {
  RungScore,
  SweepPlace,
  SweepRung,
  SweepSpec,
  SweepState,
  SweptMetric,
  SweptValue,
} from './sweep.ts';

export const memberStates = [
  /** Not started. */
  'planned',
  /** Being computed, or in the middle of it and to be continued. */
  'active',
  /** Scored at a rung; it continues if it is among the best there. */
  'waiting',
  /** Was not among the best of a rung; `stopReason` says how it ranked. */
  'stopped early',
  /** Scored with its whole budget. */
  'done',
  /** Paused or stopped, by itself or with its sweep: it continues when it or the sweep is resumed. */
  'paused',
  /** Its loss stopped being a number. */
  'diverged',
  /** Its process or its evaluation failed; `lab sweep retry` tries it again. */
  'failed',
] as const;
export type MemberState = (typeof memberStates)[number];

/** A member with what is known of its run. */
export interface SweepMemberView {
  readonly index: number;
  /** Members of one setting differ in their seed only. */
  readonly setting: number;
  /** Values of the varied parameters by their paths. */
  readonly values: Readonly<Record<string, SweptValue>>;
  readonly seed: number;
  readonly name: string;
  readonly state: MemberState;
  /** null: it has no run yet, or the run was deleted. */
  readonly runId: string | null;
  readonly status: RunStatus | null;
  readonly step: number;
  /** Of the budget, 0 to 1; null while unknown. */
  readonly fraction: number | null;
  /** Training seconds. */
  readonly processSeconds: number;
  /** By rung, ascending. */
  readonly rungs: readonly Pick<RungScore, 'rung' | 'step' | 'score'>[];
  /** With the whole budget; null: not scored with it. */
  readonly score: number | null;
  readonly nfe: number | null;
  /** Why it was stopped early, failed or is left alone; null otherwise. */
  readonly reason: string | null;
}

/** The place of a run in its sweep. */
export interface SweepMembership extends Pick<SweepMemberView, 'index' | 'values' | 'seed' | 'state'> {
  readonly sweepId: string;
  readonly name: string;
  /** Runs of the sweep. */
  readonly members: number;
  readonly metric: SweptMetric;
  /** Place of its score among those of the sweep, from 1; runs with equal scores share one. null: not scored. */
  readonly rank: number | null;
  /** Runs with a score. */
  readonly scored: number;
}

/** A sweep in the list. */
export interface SweepSummary {
  readonly id: string;
  readonly name: string;
  readonly state: SweepState;
  readonly place: SweepPlace;
  readonly error: string | null;
  readonly createdAt: string;
  readonly metric: SweptMetric;
  /** Numbers of members by state. */
  readonly members: Readonly<Record<MemberState, number>>;
  /** Varied parameters, and the number of settings and seeds. */
  readonly paths: readonly string[];
  readonly settings: number;
  readonly seeds: number;
}

export interface SweepDetail extends SweepSummary {
  readonly spec: SweepSpec;
  readonly rungs: readonly SweepRung[];
  readonly list: readonly SweepMemberView[];
  readonly analysis: SweepAnalysis;
}

/** A dry run: what a sweep would compute, and its cost. */
export interface SweepPlan {
  readonly members: number;
  readonly settings: number;
  readonly seeds: number;
  readonly rungs: readonly SweepRung[];
  /** The first 1000 members, in the order of their numbers. */
  readonly list: readonly Pick<SweepMemberView, 'index' | 'setting' | 'values' | 'seed' | 'name'>[];
  /** Of all members, `lanes` at a time, with evaluations; with halving, as if every rung kept its best 1/eta. */
  readonly time: TimeEstimate;
  readonly lanes: number;
  /** Checkpoints of all members that are kept. */
  readonly bytes: number;
  /** Bytes free on the disk of the data folder; null if unknown. */
  readonly freeBytes: number | null;
  /** What the user should know before it starts. */
  readonly warnings: readonly string[];
}
