/** Asks for the loss curves of the rows that can be seen, once scrolling rests. */

import { useDebounceFn } from '@vueuse/core';
import { watch, type Ref } from 'vue';
import { useRunCoursesStore } from '../../stores/runCourses.ts';
import { useRunRowsStore } from '../../stores/runRows.ts';
import type { DrawnRow } from './useRunWindow.ts';

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
