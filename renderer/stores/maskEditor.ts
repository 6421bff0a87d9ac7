/** The mask that is being edited: its pixels, their source and the undo history. */

import { shallowRef, type ShallowRef } from 'vue';
import type { DrawnMask } from '../../shared/inpainting.ts';
import type { Size } from '../models/images/viewport.ts';
import { createMaskHistory, findPatch, flipPatch, type MaskPatch } from '../models/maskStudio/maskHistory.ts';
import {
  type MaskArea,
  countKnown,
  isEmpty,
  joinAreas,
  type MaskPixels,
  type MaskChange,
  wholeArea,
} from '../models/maskStudio/maskShapes.ts';

/** A generated pattern, painted by hand, or loaded from a file and not painted on since. */
export type MaskSource = DrawnMask | { readonly kind: 'painted'; readonly file?: string };

export interface MaskState {
  /** Number of known pixels. */
  readonly known: number;
  readonly source: MaskSource;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

export interface MaskEditor {
  /** The live pixels, which change in place; `onChange` reports where. */
  readonly mask: MaskPixels;
  readonly state: Readonly<ShallowRef<MaskState>>;
  /** Applies a part of a stroke. */
  paint(work: (mask: MaskPixels) => MaskChange): void;
  /** Ends the stroke, which becomes one step of the history. */
  commit(): void;
  /** Sets the initial pixels without a step in the history. */
  begin(bytes: Uint8Array, source: MaskSource): void;
  /** Replaces all pixels. Consecutive patterns are merged into one step. */
  replace(bytes: Uint8Array, source: MaskSource): void;
  undo(): void;
  redo(): void;
  /** Calls `listener` with each changed area. Returns the function that unsubscribes it. */
  onChange(listener: (area: MaskArea) => void): () => void;
}

/** Memory for about a hundred strokes over a whole large image. */
const historyBytes = 64 * 2 ** 20;

/**
 * Creates an editor with all pixels known.
 * @param opaque One byte per pixel, 1 if it can be known; the others always stay hidden. null if all can be.
 */
export function createMaskEditor(size: Size, opaque: Uint8Array | null = null): MaskEditor {
  const core = createCore(size);
  const { mask, state, show } = core;
  let stroke: MaskArea | null = null;
  const hideTransparent = (area: MaskArea) => (opaque ? hideWhere(mask, opaque, area) : 0);
  hideTransparent(wholeArea(mask));
  core.settled.set(mask.bytes);
  show(state.value.source);

  function commit() {
    if (!stroke) return;
    const source = core.settle(stroke, { kind: 'painted' }, null);
    stroke = null;
    core.notify(nothing, { source });
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
      core.notify(area, { known: state.value.known + gain - hideTransparent(area) });
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
      // Two patterns may have equal pixels; undo must still restore the right source.
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

/** Hides the transparent pixels of an area. Returns how many of them were known. */
function hideWhere({ width, bytes }: MaskPixels, opaque: Uint8Array, area: MaskArea): number {
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

/** Pixels, history and listeners, kept consistent. */
function createCore(size: Size) {
  const { width, height } = size;
  const mask: MaskPixels = { width, height, bytes: new Uint8Array(width * height).fill(1) };
  /** The pixels before the current stroke, which the next step is compared with. */
  const settled = mask.bytes.slice();
  const history = createMaskHistory<MaskSource>(historyBytes);
  const listeners = new Set<(area: MaskArea) => void>();
  const state = shallowRef<MaskState>({
    known: mask.bytes.length,
    source: { kind: 'painted' },
    canUndo: false,
    canRedo: false,
  });

  function notify(area: MaskArea, change: Partial<MaskState>) {
    const steps = { canUndo: history.undoable > 0, canRedo: history.redoable > 0 };
    state.value = { ...state.value, ...steps, ...change };
    for (const listener of listeners) listener(area);
  }
  /** Adds the changes since the last call as a step. Returns the source of the mask afterwards. */
  function settle(area: MaskArea, after: MaskSource, ifUnchanged: MaskPatch | null): MaskSource {
    const before = state.value.source;
    const patch = findPatch(settled, mask, area) ?? ifUnchanged;
    const arePatterns = before.kind === 'drawn' && after.kind === 'drawn';
    if (patch) history[arePatterns ? 'merge' : 'push'](patch, { before, after });
    copyArea(mask, settled, area);
    return patch ? after : before;
  }
  function flip(step: ReturnType<typeof history.undo>) {
    if (!step) return;
    const gain = flipPatch(mask, step.patch);
    copyArea(mask, settled, step.patch.area);
    notify(step.patch.area, { known: state.value.known + gain, source: step.mark });
  }
  const show = (source: MaskSource) => notify(wholeArea(mask), { known: countKnown(mask.bytes), source });
  const onChange = (listener: (area: MaskArea) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return { mask, settled, history, state, notify, settle, flip, show, onChange };
}

const nothing: MaskArea = { left: 0, top: 0, right: 0, bottom: 0 };

function copyArea(
  { width, bytes }: MaskPixels,
  to: Uint8Array,
  { left, top, right, bottom }: MaskArea,
): void {
  if (right - left === width) return to.set(bytes.subarray(top * width, bottom * width), top * width);
  for (let row = top; row < bottom; row++)
    to.set(bytes.subarray(row * width + left, row * width + right), row * width + left);
}

/** Number of editors kept; each holds two masks and a history. */
const capacity = 3;

/** Editors by image, so that leaving an image and coming back loses nothing. */
interface KeptEditors {
  find(imageId: string): MaskEditor | null;
  /** Stores an editor; the least recently used one is dropped. */
  keep(imageId: string, editor: MaskEditor): void;
  /** Drops the editor of an image. */
  drop(imageId: string): void;
  /** Mask that the user keeps for other images of any size. */
  keptMask: MaskPixels | null;
}

export function createKeptEditors(): KeptEditors {
  const editors = new Map<string, MaskEditor>();
  return {
    keptMask: null,
    find: (imageId) => editors.get(imageId) ?? null,
    drop: (imageId) => void editors.delete(imageId),
    keep(imageId, editor) {
      editors.delete(imageId);
      editors.set(imageId, editor);
      for (const oldest of [...editors.keys()].slice(0, Math.max(0, editors.size - capacity)))
        editors.delete(oldest);
    },
  };
}
