/** The inspector's keys: ways of comparing, blink, steps, zoom. */

import type { ComputedRef } from 'vue';
import type { Command } from '../../composables/command.ts';
import { useKeys } from '../../composables/useKeys.ts';
import { inspectorModes, type UseInspectorReturn } from './useInspector.ts';

export interface InspectorSteps {
  readonly steps: ComputedRef<readonly number[]>;
  bestStep(): number | null;
  move(by: number): void;
  choose(step: number): void;
}

const modeLabels = {
  slider: 'Compare with a slider',
  side: 'Compare side by side',
  difference: 'Show the difference',
} as const;

export function useInspectorKeys(inspector: UseInspectorReturn, at: InspectorSteps): void {
  const group = 'Pictures' as const;
  const modes = inspectorModes.map((mode, index): Command => {
    const run = () => void (inspector.mode.value = mode);
    return { id: `inspector.${mode}`, label: modeLabels[mode], group, keys: [String(index + 1)], run };
  });
  useKeys([...modes, ...stepCommands(at), blinkCommand(inspector)]);
}

function blinkCommand({ isBlinking }: UseInspectorReturn): Command {
  return {
    ...{ id: 'inspector.blink', label: 'Blink between A and B while held', group: 'Pictures' as const },
    ...{ keys: ['`'], isOutOfPalette: true },
    run: () => void (isBlinking.value = true),
    release: () => void (isBlinking.value = false),
  };
}

function stepCommands({ steps, bestStep, move, choose }: InspectorSteps): Command[] {
  const isEnabled = () => steps.value.length > 1;
  const command = (id: string, label: string, key: string, run: () => void): Command => ({
    ...{ id: `inspector.${id}`, label, group: 'Pictures', keys: [key], isEnabled, run },
    ...{ isOutOfPalette: true, isRepeating: true },
  });
  return [
    command('back', 'One preview back', 'ArrowLeft', () => move(-1)),
    command('on', 'One preview on', 'ArrowRight', () => move(1)),
    command('farBack', 'Ten previews back', 'Shift+ArrowLeft', () => move(-10)),
    command('farOn', 'Ten previews on', 'Shift+ArrowRight', () => move(10)),
    command('first', 'First preview', 'Home', () => choose(steps.value[0])),
    command('newest', 'Newest preview', 'End', () => choose(steps.value[steps.value.length - 1])),
    command('best', 'Preview of the best checkpoint', 'B', () => {
      const best = bestStep();
      if (best !== null && steps.value.includes(best)) choose(best);
    }),
  ];
}
