/** The tools of the mask studio. A pen is moved by the pointer or keys, and each tool paints with it. */

import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import type { Point } from '../../models/images/viewport.ts';
import type { MaskEditor } from '../../stores/inpainting/maskEditor.ts';
import { paintLine, paintPolygon, paintRectangle, type Paint } from '../../models/maskStudio/maskShapes.ts';

export const studioTools = ['brush', 'eraser', 'rectangle', 'lasso', 'hand'] as const;
export type StudioTool = (typeof studioTools)[number];

export interface UseStudioToolsReturn {
  readonly tool: Ref<StudioTool>;
  /** Diameter of brush and eraser, image pixels. */
  readonly diameter: Readonly<Ref<number>>;
  /** Whether the tool paints with a disc. */
  readonly hasDiameter: ComputedRef<boolean>;
  readonly isDown: Readonly<Ref<boolean>>;
  /** Points of the rectangle or lasso that is being drawn, image pixels. */
  readonly outline: Readonly<ShallowRef<readonly Point[] | null>>;
  grow(): void;
  shrink(): void;
  /** Puts the pen down. @param isOpposite Reveals pixels with a tool that hides them, and vice versa. */
  begin(at: Point, isOpposite: boolean): void;
  move(to: readonly Point[]): void;
  /** Lifts the pen and fills the rectangle or lasso. */
  end(): void;
  /** Lifts the pen and discards the rectangle or lasso. */
  cancel(): void;
}

const diameters = [1, 2, 3, 5, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];

export function useStudioTools(editor: MaskEditor): UseStudioToolsReturn {
  const tool = ref<StudioTool>('brush');
  const { diameter, ...sizes } = createDiameter(editor);
  const isDown = ref(false);
  const outline = shallowRef<readonly Point[] | null>(null);
  const hasDiameter = computed(() => tool.value === 'brush' || tool.value === 'eraser');
  const pen: Pen = { paint: 0, at: { x: 0, y: 0 } };

  function paintTo(to: Point) {
    const from = pen.at;
    editor.paint((mask) => paintLine(mask, { from, to, diameter: diameter.value, paint: pen.paint }));
    pen.at = to;
  }
  function cancel() {
    isDown.value = false;
    outline.value = null;
    editor.commit();
  }
  return {
    tool,
    diameter,
    ...sizes,
    hasDiameter,
    isDown,
    outline,
    cancel,
    begin(at, isOpposite) {
      if (tool.value === 'hand') return;
      const isKnown = (tool.value === 'eraser') !== isOpposite;
      Object.assign(pen, { paint: isKnown ? 1 : 0, at });
      isDown.value = true;
      if (hasDiameter.value) paintTo(at);
      else outline.value = [at];
    },
    move(to) {
      if (!isDown.value) return;
      if (hasDiameter.value) to.forEach(paintTo);
      else outline.value = extend(outline.value ?? [], to, tool.value);
    },
    end() {
      const points = outline.value;
      if (isDown.value && points) fill(editor, { points, tool: tool.value, paint: pen.paint });
      cancel();
    },
  };
}

function createDiameter(editor: MaskEditor) {
  const diameter = ref(firstDiameter(editor));
  const set = (size: number | undefined) => void (diameter.value = size ?? diameter.value);
  return {
    diameter,
    grow: () => set(diameters.find((size) => size > diameter.value)),
    shrink: () => set(diameters.findLast((size) => size < diameter.value)),
  };
}

interface Pen {
  paint: Paint;
  at: Point;
}

function extend(points: readonly Point[], to: readonly Point[], tool: StudioTool): readonly Point[] {
  return tool === 'lasso' ? [...points, ...to] : [...points.slice(0, 1), ...to.slice(-1)];
}

function fill(
  editor: MaskEditor,
  { points, tool, paint }: { points: readonly Point[]; tool: StudioTool; paint: Paint },
): void {
  const [first] = points;
  const last = points[points.length - 1];
  if (tool === 'rectangle') editor.paint((mask) => paintRectangle(mask, [first, last], paint));
  // Fewer than three points have no inside.
  else if (points.length > 2) editor.paint((mask) => paintPolygon(mask, points, paint));
}

/** Returns about a twentieth of the image's shorter side. */
function firstDiameter({ mask }: MaskEditor): number {
  const wanted = Math.min(mask.width, mask.height) / 20;
  return diameters.findLast((size) => size <= wanted) ?? 1;
}
