/** The New run form: what it starts from, its inputs, and their validation. Survives a reload. */

import { useSessionStorage } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { RunConfig } from '../../shared/config/config.ts';
import { compareConfigs, configParameters, valueAt } from '../../shared/config/configParameters.ts';
import {
  checkInputs,
  inputOf,
  inputsFor,
  isChanged,
  type FieldInput,
  type Inputs,
} from '../models/forms/checkInputs.ts';
import {
  emptyForm,
  formKey,
  presetBasis,
  readForms,
  type Basis,
  type RunForm,
  type RunForms,
} from '../models/forms/runForm.ts';

const keptForms = { serializer: { read: readForms, write: (forms: RunForms) => JSON.stringify(forms) } };

export const useNewRunStore = defineStore('newRun', () => {
  const forms = useSessionStorage<RunForms>('newRun', {}, { ...keptForms, shallow: true });
  const basis = shallowRef<Basis>(presetBasis(forms.value['preset']?.preset ?? ''));
  const form = computed(() => forms.value[formKey(basis.value)] ?? emptyForm(basis.value));
  const inputs = computed<Inputs>(() => form.value.inputs[basis.value.key] ?? {});
  const checked = computed(() => checkInputs(basis.value.config, inputs.value));
  const problems = computed(() => new Map(checked.value.faults.map(({ path, message }) => [path, message])));
  const changedPaths = computed(() => findChanged(basis.value, inputs.value));
  /** Against the basis; null while there are faults. */
  const changes = computed(() =>
    checked.value.config ? compareConfigs(basis.value.config, checked.value.config) : null,
  );

  function update(patch: Partial<RunForm>): void {
    forms.value = { ...forms.value, [formKey(basis.value)]: { ...form.value, ...patch } };
  }
  function replaceInputs(next: Inputs): void {
    update({ inputs: { ...form.value.inputs, [basis.value.key]: next } });
  }
  return {
    basis,
    form,
    inputs,
    checked,
    problems,
    changedPaths,
    changes,
    update,
    replaceInputs,
    ...inputActions(basis, inputs, replaceInputs),
    ...basisActions(basis, update, replaceInputs),
    /** The preset chosen last, for an address that names none. */
    lastPreset: () => forms.value['preset']?.preset ?? '',
    /** Clears the form after the run has been created. */
    forget(): void {
      const made = formKey(basis.value);
      forms.value = Object.fromEntries(Object.entries(forms.value).filter(([key]) => key !== made));
    },
  };
});

function inputActions(
  basis: { readonly value: Basis },
  inputs: { readonly value: Inputs },
  replace: (next: Inputs) => void,
) {
  const without = (paths: readonly string[]) =>
    Object.fromEntries(Object.entries(inputs.value).filter(([path]) => !paths.includes(path)));
  return {
    setInput(path: string, input: FieldInput): void {
      const isBase = input === inputOf(valueAt(basis.value.config, path));
      replace(isBase ? without([path]) : { ...inputs.value, [path]: input });
    },
    reset(paths: readonly string[]): void {
      replace(without(paths));
    },
    resetAll(): void {
      replace({});
    },
  };
}

function basisActions(
  basis: { value: Basis },
  update: (patch: Partial<RunForm>) => void,
  replace: (next: Inputs) => void,
) {
  return {
    /** Inputs belong to their starting point and are kept when it changes. */
    setBasis(next: Basis): void {
      basis.value = next;
      if (!next.run) update({ preset: next.config.preset });
    },
    /** Fills the fields with a configuration; its preset becomes the starting point unless that is a run. */
    load(config: RunConfig): void {
      const named = presetBasis(config.preset);
      if (!basis.value.run && named.config.preset === config.preset) basis.value = named;
      update({ preset: basis.value.config.preset });
      replace(inputsFor(basis.value.config, config));
    },
  };
}

function findChanged({ config }: Basis, inputs: Inputs): ReadonlySet<string> {
  const changed = configParameters.filter((parameter) =>
    isChanged(parameter, inputs[parameter.path], valueAt(config, parameter.path)),
  );
  return new Set(changed.map(({ path }) => path));
}
