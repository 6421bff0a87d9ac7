/** Creates the run that the form describes, or lists what prevents it. */

import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue';
import { request } from '../../api/client.ts';
import { findConfigParameter } from '../../../shared/config/configParameters.ts';
import { useDatasetsStore } from '../../stores/datasets.ts';
import { useNewRunStore } from '../../stores/runs/newRun.ts';
import { useOpenResult } from '../frame/useOpenResult.ts';

export interface Obstacle {
  /** Path of the parameter to correct; null: the dataset. */
  readonly path: string | null;
  /** The parameter's title. */
  readonly title: string;
  readonly message: string;
}

export interface UseStartRunReturn {
  /** Problems that prevent creating the run; empty if there are none. */
  readonly obstacles: ComputedRef<readonly Obstacle[]>;
  readonly isStarting: Readonly<ShallowRef<boolean>>;
  /** The error of the last attempt; null if it succeeded. */
  readonly error: Readonly<ShallowRef<unknown>>;
  /** Creates the run, queues it with `start` but not with `keep`, and opens its view. Does nothing while there are obstacles. */
  start(then: 'start' | 'keep'): Promise<void>;
}

export function useStartRun(): UseStartRunReturn {
  const newRun = useNewRunStore();
  const openResult = useOpenResult();
  const isStarting = shallowRef(false);
  const error = shallowRef<unknown>(null);
  const obstacles = useObstacles();

  async function start(then: 'start' | 'keep') {
    const { config } = newRun.checked;
    const { name, tags, datasetId } = newRun.form;
    if (isStarting.value || obstacles.value.length > 0 || !config || datasetId === null) return;
    const { startingPoint } = newRun;
    const { run } = startingPoint;
    const branchFrom = run && run.branchStep !== null ? { runId: run.id, step: run.branchStep } : null;
    isStarting.value = true;
    error.value = null;
    try {
      await openResult(async () => {
        const made = await request('training.create', {
          name,
          config,
          datasetId,
          then,
          branchFrom,
          tags: [...tags],
        });
        newRun.forget(startingPoint);
        return {
          to: `/runs/${made.id}`,
          message: `The run “${name}” has been ${then === 'start' ? 'started' : 'created'}.`,
        };
      });
    } catch (failure) {
      error.value = failure;
    } finally {
      isStarting.value = false;
    }
  }
  return { obstacles, isStarting, error, start };
}

function useObstacles() {
  const newRun = useNewRunStore();
  const datasets = useDatasetsStore();
  return computed<readonly Obstacle[]>(() => {
    const faults = newRun.checked.faults.map(({ path, message }) => ({
      path,
      message,
      title: findConfigParameter(path)?.title ?? path,
    }));
    const chosen = datasets.entries.find(({ id }) => id === newRun.form.datasetId);
    if (chosen?.state === 'ready') return faults;
    const message = chosen
      ? `${chosen.title} is not ready yet. Choose another dataset.`
      : 'Choose a dataset.';
    return [{ path: null, title: 'Dataset', message }, ...faults];
  });
}
