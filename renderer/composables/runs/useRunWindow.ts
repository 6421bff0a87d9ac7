/** The rendered part of the run list: follows the scroll position, loads rows and loss curves, keeps visible rows in place. */

import { refAutoReset, useDebounceFn, useElementSize, useEventListener } from '@vueuse/core';
import { computed, type ComputedRef, nextTick, onMounted, type Ref, watch } from 'vue';
import { renderedRange, scrollToSee, visibleRange, keepInPlace } from '../../models/runs/listWindow.ts';
import type { ListItem } from '../../models/runs/listItems.ts';
import { useLossCurvesStore } from '../../stores/runs/lossCurves.ts';
import { useRunListStore } from '../../stores/runs/runList.ts';
import { useRunRowsStore } from '../../stores/runs/runRows.ts';

export interface RunWindowOptions {
  /** The scrolling element with header and rows. */
  readonly scroller: Ref<HTMLElement | null>;
  readonly rowHeight: Readonly<Ref<number>>;
  readonly headHeight: number;
}

export interface RenderedRow {
  readonly index: number;
  readonly item: ListItem;
  /** Number of the element that shows the row; elements are reused while scrolling. */
  readonly slot: number;
}

export interface UseRunWindowReturn {
  readonly rendered: ComputedRef<readonly RenderedRow[]>;
  /** Number of fully visible rows. */
  readonly page: ComputedRef<number>;
  /** Scrolls as little as possible to make the row visible. */
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
    total: list.items.length,
  }));
  const isScrolling = refAutoReset(false, 200);
  const rendered = useRenderedRows(geometry, isScrolling);

  function scrollTo(top: number) {
    list.scrollTop = top;
    if (scroller.value) scroller.value.scrollTop = top;
  }

  const follow = () => {
    isScrolling.value = true;
    list.scrollTop = scroller.value?.scrollTop ?? 0;
  };
  useEventListener(scroller, 'scroll', follow, { passive: true });
  // Restores the scroll position when the user returns to the list.
  onMounted(() => nextTick(() => scrollTo(list.scrollTop)));
  followList(geometry, scrollTo);

  return {
    rendered,
    page: computed(() => Math.max(1, Math.floor(viewHeight.value / rowHeight.value))),
    reveal: (index) => scrollTo(scrollToSee(index, geometry.value)),
    toTop: () => scrollTo(0),
  };
}

/** Assigns rows to a constant number of elements, including the overscan. */
function useRenderedRows(
  geometry: Geometry,
  isScrolling: Readonly<Ref<boolean>>,
): ComputedRef<readonly RenderedRow[]> {
  const list = useRunListStore();
  return computed(() => {
    const { first, end } = renderedRange(geometry.value);
    const rows = list.items
      .slice(first, end)
      .map((item, row) => ({ index: first + row, item, slot: (first + row) % (end - first) }));
    // While scrolling, elements keep their order in the document, which saves restyling. The order that screen readers
    // need is restored when scrolling stops.
    return isScrolling.value ? rows.sort((a, b) => a.slot - b.slot) : rows;
  });
}

type Geometry = ComputedRef<Parameters<typeof visibleRange>[0]>;

/**
 * Loads rows as the window moves and when the list is read again; a new order of the same query leaves the first visible
 * row in place.
 */
function followList(geometry: Geometry, scrollTo: (top: number) => void) {
  const list = useRunListStore();
  const loadSoon = useDebounceFn(() => list.loadMissing(renderedRange(geometry.value)), 40, { maxWait: 300 });
  watch(
    [geometry, () => list.items] as const,
    ([now]) => {
      list.visible = visibleRange(now);
      void loadSoon();
    },
    { immediate: true },
  );
  const keysOf = (items: readonly ListItem[]) => items.map(({ key }) => key);
  watch([() => list.items, () => list.query] as const, async ([items, query], [shown, before]) => {
    const top = query === before ? keepInPlace(keysOf(shown), keysOf(items), geometry.value) : 0;
    if (top === list.scrollTop) return;
    // The list must have its new height before it can be scrolled there.
    await nextTick();
    scrollTo(top);
  });
}

/** Loads the loss curves of the rendered rows when scrolling stops. */
export function useVisibleLossCurves(
  rendered: Readonly<Ref<readonly RenderedRow[]>>,
  isShown: Readonly<Ref<boolean>>,
): void {
  const rows = useRunRowsStore();
  const lossCurves = useLossCurvesStore();
  const loadSoon = useDebounceFn(
    () => {
      if (!isShown.value) return;
      void lossCurves.load(
        rendered.value.flatMap(({ item }) => {
          const run = item.kind === 'run' ? rows.get(item.id) : null;
          return run ? [run] : [];
        }),
      );
    },
    100,
    { maxWait: 1000 },
  );
  watch([rendered, () => rows.rows, isShown], () => void loadSoon(), { immediate: true });
}
