/** What was done to a mask, to be undone: one bit a pixel of the rectangle that changed. */

import { isEmpty, type Area, type MaskPixels } from './maskShapes.ts';

/** The same patch does and undoes: its bits are flipped in the mask. */
export interface MaskPatch {
  readonly area: Area;
  /** Row by row, the first pixel in the lowest bit. */
  readonly bits: Uint8Array;
}

/** What else is to come back with the pixels. */
export interface Marks<Mark> {
  readonly before: Mark;
  readonly after: Mark;
}

export interface MaskHistory<Mark> {
  push(patch: MaskPatch, marks: Marks<Mark>): void;
  /** The step that was done last becomes one with this one: same rectangle only, else they stay two. */
  merge(patch: MaskPatch, marks: Marks<Mark>): void;
  /** The patch to be flipped, and the mark that holds then; null: nothing to undo. */
  undo(): { readonly patch: MaskPatch; readonly mark: Mark } | null;
  redo(): { readonly patch: MaskPatch; readonly mark: Mark } | null;
  readonly undoable: number;
  readonly redoable: number;
}

interface Step<Mark> extends Marks<Mark> {
  readonly patch: MaskPatch;
}

/** @param mostBytes The oldest steps go where all of them take more. */
export function createMaskHistory<Mark>(mostBytes: number): MaskHistory<Mark> {
  let steps: Step<Mark>[] = [];
  /** So many of the steps are done; the others were undone. */
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

/** Without the oldest ones that do not fit; the newest stays in any case. */
function trim<Mark>(steps: readonly Step<Mark>[], mostBytes: number): Step<Mark>[] {
  let bytes = 0;
  const first = steps.findLastIndex(({ patch }) => (bytes += patch.bits.length) > mostBytes);
  return steps.slice(Math.min(first + 1, steps.length - 1));
}

/** What differs between two states of a mask within an area; null where nothing does. */
export function findPatch(before: Uint8Array, after: MaskPixels, area: Area): MaskPatch | null {
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

/** Flips the patch's pixels. Returns by how much the number of known ones changed. */
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

function isSameArea(one: Area, other: Area): boolean {
  return (
    one.left === other.left &&
    one.top === other.top &&
    one.right === other.right &&
    one.bottom === other.bottom
  );
}
