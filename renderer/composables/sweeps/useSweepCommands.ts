/** The commands of a sweep: start, pause, stop, those of a cluster, delete, and what leads from it to other views. */

import {
  mdiCompare,
  mdiDeleteOutline,
  mdiFileChartOutline,
  mdiFileExportOutline,
  mdiPause,
  mdiPencilOutline,
  mdiPlay,
  mdiPlusCircleOutline,
  mdiRefresh,
  mdiSelectCompare,
  mdiServerNetwork,
  mdiStop,
  mdiTrayArrowDown,
} from '@mdi/js';
import { computed, type ComputedRef } from 'vue';
import { useRouter } from 'vue-router';
import { formatPlural } from '../../../shared/text/format.ts';
import type { SweepDetail } from '../../../shared/sweep/sweepViews.ts';
import { compareAddress, fewestCompared } from '../../models/compare/compareAddress.ts';
import type { Command } from '../../models/frame/pageCommand.ts';
import { bestRuns } from '../../models/sweeps/sweepRows.ts';
import { useClusterStore } from '../../stores/sweeps/cluster.ts';
import { useConfirmStore } from '../../stores/confirm.ts';
import { useSweepsStore } from '../../stores/sweeps/sweeps.ts';
import { useOpenResult } from '../frame/useOpenResult.ts';
import { useWhileConnected } from '../frame/useWhileConnected.ts';
import { exportSweep } from '../runs/runFiles.ts';

export interface UseSweepCommandsReturn {
  readonly buttons: ComputedRef<readonly Command[]>;
  readonly menu: ComputedRef<readonly Command[]>;
}

/** The best settings that are compared and shown side by side. */
export const bestShown = 5;

const common = { group: 'Sweep', keys: [] } as const;

/** @param dialogs Opens the dialogs of the view. */
export function useSweepCommands(
  detail: () => SweepDetail,
  dialogs: { report(): void; rename(): void; submit(): void },
): UseSweepCommandsReturn {
  const leading = useLeadingCommands(detail, dialogs.report);
  const sweeps = useSweepsStore();
  const remove = useDelete(detail);
  const onCluster = useClusterCommands(detail, dialogs.submit);
  const whileConnected = useWhileConnected();
  const menu = computed((): Command[] =>
    whileConnected([
      {
        ...common,
        id: 'sweep.rename',
        label: 'Rename the sweep…',
        icon: mdiPencilOutline,
        run: dialogs.rename,
      },
      {
        ...common,
        id: 'sweep.retry',
        label: 'Try failed runs again',
        hint: formatPlural(detail().members.failed, 'failed run'),
        icon: mdiRefresh,
        isEnabled: () => detail().place.kind === 'local' && detail().members.failed > 0,
        run: () => sweeps.retry(detail().id),
      },
      {
        ...common,
        id: 'sweep.export',
        label: 'Export the sweep with its runs',
        hint: 'One file that another installation imports',
        icon: mdiFileExportOutline,
        run: () => void exportSweep(detail().id),
      },
      {
        ...common,
        id: 'sweep.stop',
        label: 'Stop the sweep',
        hint: 'Stop active runs; they keep what they have',
        icon: mdiStop,
        isEnabled: () => detail().place.kind === 'local' && ['running', 'paused'].includes(detail().state),
        run: () => sweeps.stop(detail().id),
      },
      ...onCluster.menu.value,
      {
        ...common,
        id: 'sweep.delete',
        label: 'Delete the sweep',
        icon: mdiDeleteOutline,
        run: () => remove('keep'),
      },
      {
        ...common,
        id: 'sweep.deleteRuns',
        label: 'Delete the sweep with its runs',
        icon: mdiDeleteOutline,
        run: () => remove('trash'),
      },
    ]),
  );
  const buttons = computed(() =>
    whileConnected([...lifeCommands(detail(), sweeps), ...onCluster.buttons.value, ...leading.value]),
  );
  return { buttons, menu };
}

/** Starts, pauses or resumes, as its state allows; a cluster computes without this machine. */
function lifeCommands(
  { id, state, place }: SweepDetail,
  sweeps: ReturnType<typeof useSweepsStore>,
): Command[] {
  if (place.kind !== 'local') return [];
  const start = { ...common, id: 'sweep.start', icon: mdiPlay, run: () => sweeps.start(id) };
  if (state === 'running')
    return [
      {
        ...common,
        id: 'sweep.pause',
        label: 'Pause the sweep',
        caption: 'Pause',
        hint: 'Pause active runs at a checkpoint and start no others',
        icon: mdiPause,
        run: () => sweeps.pause(id),
      },
    ];
  if (state === 'idle') return [{ ...start, label: 'Start the sweep', caption: 'Start' }];
  return state === 'finished' ? [] : [{ ...start, label: 'Resume the sweep', caption: 'Resume' }];
}

