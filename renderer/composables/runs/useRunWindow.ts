/** The part of the list that is drawn: follows the scroll position, asks for rows, keeps what is read in its place. */

import { refAutoReset, useDebounceFn, useElementSize, useEventListener } from '@vueuse/core';
import { computed, type ComputedRef, nextTick, onMounted, type Ref, watch } from 'vue';
import { drawnRange, scrollToSee, visibleRange } from '../../models/runs/listWindow.ts';
import { keepInPlace } from '../../models/runs/orderChange.ts';
import { useRunCoursesStore } from '../../stores/runCourses.ts';
import { useRunListStore } from '../../stores/runList.ts';
import { useRunRowsStore } from '../../stores/runRows.ts';

export interface RunWindowOptions {
  /** What scrolls: the head above, the rows below it. */
  readonly scroller: Ref<HTMLElement | null>;
  readonly rowHeight: Readonly<Ref<number>>;
  readonly headHeight: number;
}

export interface DrawnRow {
  readonly index: number;
  readonly id: string;
  /** Rows take turns in as many elements as can be seen at once. */
  readonly slot: number;
}

export interface UseRunWindowReturn {
  readonly drawn: ComputedRef<readonly DrawnRow[]>;
  /** Whole rows that can be seen at once. */
  readonly page: ComputedRef<number>;
  /** Scrolls as little as possible so that the row can be seen. */
  reveal(index: number): void;
  toTop(): void;
}

export function useRunWindow(options: RunWindowOptions): UseRunWindowReturn {
  const { scroller, rowHeight, headHeight } = options;
  const list = useRunListStore();
  const { height } = useElementSize(scroller);
  const viewHeight = computed(() => Math.max(0, height.value - headHeight));
  const geometry = computed(() => ({
    scrollTop: list.scrollTop,
    viewHeight: viewHeight.value,
    rowHeight: rowHeight.value,
    total: list.total,
  }));
  const isScrolling = refAutoReset(false, 200);
  const drawn = useDrawnRows(geometry, isScrolling);

  function scrollTo(top: number) {
    list.scrollTop = top;
    if (scroller.value) scroller.value.scrollTop = top;
  }

  const follow = () => {
    isScrolling.value = true;
    list.scrollTop = scroller.value?.scrollTop ?? 0;
  };
  useEventListener(scroller, 'scroll', follow, { passive: true });
  // Coming back to the list finds it where it was left.
  onMounted(() => nextTick(() => scrollTo(list.scrollTop)));
  followList(geometry, scrollTo);

  return {
    drawn,
    page: computed(() => Math.max(1, Math.floor(viewHeight.value / rowHeight.value))),
    reveal: (index) => scrollTo(scrollToSee(index, geometry.value)),
    toTop: () => scrollTo(0),
  };
}

/** Rows take turns in the same elements, the overscan's included. */
function useDrawnRows(
  geometry: Geometry,
  isScrolling: Readonly<Ref<boolean>>,
): ComputedRef<readonly DrawnRow[]> {
  const list = useRunListStore();
  return computed(() => {
    const { first, end } = drawnRange(geometry.value);
    const rows = list.order
      .slice(first, end)
      .map((id, row) => ({ index: first + row, id, slot: (first + row) % (end - first) }));
    // Elements that keep their place in the document are styled only where they changed. For those who have the list
    // read to them, the order is right again once scrolling rests.
    return isScrolling.value ? rows.sort((a, b) => a.slot - b.slot) : rows;
  });
}

type Geometry = ComputedRef<Parameters<typeof visibleRange>[0]>;

/** Rows are asked for as the window moves; a new order of the same query leaves the first visible row in place. */
function followList(geometry: Geometry, scrollTo: (top: number) => void) {
  const list = useRunListStore();
  const needSoon = useDebounceFn(() => list.need(drawnRange(geometry.value)), 40, { maxWait: 300 });
  watch(
    geometry,
    (now) => {
      list.visible = visibleRange(now);
      void needSoon();
    },
    { immediate: true },
  );
  watch([() => list.order, () => list.query] as const, async ([order, query], [shown, before]) => {
    const top = query === before ? keepInPlace(shown, order, geometry.value) : 0;
    if (top === list.scrollTop) return;
    // The list must have its new height before it can be scrolled there.
    await nextTick();
    scrollTo(top);
  });
}

export function useVisibleCourses(
  drawn: Readonly<Ref<readonly DrawnRow[]>>,
  isShown: Readonly<Ref<boolean>>,
): void {
  const rows = useRunRowsStore();
  const courses = useRunCoursesStore();
  const needSoon = useDebounceFn(
    () => {
      if (!isShown.value) return;
      void courses.need(
        drawn.value.flatMap(({ id }) => {
          const run = rows.get(id);
          return run ? [run] : [];
        }),
      );
    },
    100,
    { maxWait: 1000 },
  );
  watch([drawn, () => rows.rows, isShown], () => void needSoon(), { immediate: true });
}
