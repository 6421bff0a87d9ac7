/** The state of a sweep, from what is stored: of each member, and which one is computed next. */

import {
  type ConfiguredMember,
  configureMember,
  listMembers,
  type SweepMember,
} from '../../../shared/sweep/expandSweep.ts';
import {
  chooseNext,
  describeStop,
  type HalvingRule,
  type NextMember,
  type RankedMember,
  rungsOf,
} from '../../../shared/sweep/halving.ts';
import type { ClusterTask } from '../../../shared/sweep/slurm.ts';
import { analyseSweep } from '../../../shared/sweep/analyseSweep.ts';
import { compareScores } from '../../../shared/sweep/sweepScore.ts';
import type { RungScore, SweepRecord, SweepRung } from '../../../shared/sweep/sweep.ts';
import { pathsOf } from '../../../shared/sweep/sweep.ts';
import {
  type MemberState,
  memberStates,
  type SweepDetail,
  type SweepMembership,
  type SweepMemberView,
  type SweepSummary,
} from '../../../shared/sweep/sweepViews.ts';
import { budgetFraction } from '../../../shared/run.ts';
import { findLease, isGivenUp, isLeaseLive } from '../../store/runs/leases.ts';
import { listMemberRuns, listRungScores, type MemberRun } from '../../store/sweeps.ts';
import type { Store } from '../../store/store.ts';

/** Why a sweep does not continue a run: it failed, or the user paused or stopped it by itself. */
export interface LeftAlone {
  readonly state: 'failed' | 'paused';
  readonly reason: string;
}

/** What the process that computes sweeps knows of their runs besides what is stored. */
export interface KnownRuns {
  /** Whether a job of the run is active. */
  isActive(runId: string): boolean;
  /** Why a run is left alone until somebody resumes it; null if it is not. */
  leftAlone(runId: string): LeftAlone | null;
  /** Returns the tasks of a sweep on a cluster, by member; null if nothing is known of them. */
  tasksOf(sweepId: string): readonly ClusterTask[] | null;
}

/** Knows only what is stored. */
export const storedOnly: KnownRuns = { isActive: () => false, leftAlone: () => null, tasksOf: () => null };

export interface MemberFacts {
  readonly member: SweepMember;
  readonly run: MemberRun | null;
  /** Its task on a cluster; null where it has none, and once its run is here. */
  readonly task: ClusterTask | null;
  /** By rung, without gaps. */
  readonly scores: readonly RungScore[];
  readonly state: MemberState;
  /** null: nothing is wrong. */
  readonly reason: string | null;
  readonly ranked: RankedMember;
}

/** A sweep with the facts of all its members. */
export interface SweepFacts {
  readonly sweep: SweepRecord;
  readonly rungs: readonly SweepRung[];
  readonly rule: HalvingRule;
  readonly members: readonly MemberFacts[];
}

export function readSweepFacts(
  { db }: Pick<Store, 'db'>,
  sweep: SweepRecord,
  known: KnownRuns = storedOnly,
): SweepFacts {
  const { spec } = sweep;
  const rungs = rungsOf(spec);
  const rule = { rungs: rungs.length, eta: spec.halving?.eta ?? 1, objective: spec.objective };
  const runs = new Map(listMemberRuns(db, sweep.id).map((run) => [run.member, run]));
  const scores = Map.groupBy(listRungScores(db, sweep.id), ({ member }) => member);
  const isComputed = ({ runId, status }: MemberRun) => {
    if (known.isActive(runId)) return true;
    const lease = status === 'running' && !isGivenUp(runId) ? findLease(db, runId) : undefined;
    return lease !== undefined && isLeaseLive(lease);
  };
  const tasks = sweep.place.kind === 'slurm' ? known.tasksOf(sweep.id) : null;
  const members = listMembers(spec).map((member): MemberFacts => {
    const run = runs.get(member.index) ?? null;
    const own = scores.get(member.index) ?? [];
    const task = tasks?.[member.index];
    if (task && run === null && own.length === 0) return factsOfTask(member, task);
    const isActive = run !== null && isComputed(run);
    const left = run && !isActive ? (known.leftAlone(run.runId) ?? leftByStatus(run, sweep)) : null;
    return factsOfRun({ member, run, scores: own, isActive, left }, rungs.length, sweep);
  });
  return { sweep, rungs, rule, members };
}

