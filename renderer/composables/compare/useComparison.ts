/** State that all tabs of a comparison have in common: the chosen protocol and results, groups, and the colours of the runs. */

import { computed, ref, type ComputedRef, type Ref } from 'vue';
import { useTheme } from 'vuetify';
import type { ComparedRun } from '../../../shared/comparison/comparison.ts';
import { commonProtocols, type ProtocolGroup } from '../../../shared/comparison/commonProtocols.ts';
import type { NamedStyle } from '../../../shared/comparison/comparisonCharts.ts';
import {
  type ComparedGroup,
  describeGroups,
  groupComparedRuns,
  type GroupResult,
  groupResults,
  protocolOf,
  representGroups,
} from '../../../shared/comparison/comparisonOfGroups.ts';
import { comparisonOfRuns, type ComparisonOfRuns } from '../../../shared/comparison/comparisonOfRuns.ts';
import { comparisonVerdict } from '../../../shared/comparison/comparisonVerdict.ts';
import { assignRunStyles } from '../../../shared/charts/runColours.ts';
import { type Grouping, pageWords } from '../../../shared/runGroups.ts';

/** A comparison of groups of runs. */
export interface GroupedComparison {
  readonly by: Grouping;
  readonly groups: readonly ComparedGroup[];
  /** Those of which a run was evaluated by the protocol. */
  readonly results: readonly GroupResult[];
}

export interface UseComparisonReturn {
  /** Every compared run. */
  readonly all: ComputedRef<readonly ComparedRun[]>;
  /** The runs that are shown one by one: of each group one, which has the name of its group. */
  readonly runs: ComputedRef<readonly ComparedRun[]>;
  /** null: each run is compared by itself. */
  readonly grouped: ComputedRef<GroupedComparison | null>;
  /** Protocols with the most runs first. */
  readonly groups: ComputedRef<readonly ProtocolGroup[]>;
  /** The current protocol; null if no run was evaluated. */
  readonly group: ComputedRef<ProtocolGroup | null>;
  readonly chosenKey: Ref<string | null>;
  readonly comparison: ComputedRef<ComparisonOfRuns | null>;
  /** The result that represents each run; undefined: the default. */
  readonly chosenResult: Ref<string | undefined>;
  readonly verdict: ComputedRef<{ readonly leaderId: string | null; readonly text: string } | null>;
  /** Runs without an evaluation with the protocol. */
  readonly missing: ComputedRef<readonly ComparedRun[]>;
  styleOf(runId: string): NamedStyle;
}

export function useComparison(
  read: () => readonly ComparedRun[],
  readGrouping: () => Grouping | null = () => null,
): UseComparisonReturn {
  const theme = useTheme();
  const chosenKey = ref<string | null>(null);
  const chosenResult = ref<string>();
  const all = computed(read);
  const groups = computed(() => commonProtocols(all.value));
  const group = computed(
    () => groups.value.find(({ key }) => key === chosenKey.value) ?? groups.value.at(0) ?? null,
  );
  const grouped = computed((): GroupedComparison | null => {
    const by = readGrouping();
    if (by === null) return null;
    const found = groupComparedRuns(all.value, by, pageWords);
    const protocol = group.value;
    const results = protocol
      ? groupResults(found, comparisonOfRuns(all.value, protocol, chosenResult.value))
      : [];
    return { by, groups: found, results };
  });
  const runs = computed(() =>
    grouped.value ? representGroups(grouped.value.groups, group.value) : all.value,
  );
  const comparison = computed(() => {
    if (!group.value) return null;
    const protocol = grouped.value ? protocolOf(group.value, runs.value) : group.value;
    return protocol.members.length > 0 ? comparisonOfRuns(runs.value, protocol, chosenResult.value) : null;
  });
  const verdict = computed(() => {
    if (grouped.value) {
      const text = describeGroups(grouped.value.results);
      return text === null ? null : { leaderId: null, text };
    }
    return comparison.value && comparisonVerdict(runs.value, comparison.value);
  });
  const styles = computed(() => assignRunStyles(runs.value.map(({ summary }) => summary.id)));
  return {
    all,
    runs,
    grouped,
    groups,
    group,
    chosenKey,
    comparison,
    chosenResult,
    verdict,
    missing: computed(() =>
      all.value.filter(({ summary }) => !group.value?.members.some(({ runId }) => runId === summary.id)),
    ),
    styleOf(runId) {
      const style = styles.value.get(runId);
      const name = runs.value.find(({ summary }) => summary.id === runId)?.summary.name ?? runId;
      const { dark, light, dash } = style ?? { dark: '#c3cdd6', light: '#4d5761', dash: [] };
      return { name, colour: theme.current.value.dark ? dark : light, dash };
    },
  };
}
