/** The studio's keys. */

import { mdiBrush, mdiInvertColors, mdiPlay, mdiRedo, mdiUndo } from '@mdi/js';
import type { Command } from '../../models/frame/command.ts';
import { useKeys } from '../frame/useKeys.ts';
import type { MaskEditor } from '../../stores/maskEditor.ts';
import type { UseMaskActionsReturn } from './useMaskActions.ts';
import { studioTools, type StudioTool, type UseStudioToolsReturn } from './useStudioTools.ts';
import type { UseStudioViewReturn } from './useStudioView.ts';

export interface StudioCommandOptions {
  readonly editor: MaskEditor;
  readonly tools: UseStudioToolsReturn;
  readonly view: UseStudioViewReturn;
  readonly actions: UseMaskActionsReturn;
  start(): void;
}

const group = 'Images' as const;

export function useStudioCommands(options: StudioCommandOptions): void {
  const { actions, start } = options;
  useKeys([
    ...toolCommands(options),
    ...stepCommands(options),
    ...zoomCommands(options),
    {
      id: 'mask.invert',
      label: 'Invert the mask',
      group,
      keys: ['I'],
      icon: mdiInvertColors,
      run: actions.invert,
    },
    { id: 'startRun', label: 'Fill in the picture', group, keys: ['Mod+Enter'], icon: mdiPlay, run: start },
  ]);
}

const toolNames: Readonly<Record<StudioTool, readonly [key: string, label: string]>> = {
  brush: ['B', 'Mask: take the brush'],
  eraser: ['E', 'Mask: take the eraser'],
  rectangle: ['R', 'Mask: take the rectangle'],
  lasso: ['L', 'Mask: take the lasso'],
  hand: ['H', 'Mask: take the hand'],
};

function toolCommands({ tools }: StudioCommandOptions): Command[] {
  const size = (id: string, label: string, key: string, run: () => void): Command => ({
    ...{ id: `mask.${id}`, label, group, keys: [key], icon: mdiBrush, isRepeating: true, run },
  });
  return [
    ...studioTools.map((tool): Command => {
      const [key, label] = toolNames[tool];
      return { id: `mask.${tool}`, label, group, keys: [key], run: () => void (tools.tool.value = tool) };
    }),
    size('shrink', 'Smaller brush', '[', tools.shrink),
    size('grow', 'Larger brush', ']', tools.grow),
  ];
}

function stepCommands({ editor }: StudioCommandOptions): Command[] {
  return [
    {
      id: 'mask.undo',
      label: 'Undo in the mask',
      group,
      keys: ['Mod+Z'],
      icon: mdiUndo,
      isRepeating: true,
      isEnabled: () => editor.state.value.canUndo,
      run: editor.undo,
    },
    {
      id: 'mask.redo',
      label: 'Redo in the mask',
      group,
      keys: ['Mod+Shift+Z', 'Mod+Y'],
      icon: mdiRedo,
      isRepeating: true,
      isEnabled: () => editor.state.value.canRedo,
      run: editor.redo,
    },
  ];
}

function zoomCommands({ view }: StudioCommandOptions): Command[] {
  const command = (id: string, label: string, keys: readonly string[], run: () => void): Command => ({
    ...{ id: `mask.${id}`, label, group, keys, isOutOfPalette: true, isRepeating: true, run },
  });
  return [
    command('larger', 'Larger', ['+', '='], () => view.zoom(null, 2)),
    command('smaller', 'Smaller', ['-'], () => view.zoom(null, 0.5)),
    command('fit', 'Whole picture', ['0'], view.fit),
  ];
}
