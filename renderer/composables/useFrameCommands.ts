/** The commands that work in every view, and the native menu's way to them. */

import {
  mdiCogOutline,
  mdiFormatListBulleted,
  mdiImageMultipleOutline,
  mdiKeyboardOutline,
  mdiMagnify,
  mdiPause,
  mdiPlus,
  mdiStethoscope,
  mdiThemeLightDark,
  mdiUndo,
} from '@mdi/js';
import { nextTick, onScopeDispose } from 'vue';
import { useRouter } from 'vue-router';
import { listen } from '../api.ts';
import { useCommandsStore } from '../stores/commands.ts';
import { useNoticesStore } from '../stores/notices.ts';
import { useQueueStore } from '../stores/queue.ts';
import { useSettingsStore } from '../stores/settings.ts';
import type { Command } from './command.ts';
import { useKeys } from './useKeys.ts';

export interface FrameDialogs {
  openPalette(): void;
  openKeyList(): void;
}

/** Registers them for as long as the frame lives. */
export function useFrameCommands(dialogs: FrameDialogs): void {
  const commands = useCommandsStore();
  useKeys([...placeCommands(), ...laneCommands(), ...dialogCommands(dialogs), findCommand(), themeCommand()]);
  onScopeDispose(listen('menu.command', (id) => void commands.run(id)));
}

function placeCommands(): Command[] {
  const router = useRouter();
  // What goes wrong on the way is told by the router's own listener.
  const goTo = (path: string) => () => void router.push(path).catch(() => undefined);
  return [
    {
      id: 'newRun',
      label: 'New run',
      group: 'Go to',
      keys: ['Mod+N', 'N'],
      icon: mdiPlus,
      run: goTo('/new'),
    },
    { id: 'runs', label: 'Runs', group: 'Go to', keys: [], icon: mdiFormatListBulleted, run: goTo('/runs') },
    {
      id: 'dataSets',
      label: 'Data sets',
      group: 'Go to',
      keys: [],
      icon: mdiImageMultipleOutline,
      run: goTo('/data'),
    },
    { id: 'doctor', label: 'Doctor', group: 'Go to', keys: [], icon: mdiStethoscope, run: goTo('/doctor') },
    {
      id: 'settings',
      label: 'Settings',
      group: 'Go to',
      keys: ['Mod+,'],
      icon: mdiCogOutline,
      run: goTo('/settings'),
    },
  ];
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
      label: 'List of keys',
      group: 'General',
      keys: ['?'],
      icon: mdiKeyboardOutline,
      run: openKeyList,
    },
  ];
}

function findCommand(): Command {
  const router = useRouter();
  const commands = useCommandsStore();
  return {
    // Views with a search field of their own register the same id; without one the list of runs is searched.
    isEnabled: () => router.currentRoute.value.name !== 'runs',
    id: 'find',
    label: 'Find runs',
    group: 'General',
    keys: ['Mod+F', '/'],
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
