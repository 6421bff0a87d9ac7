/** The rows of a sweep's table: settings over their seeds, or every run. */

import type { SettingResult } from '../../../shared/sweep/analyseSweep.ts';
import { statesInOrder } from './sweepTexts.ts';
import { compareScores } from '../../../shared/sweep/sweepScore.ts';
import type { SweptValue } from '../../../shared/sweep/sweep.ts';
import {
  type MemberState,
  type SweepDetail,
  type SweepMemberView,
} from '../../../shared/sweep/sweepViews.ts';

/** A row of either table. */
export interface SweepRow {
  readonly key: string;
  readonly values: Readonly<Record<string, SweptValue>>;
  /** Place among the scored settings, from 1; null: not scored, or a run. */
  readonly rank: number | null;
  /** `2 of 3`, or the seed of a run. */
  readonly seeds: string;
  readonly score: number | null;
  readonly interval: SettingResult['interval'];
  readonly nfe: number | null;
  /** Training seconds, of a setting the mean of its runs that have started. */
  readonly seconds: number | null;
  /** Numbers of members by state, only those above 0. */
  readonly states: readonly (readonly [state: MemberState, count: number])[];
  /** Of the budget, 0 to 1, of active members; null: none is active, or it is unknown. */
  readonly fraction: number | null;
  readonly reason: string | null;
  /** Runs that exist, by member. */
  readonly members: readonly SweepMemberView[];
}

/** `rank` is the order of the analysis; other keys are paths of parameters. */
export interface RowOrder {
  readonly by: string;
  readonly isDescending: boolean;
}

/** Returns one row for each setting that has a member in `list`. */
export function settingRows(
  { analysis }: Pick<SweepDetail, 'analysis'>,
  list: readonly SweepMemberView[],
): SweepRow[] {
  const members = Map.groupBy(list, ({ setting }) => setting);
  let rank = 0;
  return analysis.settings.flatMap((result): SweepRow[] => {
    if (result.mean !== null) rank += 1;
    const own = members.get(result.setting);
    if (!own) return [];
    const active = own.filter(({ state }) => state === 'active' || state === 'paused');
    const begun = own.filter(({ processSeconds }) => processSeconds > 0);
    return [
      {
        key: `setting ${result.setting}`,
        values: result.values,
        rank: result.mean === null ? null : rank,
        seeds: `${result.scored} of ${result.members}`,
        score: result.mean,
        interval: result.interval,
        nfe: result.nfe,
        seconds: result.seconds ?? meanOf(begun.map(({ processSeconds }) => processSeconds)),
        states: countStates(own),
        fraction: meanOf(active.flatMap(({ fraction }) => (fraction === null ? [] : [fraction]))),
        reason: joinReasons(own),
        members: own,
      },
    ];
  });
}

/** Returns one row for each member. */
export function memberRows(list: readonly SweepMemberView[]): SweepRow[] {
  return list.map((member) => ({
    key: `member ${member.index}`,
    values: member.values,
    rank: null,
    seeds: String(member.seed),
    score: member.score,
    interval: null,
    nfe: member.nfe,
    seconds: member.processSeconds > 0 ? member.processSeconds : null,
    states: [[member.state, 1]],
    fraction: member.state === 'active' || member.state === 'paused' ? member.fraction : null,
    reason: describeMember(member),
    members: [member],
  }));
}

/** What the user can do with one run of a sweep that this machine computes. */
export function memberActions(
  { runId, state, status }: Pick<SweepMemberView, 'runId' | 'state' | 'status'>,
  { state: ofSweep, place }: Pick<SweepDetail, 'state' | 'place'>,
): ('pause' | 'resume' | 'stop')[] {
  if (runId === null || place.kind !== 'local' || ofSweep !== 'running') return [];
  if (status === 'running') return ['pause', 'stop'];
  if (state === 'failed') return ['resume'];
  return state === 'paused' ? ['resume', ...(status === 'paused' ? (['stop'] as const) : [])] : [];
}

/** Sorts rows; rows without a value come last in either direction. */
export function sortRows(
  rows: readonly SweepRow[],
  { by, isDescending }: RowOrder,
  spec: SweepDetail['spec'],
): SweepRow[] {
  const sign = isDescending ? -1 : 1;
  const sorted = [...rows];
  if (by === 'rank') {
    // Best first, as scores compare; reversed, those without a score stay last.
    return sorted.sort((one, other) => {
      if (one.score === null || other.score === null)
        return compareScores(one.score, other.score, spec.objective);
      return sign * compareScores(one.score, other.score, spec.objective);
    });
  }
  const valueOf = (row: SweepRow) =>
    by === 'seeds'
      ? row.members[0].seed
      : by === 'nfe'
        ? row.nfe
        : by === 'seconds'
          ? row.seconds
          : row.values[by];
  return sorted.sort((one, other) => sign * compareValues(valueOf(one), valueOf(other), sign));
}

function compareValues(one: SweptValue | undefined, other: SweptValue | undefined, sign: number): number {
  const isMissing = (value: SweptValue | undefined) => value === null || value === undefined;
  if (isMissing(one) || isMissing(other)) return sign * (Number(isMissing(one)) - Number(isMissing(other)));
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one).localeCompare(String(other));
}

function countStates(members: readonly SweepMemberView[]): (readonly [MemberState, number])[] {
  return statesInOrder.flatMap((state) => {
    const count = members.filter((member) => member.state === state).length;
    return count > 0 ? [[state, count] as const] : [];
  });
}

/** Why a member ended before its budget, with its last early score. */
function describeMember({ reason, state }: SweepMemberView): string | null {
  return reason ?? (state === 'diverged' ? 'Its loss or weights became infinite or not a number.' : null);
}

function joinReasons(members: readonly SweepMemberView[]): string | null {
  const reasons = members.flatMap((member) => {
    const reason = describeMember(member);
    return reason === null ? [] : [`Seed ${member.seed}: ${reason}`];
  });
  return reasons.length === 0 ? null : members.length === 1 ? describeMember(members[0]) : reasons.join(' ');
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Returns a run of each of the best settings: that of the first seed that is scored. */
export function bestRuns(
  { analysis, list }: Pick<SweepDetail, 'analysis' | 'list'>,
  count: number,
): SweepMemberView[] {
  return analysis.settings
    .filter(({ mean }) => mean !== null)
    .slice(0, count)
    .flatMap(({ setting }) => {
      const run = list.find(
        (member) => member.setting === setting && member.score !== null && member.runId !== null,
      );
      return run ? [run] : [];
    });
}
