/** The undo history of a mask, which stores one bit per pixel, or value, of the changed rectangle. */

import type { Mask, MaskChannels } from '../../../shared/images/mask.ts';
import { isEmpty, type MaskArea } from './maskShapes.ts';

/** What changed in one step. Flipping it again undoes the step. */
export interface MaskPatch {
  readonly area: MaskArea;
  /** 1: whole pixels changed. */
  readonly channels: MaskChannels;
  /** One bit per pixel or value, row by row, the first in the lowest bit. */
  readonly bits: Uint8Array;
}

/** State that is restored together with the pixels. */
export interface Marks<Mark> {
  readonly before: Mark;
  readonly after: Mark;
}

export interface MaskHistory<Mark> {
  push(patch: MaskPatch, marks: Marks<Mark>): void;
  /** Merges the patch into the last step if both have the same area, else pushes it. */
  merge(patch: MaskPatch, marks: Marks<Mark>): void;
  /** Returns the patch to flip and the mark to restore; null if there is nothing to undo. */
  undo(): { readonly patch: MaskPatch; readonly mark: Mark } | null;
  /** As `undo`, for the step that was undone last. */
  redo(): { readonly patch: MaskPatch; readonly mark: Mark } | null;
  readonly undoable: number;
  readonly redoable: number;
}

interface Step<Mark> extends Marks<Mark> {
  readonly patch: MaskPatch;
}

/** @param mostBytes Memory limit; the oldest steps are dropped to stay below it. */
export function createMaskHistory<Mark>(mostBytes: number): MaskHistory<Mark> {
  let steps: Step<Mark>[] = [];
  /** Number of steps that are applied; the others were undone. */
  let done = 0;

  function push(patch: MaskPatch, marks: Marks<Mark>) {
    steps = trim([...steps.slice(0, done), { patch, ...marks }], mostBytes);
    done = steps.length;
  }
  return {
    push,
    merge(patch, marks) {
      const last = steps[done - 1];
      if (!last || done < steps.length || !isSameArea(last.patch.area, patch.area)) return push(patch, marks);
      const areAlike = last.patch.channels === patch.channels;
      const [before, after] = areAlike ? [last.patch, patch] : [widen(last.patch), widen(patch)];
      const bits = after.bits.map((byte, index) => byte ^ before.bits[index]);
      steps = [...steps.slice(0, done - 1), { ...last, patch: { ...after, bits }, after: marks.after }];
    },
    undo() {
      if (done === 0) return null;
      done -= 1;
      return { patch: steps[done].patch, mark: steps[done].before };
    },
    redo() {
      if (done === steps.length) return null;
      done += 1;
      return { patch: steps[done - 1].patch, mark: steps[done - 1].after };
    },
    get undoable() {
      return done;
    },
    get redoable() {
      return steps.length - done;
    },
  };
}

/** Returns the same patch with a bit for each channel. */
function widen(patch: MaskPatch): MaskPatch {
  if (patch.channels === 3) return patch;
  const { area } = patch;
  const count = 3 * (area.right - area.left) * (area.bottom - area.top);
  const bits = new Uint8Array(Math.ceil(count / 8));
  for (let bit = 0; bit < count; bit++) {
    const pixel = Math.floor(bit / 3);
    bits[bit >> 3] |= ((patch.bits[pixel >> 3] >> (pixel & 7)) & 1) << (bit & 7);
  }
  return { area, channels: 3, bits };
}

/** Drops the oldest steps that exceed the limit; the newest one always stays. */
function trim<Mark>(steps: readonly Step<Mark>[], mostBytes: number): Step<Mark>[] {
  let bytes = 0;
  const first = steps.findLastIndex(({ patch }) => (bytes += patch.bits.length) > mostBytes);
  return steps.slice(Math.min(first + 1, steps.length - 1));
}

/** Returns the difference between two states of a mask within an area; null if there is none. */
export function findPatch(before: Uint8Array, after: Mask, area: MaskArea): MaskPatch | null {
  if (isEmpty(area)) return null;
  const { width, channels } = after;
  const count = channels * (area.right - area.left) * (area.bottom - area.top);
  const bits = new Uint8Array(Math.ceil(count / 8));
  let bit = 0;
  let changed = 0;
  for (let row = area.top; row < area.bottom; row++) {
    const end = channels * (row * width + area.right);
    for (let index = channels * (row * width + area.left); index < end; index++, bit++) {
      const difference = before[index] ^ after.bits[index];
      bits[bit >> 3] |= difference << (bit & 7);
      changed += difference;
    }
  }
  return changed === 0 ? null : { area, channels, bits };
}

/** Flips what a patch changed in a mask of as many channels. Returns the change in the number of known pixels, or values. */
export function flipPatch({ width, bits: flipped }: Mask, { area, channels, bits }: MaskPatch): number {
  let bit = 0;
  let gain = 0;
  for (let row = area.top; row < area.bottom; row++) {
    const end = channels * (row * width + area.right);
    for (let index = channels * (row * width + area.left); index < end; index++, bit++) {
      if (((bits[bit >> 3] >> (bit & 7)) & 1) === 0) continue;
      flipped[index] ^= 1;
      gain += flipped[index] === 1 ? 1 : -1;
    }
  }
  return gain;
}

function isSameArea(one: MaskArea, other: MaskArea): boolean {
  return (
    one.left === other.left &&
    one.top === other.top &&
    one.right === other.right &&
    one.bottom === other.bottom
  );
}
