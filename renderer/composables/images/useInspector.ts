/** State and keyboard shortcuts of an image inspector: two versions of an image, a comparison mode and a viewport. */

import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import type { Command } from '../../models/frame/pageCommand.ts';
import type { NamedImage, RasterImage } from '../../models/images/rasterImage.ts';
import { errorMap } from '../../models/images/imageError.ts';
import type { Point, Size } from '../../models/images/viewport.ts';
import { useKeys } from '../frame/useKeys.ts';
import { useViewport, type UseViewportReturn } from './useViewport.ts';

/** Comparison modes; `overview` shows all important versions side by side. */
export const inspectorModes = ['slider', 'side', 'difference', 'overview'] as const;
export type InspectorMode = (typeof inspectorModes)[number];

export interface InspectorOptions {
  /** Common size of all versions. */
  readonly size: () => Size;
  /** Returns the image of a version; null if it is not available yet. */
  readonly pick: (version: string) => RasterImage | null;
  /** Initial versions of A and B. */
  readonly left: string;
  readonly right: string;
}

export interface UseInspectorReturn extends Omit<UseViewportReturn, 'reveal'> {
  readonly mode: Ref<InspectorMode>;
  /** Versions A and B. */
  readonly left: Ref<string>;
  readonly right: Ref<string>;
  /** Whether A is shown in place of B. */
  readonly isBlinking: Ref<boolean>;
  /** Position of the slider's divider as a fraction of the width. */
  readonly divider: Ref<number>;
  /** Pixel under the pointer. */
  readonly cursor: ShallowRef<Point | null>;
  readonly leftImage: ComputedRef<RasterImage | null>;
  /** Image of B; that of A while blinking. */
  readonly rightImage: ComputedRef<RasterImage | null>;
  /** Error map of A and B. */
  readonly difference: ComputedRef<RasterImage | null>;
  readonly size: ComputedRef<Size>;
}

export function useInspector(options: InspectorOptions): UseInspectorReturn {
  const left = ref(options.left);
  const right = ref(options.right);
  const isBlinking = ref(false);
  const size = computed(options.size);
  const { view, isFitted, resize, zoom, pan, fit } = useViewport(() => size.value);
  const leftImage = computed(() => options.pick(left.value));
  const chosenRight = computed(() => options.pick(right.value));
  return {
    mode: ref<InspectorMode>('slider'),
    left,
    right,
    isBlinking,
    divider: ref(0.5),
    cursor: shallowRef<Point | null>(null),
    leftImage,
    rightImage: computed(() => (isBlinking.value ? leftImage.value : chosenRight.value)),
    difference: computed(() =>
      leftImage.value && chosenRight.value ? errorMap(chosenRight.value, leftImage.value) : null,
    ),
    size,
    view,
    isFitted,
    resize,
    zoom,
    pan,
    fit,
  };
}

/** Returns the images the inspector shows in every mode except the overview. */
export function shownImages(inspector: UseInspectorReturn, left: string, right: string): NamedImage[] {
  const { leftImage, rightImage, difference, mode } = inspector;
  const all = [
    { name: left, image: leftImage.value },
    { name: right, image: rightImage.value },
    { name: 'Error |A − B|', image: mode.value === 'difference' ? difference.value : null },
  ];
  return all.flatMap(({ name, image }) => (image ? [{ name, image }] : []));
}

interface InspectorSteps {
  /** What a step is called, such as `preview` or `state`. */
  readonly noun: string;
  readonly steps: ComputedRef<readonly number[]>;
  move(by: number): void;
  choose(step: number): void;
  /** Returns the step of the best checkpoint; absent if there cannot be one. */
  bestStep?(): number | null;
}

const modeLabels: Readonly<Record<InspectorMode, string>> = {
  slider: 'Compare with a slider',
  side: 'Compare side by side',
  difference: 'Show the difference',
  overview: 'Show all versions',
};

const group = 'Images' as const;

/** Registers the shortcuts. The number keys select `modes` in their order. */
export function useInspectorKeys(
  inspector: UseInspectorReturn,
  modes: readonly InspectorMode[],
  steps: InspectorSteps,
): void {
  const modeCommands = modes.map((mode, index): Command => {
    return {
      id: `inspector.${mode}`,
      label: modeLabels[mode],
      group,
      keys: [String(index + 1)],
      run: () => void (inspector.mode.value = mode),
    };
  });
  useKeys([...modeCommands, ...stepCommands(steps), blinkCommand(inspector)]);
}

function blinkCommand({ isBlinking }: UseInspectorReturn): Command {
  return {
    id: 'inspector.blink',
    label: 'Blink between A and B while held',
    group,
    keys: ['`'],
    // A command of the palette cannot be held.
    isOutOfPalette: true,
    run: () => void (isBlinking.value = true),
    release: () => void (isBlinking.value = false),
  };
}

function stepCommands({ noun, steps, bestStep, move, choose }: InspectorSteps): Command[] {
  const command = (id: string, label: string, key: string, run: () => void): Command => ({
    id: `inspector.${id}`,
    label,
    group,
    keys: [key],
    isRepeating: true,
    isEnabled: () => steps.value.length > 1,
    run,
  });
  const chooseBest = () => {
    const best = bestStep?.() ?? null;
    if (best !== null && steps.value.includes(best)) choose(best);
  };
  return [
    command('back', `Previous ${noun}`, 'ArrowLeft', () => move(-1)),
    command('on', `Next ${noun}`, 'ArrowRight', () => move(1)),
    command('farBack', `Back ten ${noun}s`, 'Shift+ArrowLeft', () => move(-10)),
    command('farOn', `Forward ten ${noun}s`, 'Shift+ArrowRight', () => move(10)),
    command('first', `First ${noun}`, 'Home', () => choose(steps.value[0])),
    command('last', `Last ${noun}`, 'End', () => choose(steps.value[steps.value.length - 1])),
    ...(bestStep ? [command('best', `Best checkpoint’s ${noun}`, 'B', chooseBest)] : []),
  ];
}