/** What is known of a member: its run and its scores, whether a job of it is active, and why it is left alone. */
interface MemberKnowledge extends Pick<MemberFacts, 'member' | 'run' | 'scores'> {
  readonly isActive: boolean;
  readonly left: LeftAlone | null;
}

function factsOfRun(of: MemberKnowledge, rungs: number, sweep: SweepRecord): MemberFacts {
  const { member, run, scores, left } = of;
  const state = stateOf(of, rungs, sweep);
  const progress = progressOf(state, of);
  const ranked = { index: member.index, scores: scores.map(({ score }) => score), progress } as const;
  return {
    member,
    run,
    task: null,
    scores,
    state,
    reason: left?.state === state ? left.reason : null,
    ranked,
  };
}

/** A member whose run is not here: its state is that of its task. */
function factsOfTask(member: SweepMember, task: ClusterTask): MemberFacts {
  const state = stateOfTask(task);
  const progress = state === 'active' ? 'active' : state === 'failed' ? 'failed' : 'idle';
  const ranked = { index: member.index, scores: [], progress } as const;
  const reason = state === 'failed' ? task.message : null;
  return { member, run: null, task, scores: [], state, reason, ranked };
}

function stateOfTask({ status, step }: ClusterTask): MemberState {
  switch (status) {
    case 'failed':
    case 'waiting':
      return status;
    case 'running':
    case 'requeued':
    // Its run is about to be imported.
    case 'done':
      return 'active';
    default:
      return step > 0 ? 'active' : 'planned';
  }
}

function progressOf(
  state: MemberState,
  { isActive, left }: Pick<MemberKnowledge, 'isActive' | 'left'>,
): RankedMember['progress'] {
  if (isActive) return 'active';
  if (left !== null) return 'failed';
  return state === 'active' || state === 'paused' ? 'begun' : 'idle';
}

/** Why a run is not continued as it is. */
function leftByStatus({ status, error }: MemberRun, { state }: SweepRecord): LeftAlone | null {
  if (status === 'crashed') return { state: 'failed', reason: error ?? 'Its process crashed.' };
  return status === 'stopped' && state === 'running' ? { state: 'paused', reason: leftReason(status) } : null;
}

/** Says why a sweep that is computed does not continue a run that the user paused or stopped. */
export function leftReason(status: 'paused' | 'stopped'): string {
  return `It was ${status} by itself; resume it to continue.`;
}

function stateOf(of: MemberKnowledge, rungs: number, { state }: SweepRecord): MemberState {
  const { run, scores } = of;
  const last = scores.at(-1);
  if (last?.score === null) return 'diverged';
  if (last && scores.length === rungs) return 'done';
  if (of.isActive) return 'active';
  if (last && (run === null || run.step <= last.step))
    return state === 'finished' ? 'stopped early' : 'waiting';
  return stateOfUnscored(of, state);
}

/** The state of a member that is neither scored nor computed now. */
function stateOfUnscored({ run, left }: MemberKnowledge, sweep: SweepRecord['state']): MemberState {
  if (left !== null) return left.state;
  if (run === null) return 'planned';
  return run.status === 'paused' && sweep !== 'running' ? 'paused' : 'active';
}

/** What to do next for a member. */
export type NextJob =
  | (NextMember & { readonly kind: 'train'; readonly facts: MemberFacts; readonly pauseAt: SweepRung })
  /** It has reached the rung and has no score there. */
  | (NextMember & { readonly kind: 'score'; readonly facts: MemberFacts });

/** Returns the next job of a sweep; null if nothing is left, or active members have to be scored first. */
export function chooseJob({ members, rule, rungs }: SweepFacts): NextJob | null {
  const next = chooseNext(
    members.map(({ ranked }) => ranked),
    rule,
  );
  if (next === null) return null;
  const facts = members[next.member];
  const rung = rungs[next.rung];
  if (facts.run && hasReached(facts.run, rung)) return { ...next, kind: 'score', facts };
  return { ...next, kind: 'train', facts, pauseAt: next.rung === rungs.length - 1 ? null : rung };
}

