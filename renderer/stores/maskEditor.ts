/** A mask that is being edited: its pixels, where they came from, and what can be undone. */

import { shallowRef, type ShallowRef } from 'vue';
import type { DrawnMask } from '../../shared/inpainting.ts';
import type { Size } from '../models/images/viewport.ts';
import { createMaskHistory, findPatch, flipPatch, type MaskPatch } from '../models/maskStudio/maskHistory.ts';
import {
  countKnown,
  isEmpty,
  joinAreas,
  wholeArea,
  type Area,
  type MaskPixels,
  type Painted,
} from '../models/maskStudio/maskShapes.ts';

/** Drawn by a rule, or touched by hand. */
export type MaskSource = DrawnMask | { readonly kind: 'painted' };

export interface MaskState {
  /** Number of known pixels. */
  readonly known: number;
  readonly source: MaskSource;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

export interface MaskEditor {
  /** Changes under the reader's hands: `onChange` tells where. */
  readonly mask: MaskPixels;
  readonly state: Readonly<ShallowRef<MaskState>>;
  /** Part of a stroke. */
  paint(work: (mask: MaskPixels) => Painted): void;
  /** Ends the stroke: all of it is one step to undo. */
  commit(): void;
  /** What the editing begins with: not a step. */
  begin(bytes: Uint8Array, source: MaskSource): void;
  /** Other pixels altogether. Of rules that follow each other only the last is kept as a step. */
  replace(bytes: Uint8Array, source: MaskSource): void;
  undo(): void;
  redo(): void;
  /** Told which pixels changed. Returns what ends it. */
  onChange(listener: (area: Area) => void): () => void;
}

/** About a hundred strokes over all of a large picture. */
const historyBytes = 64 * 2 ** 20;

/**
 * Begins with every pixel known. `opaque` has a 1 for each pixel that can be known; the transparent ones stay hidden
 * whatever is painted. null: all of them can.
 */
export function createMaskEditor(size: Size, opaque: Uint8Array | null = null): MaskEditor {
  const core = createCore(size);
  const { mask, state, show } = core;
  let stroke: Area | null = null;
  const hideTransparent = (area: Area) => (opaque ? hideWhere(mask, opaque, area) : 0);
  hideTransparent(wholeArea(mask));
  core.settled.set(mask.bytes);
  show(state.value.source);

  function commit() {
    if (!stroke) return;
    const source = core.settle(stroke, { kind: 'painted' }, null);
    stroke = null;
    core.tell(nothing, { source });
  }
  return {
    mask,
    state,
    commit,
    onChange: core.onChange,
    paint(work) {
      const { area, gain } = work(mask);
      if (isEmpty(area)) return;
      stroke = joinAreas(stroke, area);
      core.tell(area, { known: state.value.known + gain - hideTransparent(area) });
    },
    begin(bytes, source) {
      mask.bytes.set(bytes);
      hideTransparent(wholeArea(mask));
      core.settled.set(mask.bytes);
      show(source);
    },
    replace(bytes, source) {
      commit();
      mask.bytes.set(bytes);
      hideTransparent(wholeArea(mask));
      // Two rules may draw the same pixels: going back is to name the right one.
      const isOther = source.kind === 'drawn' || state.value.source.kind === 'drawn';
      core.settle(wholeArea(mask), source, isOther ? { area: nothing, bits: new Uint8Array(0) } : null);
      show(source);
    },
    undo() {
      commit();
      core.flip(core.history.undo());
    },
    redo: () => core.flip(core.history.redo()),
  };
}

/** Hides the pixels of an area that are not opaque. Returns how many of them were known. */
function hideWhere({ width, bytes }: MaskPixels, opaque: Uint8Array, area: Area): number {
  let lost = 0;
  for (let row = area.top; row < area.bottom; row++) {
    for (let index = row * width + area.left; index < row * width + area.right; index++) {
      if (opaque[index] === 1 || bytes[index] === 0) continue;
      bytes[index] = 0;
      lost += 1;
    }
  }
  return lost;
}

/** Pixels, steps and listeners, and how they are kept in agreement. */
function createCore(size: Size) {
  const { width, height } = size;
  const mask: MaskPixels = { width, height, bytes: new Uint8Array(width * height).fill(1) };
  /** As it was before the stroke: what the next step is compared with. */
  const settled = mask.bytes.slice();
  const history = createMaskHistory<MaskSource>(historyBytes);
  const listeners = new Set<(area: Area) => void>();
  const state = shallowRef<MaskState>({
    ...{ known: mask.bytes.length, source: { kind: 'painted' }, canUndo: false, canRedo: false },
  });

  function tell(area: Area, change: Partial<MaskState>) {
    const steps = { canUndo: history.undoable > 0, canRedo: history.redoable > 0 };
    state.value = { ...state.value, ...steps, ...change };
    for (const listener of listeners) listener(area);
  }
  /** Makes what changed since the last time a step; answers where the mask is from now. */
  function settle(area: Area, after: MaskSource, ifUnchanged: MaskPatch | null): MaskSource {
    const before = state.value.source;
    const patch = findPatch(settled, mask, area) ?? ifUnchanged;
    const areRules = before.kind === 'drawn' && after.kind === 'drawn';
    if (patch) history[areRules ? 'merge' : 'push'](patch, { before, after });
    copyArea(mask, settled, area);
    return patch ? after : before;
  }
  function flip(step: ReturnType<typeof history.undo>) {
    if (!step) return;
    const gain = flipPatch(mask, step.patch);
    copyArea(mask, settled, step.patch.area);
    tell(step.patch.area, { known: state.value.known + gain, source: step.mark });
  }
  const show = (source: MaskSource) => tell(wholeArea(mask), { known: countKnown(mask.bytes), source });
  const onChange = (listener: (area: Area) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return { mask, settled, history, state, tell, settle, flip, show, onChange };
}

const nothing: Area = { left: 0, top: 0, right: 0, bottom: 0 };

function copyArea({ width, bytes }: MaskPixels, to: Uint8Array, { left, top, right, bottom }: Area): void {
  if (right - left === width) return to.set(bytes.subarray(top * width, bottom * width), top * width);
  for (let row = top; row < bottom; row++)
    to.set(bytes.subarray(row * width + left, row * width + right), row * width + left);
}
