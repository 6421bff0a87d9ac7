/** Keyboard shortcuts of the mask studio. */

import { mdiBrush, mdiPlay, mdiRedo, mdiUndo } from '@mdi/js';
import type { Command } from '../../models/frame/pageCommand.ts';
import type { MaskEditor } from '../../stores/inpainting/maskEditor.ts';
import { useKeys } from '../frame/useKeys.ts';
import type { UseViewportReturn } from '../images/useViewport.ts';
import { studioTools, type StudioTool, type UseStudioToolsReturn } from './useStudioTools.ts';

export interface StudioCommandOptions {
  readonly editor: MaskEditor;
  readonly tools: UseStudioToolsReturn;
  readonly viewport: UseViewportReturn;
  start(): void;
}

const group = 'Images' as const;

export function useStudioCommands(options: StudioCommandOptions): void {
  const { start } = options;
  useKeys([
    ...toolCommands(options),
    ...historyCommands(options),
    ...zoomCommands(options),
    { id: 'startRun', label: 'Fill in the image', group, keys: ['Mod+Enter'], icon: mdiPlay, run: start },
  ]);
}

const toolNames: Readonly<Record<StudioTool, readonly [key: string, label: string]>> = {
  brush: ['B', 'Mask: brush'],
  eraser: ['E', 'Mask: eraser'],
  rectangle: ['R', 'Mask: rectangle'],
  lasso: ['L', 'Mask: lasso'],
  hand: ['H', 'Mask: hand'],
};

function toolCommands({ tools }: StudioCommandOptions): Command[] {
  const sizeCommand = (id: string, label: string, key: string, run: () => void): Command => ({
    id: `mask.${id}`,
    label,
    group,
    keys: [key],
    icon: mdiBrush,
    isRepeating: true,
    run,
  });
  return [
    ...studioTools.map((tool): Command => {
      const [key, label] = toolNames[tool];
      return { id: `mask.${tool}`, label, group, keys: [key], run: () => void (tools.tool.value = tool) };
    }),
    sizeCommand('shrink', 'Smaller brush', '[', tools.shrink),
    sizeCommand('grow', 'Larger brush', ']', tools.grow),
  ];
}

function historyCommands({ editor }: StudioCommandOptions): Command[] {
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

function zoomCommands({ viewport }: StudioCommandOptions): Command[] {
  const command = (id: string, label: string, keys: readonly string[], run: () => void): Command => ({
    id: `mask.${id}`,
    label,
    group,
    keys,
    isRepeating: true,
    run,
  });
  return [
    command('larger', 'Zoom in', ['+', '='], () => viewport.zoom(null, 2)),
    command('smaller', 'Zoom out', ['-'], () => viewport.zoom(null, 0.5)),
    command('fit', 'Fit to view', ['0'], viewport.fit),
  ];
}