/** What can be done with a sweep on a cluster, or to bring one there. */
function useClusterCommands(detail: () => SweepDetail, openForm: () => void): UseSweepCommandsReturn {
  const cluster = useClusterStore();
  const cancel = useCancel(detail);
  const isFree = () => (cluster.view?.work ?? null) === null;
  const isThere = () => detail().place.kind === 'slurm';
  /** Tasks that a retry would submit; unknown before the first answer. */
  const isRetried = () => {
    const { report = null } = cluster.view ?? {};
    if (!report) return detail().state !== 'running';
    return report.counts.failed + report.counts.cancelled + report.counts.planned > 0;
  };
  const collecting = computed((): Command => ({
    ...common,
    id: 'sweep.collect',
    label: 'Collect finished runs now',
    caption: 'Collect now',
    hint: 'Ask the cluster now and import the runs that have finished',
    icon: mdiTrayArrowDown,
    isEnabled: isFree,
    run: () => cluster.collect(detail().id),
  }));
  const retrying = computed((): Command => ({
    ...common,
    id: 'sweep.clusterRetry',
    label: 'Retry failed and cancelled runs on the cluster',
    caption: 'Retry',
    hint: 'Submit again what failed or was cancelled; runs continue from their checkpoints',
    icon: mdiRefresh,
    isEnabled: () => isFree() && isRetried(),
    run: () => cluster.retry(detail().id),
  }));
  const submitting = computed((): Command => ({
    ...common,
    id: 'sweep.submit',
    label: 'Submit to a Slurm cluster…',
    icon: mdiServerNetwork,
    isEnabled: () => !isThere() && detail().state === 'idle' && isFree(),
    run: openForm,
  }));
  /** Whether it could not be submitted. */
  const isRefused = () => !isThere() && !!cluster.view?.problem;
  const menu = computed((): Command[] => [
    ...(isRefused() ? [] : [submitting.value]),
    {
      ...common,
      id: 'sweep.retryWith',
      label: 'Retry with other options…',
      hint: 'Another time limit, memory, partition …',
      icon: mdiServerNetwork,
      isEnabled: () => isThere() && isFree() && isRetried(),
      run: openForm,
    },
    {
      ...common,
      id: 'sweep.cancel',
      label: 'Cancel the tasks on the cluster',
      hint: 'Checkpoints stay there; Retry continues from them',
      icon: mdiStop,
      isEnabled: () => isThere() && isFree() && detail().state === 'running',
      run: cancel,
    },
  ]);
  const buttons = computed(() => {
    if (isThere()) return [collecting.value, retrying.value];
    return isRefused() ? [{ ...submitting.value, caption: 'Submit…' }] : [];
  });
  return { buttons, menu };
}

function useCancel(detail: () => SweepDetail) {
  const confirm = useConfirmStore();
  const cluster = useClusterStore();
  return async () => {
    const { id, name } = detail();
    const isConfirmed = await confirm.ask({
      title: `Cancel “${name}” on the cluster?`,
      text: 'All its tasks end, each with a checkpoint if it can write one. Finished runs stay, and Retry continues the others.',
      confirmLabel: 'Cancel the tasks',
      isDangerous: true,
    });
    if (isConfirmed) await cluster.cancel(id);
  };
}

/** Leads from the best settings to other views. */
function useLeadingCommands(detail: () => SweepDetail, report: () => void): ComputedRef<readonly Command[]> {
  const router = useRouter();
  const best = computed(() => bestRuns(detail(), bestShown));
  const all = computed(() => idsOf(detail().list.filter(({ step }) => step > 0)));
  return computed(() => [
    {
      ...common,
      id: 'sweep.compare',
      label: 'Compare the best settings',
      caption: 'Compare the best',
      hint: `Compare a run of each of the best ${bestShown} settings`,
      icon: mdiCompare,
      isEnabled: () => best.value.length >= fewestCompared,
      run: () => void router.push(compareAddress(idsOf(best.value))),
    },
    {
      ...common,
      id: 'sweep.compareGroups',
      label: 'Compare all settings, with seeds as repeats',
      caption: 'Compare settings',
      hint: 'Compare the settings as groups: intervals and tests over seeds, curves with bands',
      icon: mdiSelectCompare,
      isEnabled: () => all.value.length >= fewestCompared,
      run: () => void router.push(compareAddress(all.value, 'setting')),
    },
    {
      ...common,
      id: 'sweep.newRun',
      label: 'New run from the best setting',
      caption: 'New run from the best',
      icon: mdiPlusCircleOutline,
      isEnabled: () => best.value.length > 0,
      run: () => void router.push({ name: 'newRun', query: { from: idsOf(best.value)[0] } }),
    },
    {
      ...common,
      id: 'sweep.report',
      label: 'Create a report of the sweep',
      caption: 'Report…',
      icon: mdiFileChartOutline,
      isEnabled: () => best.value.length >= fewestCompared,
      run: report,
    },
  ]);
}

function useDelete(detail: () => SweepDetail) {
  const confirm = useConfirmStore();
  const sweeps = useSweepsStore();
  const openResult = useOpenResult();
  return async (runs: 'keep' | 'trash') => {
    const { id, name, list } = detail();
    const made = formatPlural(list.filter(({ runId }) => runId !== null).length, 'run');
    const isConfirmed = await confirm.ask({
      title: `Delete “${name}”?`,
      text:
        runs === 'keep'
          ? `The sweep and its scores are deleted permanently. Its ${made} stay in the list.`
          : `The sweep and its scores are deleted permanently. Its ${made} are moved to the trash.`,
      confirmLabel: 'Delete the sweep',
      isDangerous: true,
    });
    if (!isConfirmed) return;
    await openResult(async () =>
      (await sweeps.remove({ id, runs })) ? { to: { name: 'sweeps' }, message: null } : null,
    );
  };
}

function idsOf(members: readonly { readonly runId: string | null }[]): string[] {
  return members.flatMap(({ runId }) => (runId === null ? [] : [runId]));
}
