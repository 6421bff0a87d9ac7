/** State that all tabs of a comparison have in common: the chosen protocol and results, and the colours of the runs. */

import { computed, ref, type ComputedRef, type Ref } from 'vue';
import { useTheme } from 'vuetify';
import type { ComparedRun } from '../../../shared/comparison/comparison.ts';
import { commonProtocols, type ProtocolGroup } from '../../../shared/comparison/commonProtocols.ts';
import type { NamedStyle } from '../../../shared/comparison/comparisonCharts.ts';
import { comparisonOfRuns, type ComparisonOfRuns } from '../../../shared/comparison/comparisonOfRuns.ts';
import { comparisonVerdict, type ComparisonVerdict } from '../../../shared/comparison/comparisonVerdict.ts';
import { assignRunStyles } from '../../../shared/charts/runColours.ts';

export interface UseComparisonReturn {
  readonly runs: ComputedRef<readonly ComparedRun[]>;
  /** Protocols with the most runs first. */
  readonly groups: ComputedRef<readonly ProtocolGroup[]>;
  /** The current protocol; null if no run was evaluated. */
  readonly group: ComputedRef<ProtocolGroup | null>;
  readonly chosenKey: Ref<string | null>;
  readonly comparison: ComputedRef<ComparisonOfRuns | null>;
  /** The result that represents each run; undefined: the default. */
  readonly chosenResult: Ref<string | undefined>;
  readonly verdict: ComputedRef<ComparisonVerdict | null>;
  /** Runs without an evaluation with the protocol. */
  readonly missing: ComputedRef<readonly ComparedRun[]>;
  styleOf(runId: string): NamedStyle;
}

export function useComparison(read: () => readonly ComparedRun[]): UseComparisonReturn {
  const theme = useTheme();
  const chosenKey = ref<string | null>(null);
  const chosenResult = ref<string>();
  const runs = computed(read);
  const groups = computed(() => commonProtocols(runs.value));
  const group = computed(
    () => groups.value.find(({ key }) => key === chosenKey.value) ?? groups.value.at(0) ?? null,
  );
  const comparison = computed(() =>
    group.value ? comparisonOfRuns(runs.value, group.value, chosenResult.value) : null,
  );
  const styles = computed(() => assignRunStyles(runs.value.map(({ summary }) => summary.id)));
  return {
    runs,
    groups,
    group,
    chosenKey,
    comparison,
    chosenResult,
    verdict: computed(() => comparison.value && comparisonVerdict(runs.value, comparison.value)),
    missing: computed(() =>
      runs.value.filter(({ summary }) => !group.value?.members.some(({ runId }) => runId === summary.id)),
    ),
    styleOf(runId) {
      const style = styles.value.get(runId);
      const name = runs.value.find(({ summary }) => summary.id === runId)?.summary.name ?? runId;
      const { dark, light, dash } = style ?? { dark: '#c3cdd6', light: '#4d5761', dash: [] };
      return { name, colour: theme.current.value.dark ? dark : light, dash };
    },
  };
}
