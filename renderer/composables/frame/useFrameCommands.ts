/** The commands that work in every view, from the keyboard, the palette or the native menu. */

import {
  mdiChartTree,
  mdiClipboardOutline,
  mdiCogOutline,
  mdiCompare,
  mdiFileImportOutline,
  mdiFormatListBulleted,
  mdiImageEditOutline,
  mdiImageMultipleOutline,
  mdiImagePlusOutline,
  mdiKeyboardOutline,
  mdiMagnify,
  mdiMapMarkerPath,
  mdiPause,
  mdiPlus,
  mdiSchoolOutline,
  mdiStethoscope,
  mdiThemeLightDark,
  mdiUndo,
} from '@mdi/js';
import { nextTick, onScopeDispose } from 'vue';
import { useRouter } from 'vue-router';
import { listen } from '../../api/client.ts';
import { useImageIntake } from '../imageIntake/useImageIntake.ts';
import { useRunImport } from '../runs/runFiles.ts';
import { canCompare, compareAddress } from '../../models/compare/compareAddress.ts';
import { useComparisonsStore } from '../../stores/comparisons.ts';
import { useCommandsStore } from '../../stores/commands.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useQueueStore } from '../../stores/queue.ts';
import { useSettingsStore } from '../../stores/settings.ts';
import { useTourStore } from '../../stores/tour.ts';
import type { Command } from '../../models/frame/pageCommand.ts';
import { useKeys } from './useKeys.ts';
import { useWhileConnected } from './useWhileConnected.ts';

export interface FrameDialogs {
  openPalette(): void;
  openKeyList(): void;
}

/** Registers the commands while the frame exists. */
export function useFrameCommands(dialogs: FrameDialogs): void {
  const commands = useCommandsStore();
  useKeys([
    ...placeCommands(),
    ...imageCommands(),
    importCommand(),
    ...useWhileConnected()(laneCommands()),
    ...dialogCommands(dialogs),
    tourCommand(),
    findCommand(),
    themeCommand(),
  ]);
  useComparisonCommands();
  onScopeDispose(listen('menu.command', (id) => void commands.run(id)));
}

function placeCommands(): Command[] {
  const router = useRouter();
  // Failures are reported by the router's error handler.
  const goTo = (path: string) => () => void router.push(path).catch(() => undefined);
  const place = { group: 'Go to', keys: [] } as const;
  return [
    { ...place, id: 'newRun', label: 'New run', keys: ['Mod+N', 'N'], icon: mdiPlus, run: goTo('/new') },
    { ...place, id: 'runs', label: 'Runs', icon: mdiFormatListBulleted, run: goTo('/runs') },
    { ...place, id: 'sweeps', label: 'Sweeps', icon: mdiChartTree, run: goTo('/sweeps') },
    {
      ...place,
      id: 'comparisons',
      label: 'Comparisons and reports',
      icon: mdiCompare,
      run: goTo('/compare'),
    },
    { ...place, id: 'yourImages', label: 'Your images', icon: mdiImageEditOutline, run: goTo('/images') },
    { ...place, id: 'datasets', label: 'Datasets', icon: mdiImageMultipleOutline, run: goTo('/data') },
    { ...place, id: 'method', label: 'Method', icon: mdiSchoolOutline, run: goTo('/method') },
    { ...place, id: 'doctor', label: 'Doctor', icon: mdiStethoscope, run: goTo('/doctor') },
    {
      ...place,
      id: 'settings',
      label: 'Settings',
      keys: ['Mod+,'],
      icon: mdiCogOutline,
      run: goTo('/settings'),
    },
  ];
}

/** A command for each saved comparison. */
function useComparisonCommands(): void {
  const router = useRouter();
  const comparisons = useComparisonsStore();
  void comparisons.load();
  useKeys(() =>
    (comparisons.saved ?? []).flatMap(({ id, name, runs, groupBy }): Command[] => {
      const ids = runs.flatMap((run) => (run.name === null ? [] : [run.id]));
      if (!canCompare(ids)) return [];
      return [
        {
          id: `comparison.${id}`,
          label: `Open the comparison “${name}”`,
          group: 'Go to',
          keys: [],
          icon: mdiCompare,
          run: () => void router.push(compareAddress(ids, groupBy)).catch(() => undefined),
        },
      ];
    }),
  );
}

function imageCommands(): Command[] {
  const { choose, paste } = useImageIntake();
  const group = 'Images' as const;
  return [
    {
      id: 'openImages',
      label: 'Open images',
      group,
      keys: ['O', 'Mod+O'],
      icon: mdiImagePlusOutline,
      run: () => choose('files'),
    },
    {
      id: 'openImageFolder',
      label: 'Open a folder of images',
      group,
      keys: [],
      icon: mdiImagePlusOutline,
      run: () => choose('folder'),
    },
    {
      id: 'pasteImage',
      label: 'Paste an image',
      group,
      keys: ['V'],
      icon: mdiClipboardOutline,
      run: paste,
    },
  ];
}

function importCommand(): Command {
  const { choose } = useRunImport();
  return {
    id: 'importRun',
    label: 'Import runs',
    group: 'Runs',
    keys: [],
    icon: mdiFileImportOutline,
    run: choose,
  };
}

function laneCommands(): Command[] {
  const queue = useQueueStore();
  const notices = useNoticesStore();
  return [
    {
      id: 'pauseResume',
      label: 'Pause the active run',
      group: 'Runs',
      keys: ['.'],
      icon: mdiPause,
      isEnabled: () => queue.trainingId !== null,
      run: () => (queue.trainingId ? queue.pause(queue.trainingId) : undefined),
    },
    {
      id: 'undo',
      label: 'Undo',
      group: 'General',
      keys: ['Mod+Z'],
      icon: mdiUndo,
      isEnabled: () => notices.undoable !== null,
      run: () => (notices.undoable ? notices.act(notices.undoable) : undefined),
    },
  ];
}

function dialogCommands({ openPalette, openKeyList }: FrameDialogs): Command[] {
  return [
    {
      id: 'commandPalette',
      label: 'Command palette',
      group: 'General',
      keys: ['Mod+K'],
      isOutOfPalette: true,
      run: openPalette,
    },
    {
      id: 'keys',
      label: 'Keyboard shortcuts',
      group: 'General',
      keys: ['?'],
      icon: mdiKeyboardOutline,
      run: openKeyList,
    },
  ];
}

function tourCommand(): Command {
  const tour = useTourStore();
  return {
    id: 'tour',
    label: 'Take the guided tour',
    group: 'General',
    keys: [],
    icon: mdiMapMarkerPath,
    isEnabled: () => !tour.progress.isOpen,
    run: tour.open,
  };
}

function findCommand(): Command {
  const router = useRouter();
  const commands = useCommandsStore();
  return {
    // Views with a search field register the same ID with Ctrl+F as well; elsewhere that key is left to the browser's search.
    isEnabled: () => router.currentRoute.value.name !== 'runs',
    id: 'find',
    label: 'Find runs',
    group: 'General',
    keys: ['/'],
    icon: mdiMagnify,
    run: async () => {
      await router.push('/runs');
      await nextTick();
      await commands.run('find');
    },
  };
}

function themeCommand(): Command {
  const store = useSettingsStore();
  const next = { system: 'light', light: 'dark', dark: 'system' } as const;
  return {
    id: 'changeTheme',
    label: 'Change theme: system, light, dark',
    group: 'General',
    keys: [],
    icon: mdiThemeLightDark,
    run: () => store.change({ theme: next[store.settings.theme] }),
  };
}
