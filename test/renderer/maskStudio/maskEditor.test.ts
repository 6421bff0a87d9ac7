import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMaskEditor, type MaskEditor } from '../../../renderer/stores/maskEditor.ts';
import { createMaskHistory, findPatch } from '../../../renderer/models/maskStudio/maskHistory.ts';
import {
  countKnown,
  invertMask,
  paintAll,
  paintLine,
  paintRectangle,
  wholeArea,
  stretchMask,
} from '../../../renderer/models/maskStudio/maskShapes.ts';

const size = { width: 19, height: 13 };
const rule = { kind: 'drawn', pattern: 'uniform', keepRatio: 0.5, seed: 1 } as const;

function stripes(seed: number): Uint8Array {
  return Uint8Array.from({ length: size.width * size.height }, (_, index) =>
    index % (2 + seed) === 0 ? 1 : 0,
  );
}

const point = fc.record({
  x: fc.double({ min: 0, max: 18, noNaN: true }),
  y: fc.double({ min: 0, max: 12, noNaN: true }),
});
type Edit = (editor: MaskEditor) => void;
const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc
    .tuple(point, point, fc.constantFrom(0 as const, 1 as const))
    .map(([from, to, paint]): Edit => (editor) => {
      editor.paint((mask) => paintLine(mask, { from, to, diameter: 3, paint }));
      editor.paint((mask) => paintLine(mask, { from: to, to: from, diameter: 5, paint }));
      editor.commit();
    }),
  fc.constant<Edit>((editor) => {
    editor.paint(invertMask);
    editor.commit();
  }),
  fc.nat(3).map(
    (seed): Edit =>
      (editor) =>
        editor.replace(stripes(seed), { ...rule, seed }),
  ),
  fc.nat(3).map(
    (seed): Edit =>
      (editor) =>
        editor.replace(stripes(seed), { kind: 'painted' }),
  ),
);

describe('the mask editor', () => {
  it('restores pixels, source and count exactly by undo and redo', () => {
    fc.assert(
      fc.property(fc.array(edits, { maxLength: 8 }), (chosen) => {
        const editor = createMaskEditor(size);
        const readState = () => ({ bytes: [...editor.mask.bytes], source: editor.state.value.source });
        const first = readState();
        for (const edit of chosen) edit(editor);
        const last = readState();
        let steps = 0;
        while (editor.state.value.canUndo) {
          editor.undo();
          steps += 1;
          expect(editor.state.value.known).toBe(countKnown(editor.mask.bytes));
        }
        expect(readState()).toEqual(first);
        for (; steps > 0; steps--) editor.redo();
        expect(editor.state.value.canRedo).toBe(false);
        expect(readState()).toEqual(last);
      }),
    );
  });

  it('combines all parts of a stroke into one step, and consecutive patterns into another', () => {
    const editor = createMaskEditor(size);
    editor.begin(stripes(0), rule);
    expect(editor.state.value).toMatchObject({ source: rule, canUndo: false });
    for (const seed of [1, 2, 3]) editor.replace(stripes(seed), { ...rule, seed });
    for (const x of [2, 5, 9]) {
      const at = { x, y: 4 };
      editor.paint((mask) => paintLine(mask, { from: at, to: at, diameter: 3, paint: 0 }));
    }
    editor.commit();
    expect(editor.state.value.source).toEqual({ kind: 'painted' });
    editor.undo();
    expect(editor.state.value.source).toEqual({ ...rule, seed: 3 });
    expect(editor.mask.bytes).toEqual(stripes(3));
    editor.undo();
    expect(editor.mask.bytes).toEqual(stripes(0));
    expect(editor.state.value.canUndo).toBe(false);
  });

  it('drops undone steps after a new one', () => {
    const editor = createMaskEditor(size);
    editor.replace(stripes(1), { kind: 'painted' });
    editor.undo();
    editor.replace(stripes(2), { kind: 'painted' });
    expect(editor.state.value).toMatchObject({ canUndo: true, canRedo: false });
  });

  it('ignores a stroke that changes nothing, so that a generated mask still counts as generated', () => {
    const editor = createMaskEditor(size);
    editor.begin(new Uint8Array(size.width * size.height).fill(1), rule);
    editor.paint((mask) =>
      paintRectangle(
        mask,
        [
          { x: 1, y: 1 },
          { x: 5, y: 5 },
        ],
        1,
      ),
    );
    editor.commit();
    expect(editor.state.value).toMatchObject({ source: rule, canUndo: false });
  });
});

describe('the history of a mask', () => {
  it('needs one bit per pixel of the area and drops the oldest steps above its limit', () => {
    const after = { width: 80, height: 10, bytes: new Uint8Array(800) };
    const patch = findPatch(new Uint8Array(800).fill(1), after, wholeArea(after));
    expect(patch?.bits).toHaveLength(100);
    if (!patch) return;
    const history = createMaskHistory<number>(350);
    for (let step = 0; step < 9; step++) history.push(patch, { before: step, after: step + 1 });
    expect(history.undoable).toBe(3);
    expect([history.undo(), history.undo(), history.undo()].map((step) => step?.mark)).toEqual([8, 7, 6]);
    expect(history.undo()).toBeNull();
    const tiny = createMaskHistory<number>(10);
    tiny.push(patch, { before: 0, after: 1 });
    expect(tiny.undo()?.mark).toBe(0);
  });
});

describe('stretchMask', () => {
  it('keeps a mask of the same size and resamples it to another', () => {
    const mask = { width: 2, height: 2, bytes: Uint8Array.of(1, 0, 0, 1) };
    expect(stretchMask(mask, mask)).toEqual(mask.bytes);
    expect([...stretchMask(mask, { width: 4, height: 2 })]).toEqual([1, 1, 0, 0, 0, 0, 1, 1]);
    expect([...stretchMask(mask, { width: 1, height: 1 })]).toHaveLength(1);
  });
});

describe('the mask of an image with transparent parts', () => {
  it('always hides them and counts the known pixels', () => {
    const opaque = Uint8Array.of(1, 1, 0, 1, 0, 1);
    const editor = createMaskEditor({ width: 3, height: 2 }, opaque);
    const readMask = () => [[...editor.mask.bytes].join(''), editor.state.value.known];
    expect(readMask()).toEqual(['110101', 4]);
    editor.paint((mask) => paintAll(mask, 0));
    editor.commit();
    expect(readMask()).toEqual(['000000', 0]);
    editor.paint((mask) => paintAll(mask, 1));
    editor.commit();
    expect(readMask()).toEqual(['110101', 4]);
    editor.paint(invertMask);
    editor.commit();
    expect(readMask()).toEqual(['000000', 0]);
    editor.undo();
    expect(readMask()).toEqual(['110101', 4]);
    editor.replace(Uint8Array.of(0, 1, 1, 1, 1, 0), { kind: 'painted' });
    expect(readMask()).toEqual(['010100', 2]);
    editor.begin(new Uint8Array(6).fill(1), { kind: 'painted' });
    expect(readMask()).toEqual(['110101', 4]);
  });
});
