/** The inspector's keys: ways of comparing, blink, steps, zoom. */

import type { ComputedRef } from 'vue';
import type { Command } from '../../models/frame/command.ts';
import { useKeys } from '../frame/useKeys.ts';
import type { InspectorMode, UseInspectorReturn } from './useInspector.ts';

export interface InspectorSteps {
  /** What a step is called: `preview`, `state`. */
  readonly noun: string;
  readonly steps: ComputedRef<readonly number[]>;
  move(by: number): void;
  choose(step: number): void;
  /** Absent: none is marked as the best. */
  bestStep?(): number | null;
}

const modeLabels: Readonly<Record<InspectorMode, string>> = {
  slider: 'Compare with a slider',
  side: 'Compare side by side',
  difference: 'Show the difference',
  overview: 'Show all versions',
};

/** @param modes Those that are offered, by the number keys in their order. */
export function useInspectorKeys(
  inspector: UseInspectorReturn,
  modes: readonly InspectorMode[],
  at: InspectorSteps,
): void {
  const group = 'Images' as const;
  const commands = modes.map((mode, index): Command => {
    const run = () => void (inspector.mode.value = mode);
    return { id: `inspector.${mode}`, label: modeLabels[mode], group, keys: [String(index + 1)], run };
  });
  useKeys([...commands, ...stepCommands(at), blinkCommand(inspector)]);
}

function blinkCommand({ isBlinking }: UseInspectorReturn): Command {
  return {
    ...{ id: 'inspector.blink', label: 'Blink between A and B while held', group: 'Images' as const },
    ...{ keys: ['`'], isOutOfPalette: true },
    run: () => void (isBlinking.value = true),
    release: () => void (isBlinking.value = false),
  };
}

function stepCommands({ noun, steps, bestStep, move, choose }: InspectorSteps): Command[] {
  const isEnabled = () => steps.value.length > 1;
  const command = (id: string, label: string, key: string, run: () => void): Command => ({
    ...{ id: `inspector.${id}`, label, group: 'Images', keys: [key], isEnabled, run },
    ...{ isOutOfPalette: true, isRepeating: true },
  });
  const toBest = () => {
    const best = bestStep?.() ?? null;
    if (best !== null && steps.value.includes(best)) choose(best);
  };
  return [
    command('back', `One ${noun} back`, 'ArrowLeft', () => move(-1)),
    command('on', `One ${noun} on`, 'ArrowRight', () => move(1)),
    command('farBack', `Ten ${noun}s back`, 'Shift+ArrowLeft', () => move(-10)),
    command('farOn', `Ten ${noun}s on`, 'Shift+ArrowRight', () => move(10)),
    command('first', `First ${noun}`, 'Home', () => choose(steps.value[0])),
    command('last', `Last ${noun}`, 'End', () => choose(steps.value[steps.value.length - 1])),
    ...(bestStep ? [command('best', `${noun} of the best checkpoint`, 'B', toBest)] : []),
  ];
}
