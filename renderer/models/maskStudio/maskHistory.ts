/** The undo history of a mask, which stores one bit per pixel of the changed rectangle. */

import { isEmpty, type MaskArea, type MaskPixels } from './maskShapes.ts';

/** The pixels that changed in one step. Flipping them again undoes the step. */
export interface MaskPatch {
  readonly area: MaskArea;
  /** One bit per pixel, row by row, the first pixel in the lowest bit. */
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
      const bits = last.patch.bits.map((byte, index) => byte ^ patch.bits[index]);
      steps = [...steps.slice(0, done - 1), { ...last, patch: { ...patch, bits }, after: marks.after }];
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

/** Drops the oldest steps that exceed the limit; the newest one always stays. */
function trim<Mark>(steps: readonly Step<Mark>[], mostBytes: number): Step<Mark>[] {
  let bytes = 0;
  const first = steps.findLastIndex(({ patch }) => (bytes += patch.bits.length) > mostBytes);
  return steps.slice(Math.min(first + 1, steps.length - 1));
}

/** Returns the difference between two states of a mask within an area; null if there is none. */
export function findPatch(before: Uint8Array, after: MaskPixels, area: MaskArea): MaskPatch | null {
  if (isEmpty(area)) return null;
  const bits = new Uint8Array(Math.ceil(((area.right - area.left) * (area.bottom - area.top)) / 8));
  let bit = 0;
  let changed = 0;
  for (let row = area.top; row < area.bottom; row++) {
    const end = row * after.width + area.right;
    for (let index = row * after.width + area.left; index < end; index++, bit++) {
      const difference = before[index] ^ after.bytes[index];
      bits[bit >> 3] |= difference << (bit & 7);
      changed += difference;
    }
  }
  return changed === 0 ? null : { area, bits };
}

/** Flips the pixels of a patch. Returns the change in the number of known pixels. */
export function flipPatch(mask: MaskPixels, { area, bits }: MaskPatch): number {
  let bit = 0;
  let gain = 0;
  for (let row = area.top; row < area.bottom; row++) {
    const end = row * mask.width + area.right;
    for (let index = row * mask.width + area.left; index < end; index++, bit++) {
      if (((bits[bit >> 3] >> (bit & 7)) & 1) === 0) continue;
      mask.bytes[index] ^= 1;
      gain += mask.bytes[index] === 1 ? 1 : -1;
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
