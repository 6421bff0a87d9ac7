/** The parameters that have no effect with the values of the form. */

import { computed, type ComputedRef } from 'vue';
import { explainInactive } from '../../../shared/config/activeParameters.ts';
import { listConfigParameters } from '../../../shared/config/configParameters.ts';
import { useDatasetsStore } from '../../stores/datasets.ts';
import { useNewRunStore } from '../../stores/runs/newRun.ts';

/** Returns why each parameter has no effect, by path; those that have one are left out. */
export function useInactiveParameters(): ComputedRef<ReadonlyMap<string, string>> {
  const newRun = useNewRunStore();
  const datasets = useDatasetsStore();
  return computed(() => {
    const source = datasets.entries.find(({ id }) => id === newRun.form.datasetId)?.kind ?? null;
    const values = { valueAt: newRun.valueAt, source };
    return new Map(
      listConfigParameters().flatMap(({ path }) => {
        const reason = explainInactive(path, values);
        return reason === null ? [] : [[path, reason] as const];
      }),
    );
  });
}
