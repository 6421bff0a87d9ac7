/** The mask that is being edited: its pixels, their source and the undo history. */

import { shallowRef, type ShallowRef } from 'vue';
import type { DrawnMask } from '../../../shared/inpainting.ts';
import type { Size } from '../../models/images/viewport.ts';
import {
  createMaskHistory,
  findPatch,
  flipPatch,
  type MaskPatch,
} from '../../models/maskStudio/maskHistory.ts';
import { countKnown, joinEqualChannels, type Mask, type MaskValues } from '../../../shared/images/mask.ts';
import {
  type MaskArea,
  isEmpty,
  joinAreas,
  type MaskChange,
  wholeArea,
} from '../../models/maskStudio/maskShapes.ts';

/** A generated pattern, painted by hand, or loaded from a file and not painted on since. */
export type MaskSource = DrawnMask | { readonly kind: 'painted'; readonly file?: string };

export interface MaskState extends Pick<Mask, 'channels'> {
  /** Number of known pixels; of known values where each channel has its own mask. */
  readonly known: number;
  /** Number of all pixels, or values. */
  readonly total: number;
  readonly source: MaskSource;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

export interface MaskEditor {
  /**
   * The live mask, which changes in place; `onChange` reports where. It has three channels as long as they differ, so its
   * bits must not be kept across a change.
   */
  readonly mask: Mask;
  readonly state: Readonly<ShallowRef<MaskState>>;
  /** Applies a part of a stroke. */
  paint(work: (mask: Mask) => MaskChange): void;
  /** Ends the stroke, which becomes one step of the history. */
  commit(): void;
  /** Sets the initial pixels without a step in the history. */
  begin(mask: MaskValues, source: MaskSource): void;
  /** Replaces all pixels. Consecutive patterns are merged into one step. */
  replace(mask: MaskValues, source: MaskSource): void;
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
  core.settle(wholeArea(mask));
  show(state.value.source);

  function commit() {
    if (!stroke) return;
    const source = core.addStep(stroke, { kind: 'painted' }, null);
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
    begin(values, source) {
      core.write(values);
      hideTransparent(wholeArea(mask));
      core.settle(wholeArea(mask));
      show(source);
    },
    replace(values, source) {
      commit();
      core.write(values);
      hideTransparent(wholeArea(mask));
      // Two patterns or files may have equal pixels; undo must still restore the right source.
      const before = state.value.source;
      const isOther = source.kind === 'drawn' || before.kind === 'drawn' || source.file !== before.file;
      const unchanged: MaskPatch = { area: nothing, channels: 1, bits: new Uint8Array(0) };
      core.addStep(wholeArea(mask), source, isOther ? unchanged : null);
      show(source);
    },
    undo() {
      commit();
      core.flip(core.history.undo());
    },
    redo: () => core.flip(core.history.redo()),
  };
}

/** Hides the transparent pixels of an area. Returns how many pixels, or values, of them were known. */
function hideWhere({ width, channels, bits }: Mask, opaque: Uint8Array, area: MaskArea): number {
  let lost = 0;
  for (let row = area.top; row < area.bottom; row++) {
    for (let pixel = row * width + area.left; pixel < row * width + area.right; pixel++) {
      if (opaque[pixel] === 1) continue;
      for (let index = pixel * channels; index < (pixel + 1) * channels; index++) {
        lost += bits[index];
        bits[index] = 0;
      }
    }
  }
  return lost;
}

/** Pixels, history and listeners, kept consistent. */
function createCore(size: Size) {
  const { width, height } = size;
  let current: MaskValues = { channels: 1, bits: new Uint8Array(width * height).fill(1) };
  /** The bits before the current stroke, which the next step is compared with; as many as those of the mask. */
  let settled: Uint8Array = current.bits.slice();
  const mask: Mask = {
    width,
    height,
    get channels() {
      return current.channels;
    },
    get bits() {
      return current.bits;
    },
  };
  const history = createMaskHistory<MaskSource>(historyBytes);
  const listeners = new Set<(area: MaskArea) => void>();
  const state = shallowRef<MaskState>({
    channels: 1,
    known: mask.bits.length,
    total: mask.bits.length,
    source: { kind: 'painted' },
    canUndo: false,
    canRedo: false,
  });

  function notify(area: MaskArea, change: Partial<MaskState>) {
    const steps = { canUndo: history.undoable > 0, canRedo: history.redoable > 0 };
    const { channels, bits } = mask;
    const isOther = channels !== state.value.channels;
    // The unit of what is counted has changed.
    const counted = isOther ? { channels, total: bits.length, known: countKnown(mask) } : {};
    state.value = { ...state.value, ...steps, ...change, ...counted };
    for (const listener of listeners) listener(isOther ? wholeArea(mask) : area);
  }
  /** Gives the mask a byte for each channel. */
  function separateChannels() {
    if (current.channels === 3) return;
    current = { channels: 3, bits: repeatThrice(current.bits) };
    settled = repeatThrice(settled);
  }
  /** Overwrites the bits; the difference to those before is found by `addStep`. */
  function write(values: MaskValues) {
    if (values.channels === 3) separateChannels();
    current.bits.set(values.channels === current.channels ? values.bits : repeatThrice(values.bits));
  }
  /** Ends a change within an area: equal channels become one again. */
  function settle(area: MaskArea) {
    copyArea(mask, settled, area);
    const joined = joinEqualChannels(current);
    if (joined === current) return;
    current = joined;
    settled = joined.bits.slice();
  }
  /** Adds the changes since the last call as a step. Returns the source of the mask afterwards. */
  function addStep(area: MaskArea, after: MaskSource, ifUnchanged: MaskPatch | null): MaskSource {
    const before = state.value.source;
    const patch = findPatch(settled, mask, area) ?? ifUnchanged;
    const arePatterns = before.kind === 'drawn' && after.kind === 'drawn';
    if (patch) history[arePatterns ? 'merge' : 'push'](patch, { before, after });
    settle(area);
    return patch ? after : before;
  }
  function flip(step: ReturnType<typeof history.undo>) {
    if (!step) return;
    if (step.patch.channels === 3) separateChannels();
    const gain = flipPatch(mask, step.patch);
    settle(step.patch.area);
    // The channels that a patch changes by itself may be equal before and after it.
    const known = step.patch.channels === 3 ? countKnown(mask) : state.value.known + gain;
    notify(step.patch.area, { known, source: step.mark });
  }
  const show = (source: MaskSource) => notify(wholeArea(mask), { known: countKnown(mask), source });
  const onChange = (listener: (area: MaskArea) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return { mask, history, state, notify, write, settle, addStep, flip, show, onChange };
}

function repeatThrice(bits: Uint8Array): Uint8Array {
  const repeated = new Uint8Array(3 * bits.length);
  for (let index = 0; index < repeated.length; index++) repeated[index] = bits[Math.floor(index / 3)];
  return repeated;
}

const nothing: MaskArea = { left: 0, top: 0, right: 0, bottom: 0 };

function copyArea(
  { width, channels, bits }: Mask,
  to: Uint8Array,
  { left, top, right, bottom }: MaskArea,
): void {
  const line = width * channels;
  if (right - left === width) return to.set(bits.subarray(top * line, bottom * line), top * line);
  for (let row = top; row < bottom; row++) {
    const from = row * line + left * channels;
    to.set(bits.subarray(from, row * line + right * channels), from);
  }
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
  keptMask: Mask | null;
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
