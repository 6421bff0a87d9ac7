/** The sweep that New run describes: its specification, its plan, and its start. */

import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue';
import { request } from '../../api/client.ts';
import { titleOf } from '../../../shared/sweep/expandSweep.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import type { SweepPlan } from '../../../shared/sweep/sweepViews.ts';
import { type CheckedSweep, checkSweep } from '../../models/sweeps/sweepForm.ts';
import { clusterFields } from '../../models/sweeps/clusterForm.ts';
import { useClusterStore } from '../../stores/sweeps/cluster.ts';
import { useNewRunStore } from '../../stores/runs/newRun.ts';
import { useSweepFormStore } from '../../stores/sweeps/sweepForm.ts';
import { useOpenResult } from '../frame/useOpenResult.ts';
import { useInactiveParameters } from '../newRun/useInactiveParameters.ts';
import { useSettledAnswer } from '../newRun/useSettledAnswer.ts';
import type { Obstacle, UseStartRunReturn } from '../newRun/useStartRun.ts';

export interface UseNewSweepReturn extends UseStartRunReturn {
  readonly checked: ComputedRef<CheckedSweep>;
  /** The newest plan; null before the first and after a refusal. */
  readonly plan: Readonly<ShallowRef<SweepPlan | null>>;
  /** Why there is no plan; null if nothing failed. */
  readonly problem: Readonly<ShallowRef<string | null>>;
  /** Whether the plan belongs to earlier inputs. */
  readonly isStale: ComputedRef<boolean>;
  /** Text of the button that starts it: `Start 24 runs`. */
  readonly label: ComputedRef<string>;
}

/** The prefix of the IDs of this form's fields, and of the paths of its obstacles. */
export const varyPrefix = 'vary-';

/** @param ofRun What prevents a single run, and so every run of the sweep. */
export function useNewSweep(ofRun: ComputedRef<readonly Obstacle[]>): UseNewSweepReturn {
  const newRun = useNewRunStore();
  const sweepForm = useSweepFormStore();
  const cluster = useClusterStore();
  const openResult = useOpenResult();
  const inactive = useInactiveParameters();
  const isStarting = shallowRef(false);
  const error = shallowRef<unknown>(null);
  const checked = computed(() =>
    checkSweep({
      form: sweepForm.form,
      config: newRun.checked.config,
      name: newRun.form.name,
      tags: newRun.form.tags,
      inactive: inactive.value,
    }),
  );
  const question = computed(() => {
    const { datasetId } = newRun.form;
    const { spec } = checked.value;
    return sweepForm.form.isOpen && spec && datasetId !== null ? { spec, datasetId } : null;
  });
  const {
    answer: plan,
    problem,
    isStale,
  } = useSettledAnswer(question, (asked) => request('sweeps.plan', asked));
  const ofSweep = useOwnObstacles(checked, () => (question.value === null ? null : problem.value));
  const obstacles = computed(() => [...ofRun.value, ...ofSweep.value]);

  async function start(then: 'start' | 'keep') {
    const { spec } = checked.value;
    const { datasetId } = newRun.form;
    if (isStarting.value || obstacles.value.length > 0 || !spec || datasetId === null) return;
    const { startingPoint } = newRun;
    const options = sweepForm.form.place === 'cluster' ? cluster.checked.options : null;
    isStarting.value = true;
    error.value = null;
    let created: string | null = null;
    try {
      await openResult(async () => {
        const made = await request('sweeps.create', { spec, datasetId, then: options ? 'keep' : then });
        newRun.forget(startingPoint);
        sweepForm.forget();
        created = made.id;
        return {
          to: `/sweeps/${made.id}`,
          message: `The sweep “${made.name}” has been ${then === 'start' && !options ? 'started' : 'created'}.`,
        };
      });
      // It takes as long as the cluster needs; the page of the sweep shows how it goes.
      if (options && then === 'start' && created !== null) void cluster.submit(created, options);
    } catch (failure) {
      error.value = failure;
    } finally {
      isStarting.value = false;
    }
  }
  return {
    checked,
    plan,
    problem,
    isStale: computed(() => isStale.value || question.value === null),
    obstacles,
    isStarting,
    error,
    start,
    label: computed(() => {
      const verb = sweepForm.form.place === 'cluster' ? 'Submit' : 'Start';
      return plan.value ? `${verb} ${formatPlural(plan.value.members, 'run')}` : `${verb} the sweep`;
    }),
  };
}

/** @param problem Why the main side refuses the sweep; null if it does not. */
function useOwnObstacles(
  checked: ComputedRef<CheckedSweep>,
  problem: () => string | null,
): ComputedRef<readonly Obstacle[]> {
  const newRun = useNewRunStore();
  const sweepForm = useSweepFormStore();
  const cluster = useClusterStore();
  const place = `${varyPrefix}add`;
  return computed(() => {
    const { run } = newRun.startingPoint;
    const fields = checked.value.faults.map(({ path, message }) => ({
      path: `${varyPrefix}${path}`,
      title: titleOfField(path, sweepForm.form.axes),
      message,
    }));
    const branch = 'A sweep trains every run from scratch. Start from the run instead of its checkpoint.';
    const isBranch = run !== null && run.branchStep !== null;
    const refusal = fields.length === 0 ? problem() : null;
    const jobs = sweepForm.form.place === 'cluster' ? cluster.checked.faults : [];
    return [
      ...(isBranch ? [{ path: place, title: 'Starting weights', message: branch }] : []),
      ...fields,
      ...jobs.map(({ path, message }) => ({
        path: `${varyPrefix}cluster.${path}`,
        title: clusterFields.find(({ field }) => field === path)?.title ?? path,
        message,
      })),
      ...(refusal === null ? [] : [{ path: place, title: 'Varied parameters', message: refusal }]),
    ];
  });
}

const titles: Readonly<Record<string, string>> = {
  add: 'Varied parameters',
  seeds: 'Seeds',
  count: 'Number of settings',
  amount: 'Budget of every run',
  images: 'Test images',
  samples: 'Samples',
  row: 'Result',
  eta: 'Fraction that continues',
  minimum: 'First budget',
  name: 'Name',
};

function titleOfField(
  path: string,
  axes: readonly { readonly parameters: readonly { readonly path: string }[] }[],
): string {
  const [section, index, , place] = path.split('.');
  if (section !== 'axes') return titles[section] ?? section;
  const { parameters } = axes[Number(index)];
  return titleOf((parameters[Number(place ?? 0)] ?? parameters[0]).path);
}
