/** Loss curves for the visible rows of the run list. */

import { defineStore } from 'pinia';
import { shallowRef, triggerRef } from 'vue';
import type { RunSummary } from '../../shared/runList.ts';
import { request } from '../api/client.ts';

interface Course {
  /** Step of the run at the request. */
  readonly step: number;
  readonly askedAt: number;
  readonly values: readonly number[];
}

/** Milliseconds after which the curve of an active run is requested again. */
const freshFor = 5000;

/** Greatest number of curves per request. */
const atOnce = 500;

export const useRunCoursesStore = defineStore('runCourses', () => {
  const courses = shallowRef(new Map<string, Course>());

  /** Requests curves that are missing or outdated. */
  async function need(rows: readonly RunSummary[]) {
    const now = performance.now();
    const wanted = rows.filter(({ id, step }) => {
      const known = courses.value.get(id);
      return step > 0 && (!known || (known.step !== step && now - known.askedAt > freshFor));
    });
    if (wanted.length === 0) return;
    const asked = wanted.slice(0, atOnce);
    const answer = await request('runs.courses', { ids: asked.map(({ id }) => id) }).catch(() => []);
    const values = new Map(answer.map((course) => [course.id, course.values]));
    for (const { id, step } of asked) {
      courses.value.set(id, { step, askedAt: now, values: values.get(id) ?? [] });
    }
    triggerRef(courses);
  }

  const get = (id: string): readonly number[] => courses.value.get(id)?.values ?? [];

  return { courses, get, need };
});
