import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countKnown, joinEqualChannels, type MaskValues } from '../../../shared/images/mask.ts';
import { drawMask } from '../../../shared/masks/laws.ts';
import { createMaskEditor, type MaskEditor } from '../../../renderer/stores/inpainting/maskEditor.ts';
import { createMaskHistory, findPatch } from '../../../renderer/models/maskStudio/maskHistory.ts';
import {
  invertMask,
  paintAll,
  paintLine,
  paintRectangle,
  wholeArea,
  stretchMask,
} from '../../../renderer/models/maskStudio/maskShapes.ts';

const size = { width: 19, height: 13 };
const rule = { kind: 'drawn', pattern: 'uniform', keepRatio: 0.5, seed: 1 } as const;

function plain(bits: Uint8Array): MaskValues {
  return { channels: 1, bits };
}

function stripes(seed: number): MaskValues {
  return plain(
    Uint8Array.from({ length: size.width * size.height }, (_, index) => (index % (2 + seed) === 0 ? 1 : 0)),
  );
}

const mosaic = drawMask({ law: 'bayer', keepRatio: 1, seed: 0, ...size });
/** Three channels that are equal. */
const grey: MaskValues = {
  channels: 3,
  bits: mosaic.bits.map((_, index) => stripes(1).bits[Math.floor(index / 3)]),
};

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
  fc.constant<Edit>((editor) => editor.replace(mosaic, { ...rule, pattern: 'bayer' })),
  fc.constantFrom(mosaic, grey).map(
    (mask): Edit =>
      (editor) =>
        editor.replace(mask, { kind: 'painted', file: 'colours.png' }),
  ),
);

describe('the mask editor', () => {
  it('restores pixels, source and count exactly by undo and redo', () => {
    fc.assert(
      fc.property(fc.array(edits, { maxLength: 8 }), (chosen) => {
        const editor = createMaskEditor(size);
        const readState = () => {
          const { bits, channels } = editor.mask;
          return { bits: [...bits], channels, source: editor.state.value.source };
        };
        const first = readState();
        for (const edit of chosen) edit(editor);
        const last = readState();
        let steps = 0;
        while (editor.state.value.canUndo) {
          editor.undo();
          steps += 1;
          const { channels, bits } = joinEqualChannels(editor.mask);
          expect(editor.mask.channels).toBe(channels);
          expect(editor.state.value).toMatchObject({
            channels,
            known: countKnown(editor.mask),
            total: bits.length,
          });
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
    expect(editor.mask).toMatchObject(stripes(3));
    editor.undo();
    expect(editor.mask).toMatchObject(stripes(0));
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
    editor.begin(plain(new Uint8Array(size.width * size.height).fill(1)), rule);
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

describe('a mask for each channel', () => {
  it('is counted in values, hides and reveals all channels where it is painted, and is one again once its channels are equal', () => {
    const editor = createMaskEditor(size);
    const pixels = size.width * size.height;
    editor.begin(mosaic, { ...rule, pattern: 'bayer' });
    expect(editor.state.value).toMatchObject({ channels: 3, known: pixels, total: 3 * pixels });
    const corners = [
      { x: 0, y: 0 },
      { x: 3, y: 1 },
    ] as const;
    for (const [paint, known] of [
      [0, 0],
      [1, 3],
    ] as const) {
      editor.paint((mask) => paintRectangle(mask, corners, paint));
      editor.commit();
      expect([...editor.mask.bits.subarray(0, 12)]).toEqual(Array(12).fill(paint));
      expect(editor.state.value.known).toBe(pixels - 8 + 8 * known);
    }
    editor.paint((mask) => paintAll(mask, 1));
    editor.commit();
    expect(editor.state.value).toMatchObject({ channels: 1, known: pixels, total: pixels });
    editor.undo();
    editor.undo();
    editor.undo();
    expect(editor.mask).toMatchObject({ channels: 3, bits: mosaic.bits });
  });
});

describe('the history of a mask', () => {
  it('needs one bit per pixel of the area and drops the oldest steps above its limit', () => {
    const after = { width: 80, height: 10, channels: 1, bits: new Uint8Array(800) } as const;
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
    const mask = { width: 2, height: 2, channels: 1, bits: Uint8Array.of(1, 0, 0, 1) } as const;
    expect(stretchMask(mask, mask).bits).toEqual(mask.bits);
    expect([...stretchMask(mask, { width: 4, height: 2 }).bits]).toEqual([1, 1, 0, 0, 0, 0, 1, 1]);
    expect([...stretchMask(mask, { width: 1, height: 1 }).bits]).toHaveLength(1);
    const colours = { width: 1, height: 2, channels: 3, bits: Uint8Array.of(1, 0, 0, 0, 1, 1) } as const;
    const bits = Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1);
    expect(stretchMask(colours, { width: 2, height: 2 })).toEqual({ channels: 3, bits });
  });
});

describe('the mask of an image with transparent parts', () => {
  it('always hides them and counts the known pixels', () => {
    const opaque = Uint8Array.of(1, 1, 0, 1, 0, 1);
    const editor = createMaskEditor({ width: 3, height: 2 }, opaque);
    const readMask = () => [[...editor.mask.bits].join(''), editor.state.value.known];
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
    editor.replace(plain(Uint8Array.of(0, 1, 1, 1, 1, 0)), { kind: 'painted' });
    expect(readMask()).toEqual(['010100', 2]);
    editor.begin(plain(new Uint8Array(6).fill(1)), { kind: 'painted' });
    expect(readMask()).toEqual(['110101', 4]);
    const bayer = drawMask({ law: 'bayer', keepRatio: 1, seed: 0, width: 3, height: 2 });
    editor.replace(bayer, { kind: 'painted' });
    expect(readMask()).toEqual(['100010000010000010', 4]);
  });
});
