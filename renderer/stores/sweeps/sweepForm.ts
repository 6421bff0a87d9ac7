/** What New run varies: the inputs of the sweep's form and their validation. Survives a reload. */

import { useSessionStorage } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed } from 'vue';
import {
  type AxisInput,
  createAxis,
  emptySweepForm,
  readSweepForm,
  type SweepForm,
} from '../../models/sweeps/sweepForm.ts';

const serializer = { read: readSweepForm, write: (form: SweepForm) => JSON.stringify(form) };

export const useSweepFormStore = defineStore('sweepForm', () => {
  const form = useSessionStorage<SweepForm>('sweepForm', emptySweepForm, { serializer, shallow: true });
  const paths = computed(() =>
    form.value.axes.flatMap(({ parameters }) => parameters.map(({ path }) => path)),
  );

  function update(patch: Partial<SweepForm>) {
    form.value = { ...form.value, ...patch };
  }
  function updateAxis(key: number, change: (axis: AxisInput) => AxisInput) {
    update({ axes: form.value.axes.map((axis) => (axis.key === key ? change(axis) : axis)) });
  }
  return {
    form,
    /** Parameters that vary. */
    paths,
    update,
    updateAxis,
    /** @param value Of the parameter in the form of the run. */
    addAxis(path: string, value: string) {
      const key = 1 + Math.max(0, ...form.value.axes.map((axis) => axis.key));
      update({ axes: [...form.value.axes, createAxis(key, path, value)] });
    },
    removeAxis(key: number) {
      update({ axes: form.value.axes.filter((axis) => axis.key !== key) });
    },
    /** Clears the form after the sweep has been created. */
    forget() {
      form.value = emptySweepForm;
    },
  };
});
