/** The commands of a sweep: start, pause, stop, delete, and what leads from it to other views. */

import {
  mdiCompare,
  mdiDeleteOutline,
  mdiFileChartOutline,
  mdiPause,
  mdiPencilOutline,
  mdiPlay,
  mdiPlusCircleOutline,
  mdiRefresh,
  mdiStop,
} from '@mdi/js';
import { computed, type ComputedRef } from 'vue';
import { useRouter } from 'vue-router';
import { formatPlural } from '../../../shared/text/format.ts';
import type { SweepDetail } from '../../../shared/sweep/sweepViews.ts';
import { compareAddress, fewestCompared } from '../../models/compare/compareAddress.ts';
import type { Command } from '../../models/frame/pageCommand.ts';
import { bestRuns } from '../../models/sweeps/sweepRows.ts';
import { useConfirmStore } from '../../stores/confirm.ts';
import { useSweepsStore } from '../../stores/sweeps.ts';
import { useOpenResult } from '../frame/useOpenResult.ts';

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
  dialogs: { report(): void; rename(): void },
): UseSweepCommandsReturn {
  const leading = useLeadingCommands(detail, dialogs.report);
  const sweeps = useSweepsStore();
  const remove = useDelete(detail);
  const menu = computed((): Command[] => [
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
      id: 'sweep.stop',
      label: 'Stop the sweep',
      hint: 'Stop active runs; they keep what they have',
      icon: mdiStop,
      isEnabled: () => detail().place.kind === 'local' && ['running', 'paused'].includes(detail().state),
      run: () => sweeps.stop(detail().id),
    },
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
  ]);
  return { buttons: computed(() => [...lifeCommands(detail(), sweeps), ...leading.value]), menu };
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

/** Leads from the best settings to other views. */
function useLeadingCommands(detail: () => SweepDetail, report: () => void): ComputedRef<readonly Command[]> {
  const router = useRouter();
  const best = computed(() => bestRuns(detail(), bestShown));
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