/** Whether the run of a member has what it takes to be scored at its next rung. */
export function hasReachedRung({ rungs }: Pick<SweepFacts, 'rungs'>, { run, scores }: MemberFacts): boolean {
  return run !== null && hasReached(run, rungs[scores.length]);
}

function hasReached({ status, step, processSeconds }: MemberRun, rung: SweepRung): boolean {
  if (status === 'finished' || status === 'diverged') return true;
  if (rung === null) return false;
  return 'steps' in rung ? step >= rung.steps : processSeconds >= 60 * rung.minutes;
}

/** Returns the member of a fact with its configuration. */
export function configured({ sweep }: Pick<SweepFacts, 'sweep'>, { member }: MemberFacts): ConfiguredMember {
  return { ...member, config: configureMember(sweep.spec, member) };
}

export function summariseSweep({ sweep, members }: SweepFacts): SweepSummary {
  const { id, name, state, place, error, createdAt, spec } = sweep;
  const counts = Object.fromEntries(
    memberStates.map((each) => [each, members.filter((member) => member.state === each).length]),
  ) as SweepSummary['members'];
  const settings = new Set(members.map(({ member }) => member.setting)).size;
  return {
    id,
    name,
    state,
    place,
    error,
    createdAt,
    metric: spec.objective.metric,
    members: counts,
    paths: spec.axes.flatMap(pathsOf),
    settings,
    seeds: members.length / Math.max(1, settings),
  };
}

export function describeSweep(facts: SweepFacts): SweepDetail {
  const { sweep, rungs, members, rule } = facts;
  const ranked = members.map((member) => member.ranked);
  const list = members.map((each) =>
    viewOf(each, facts, () => describeStop(ranked, each.member.index, { ...rule, budgets: rungs })),
  );
  return {
    ...summariseSweep(facts),
    spec: sweep.spec,
    rungs,
    list,
    analysis: analyseSweep(list, sweep.spec),
  };
}

/** Returns the place of a member in its sweep; null if the sweep has no such member. */
export function describeMembership(
  { sweep, rungs, members }: SweepFacts,
  index: number,
): SweepMembership | null {
  const found = members.at(index);
  if (!found) return null;
  const { objective } = sweep.spec;
  const finalScore = ({ scores }: MemberFacts) => scores.at(rungs.length - 1)?.score ?? null;
  const scored = members.map(finalScore).filter((score) => score !== null);
  const own = finalScore(found);
  const better = scored.filter((score) => own !== null && compareScores(score, own, objective) < 0);
  const { member, state } = found;
  return {
    sweepId: sweep.id,
    name: sweep.name,
    index: member.index,
    values: member.values,
    seed: member.seed,
    state,
    members: members.length,
    metric: objective.metric,
    rank: own === null ? null : better.length + 1,
    scored: scored.length,
  };
}

function viewOf(
  { member, run, task, scores, state, reason }: MemberFacts,
  { rungs, sweep }: SweepFacts,
  stopReason: () => string,
): SweepMemberView {
  const { score = null, nfe = null } = scores.at(rungs.length - 1) ?? {};
  const { budget } = sweep.spec;
  const minutes = budget && 'minutes' in budget ? budget.minutes : null;
  return {
    ...member,
    ...(run ? { ...pickRun(run), fraction: budgetFraction({ ...run, minutes }) } : partOfTask(task)),
    state,
    rungs: scores.map(({ rung, step, score: value }) => ({ rung, step, score: value })),
    score,
    nfe,
    reason: state === 'stopped early' ? stopReason() : reason,
  };
}

type RunPart = Pick<SweepMemberView, 'runId' | 'status' | 'step' | 'fraction' | 'processSeconds'>;

const noRun: RunPart = { runId: null, status: null, step: 0, fraction: null, processSeconds: 0 };

function partOfTask(task: ClusterTask | null): RunPart {
  if (!task) return noRun;
  const { step, totalSteps } = task;
  return { ...noRun, step, fraction: totalSteps ? Math.min(1, step / totalSteps) : null };
}

function pickRun({ runId, status, step, processSeconds }: MemberRun): Omit<RunPart, 'fraction'> {
  return { runId, status, step, processSeconds };
}
