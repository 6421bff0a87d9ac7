/** The New run form: what it starts from, its inputs, and their validation. Survives a reload. */

import { useSessionStorage } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { RunConfig } from '../../../shared/config/config.ts';
import {
  compareConfigs,
  listConfigParameters,
  hasParameter,
  startingValue,
} from '../../../shared/config/configParameters.ts';
import type { Preset } from '../../../shared/config/presets.ts';
import { usePresetsStore } from './presets.ts';
import {
  checkInputs,
  chosenNetwork,
  currentValue,
  inputOf,
  inputsFor,
  isChanged,
  type FieldInput,
  type Inputs,
} from '../../models/forms/checkInputs.ts';
import {
  emptyForm,
  formKey,
  startingPointOfPreset,
  readForms,
  type StartingPoint,
  type RunForm,
  type RunForms,
} from '../../models/forms/runForm.ts';

const keptForms = { serializer: { read: readForms, write: (forms: RunForms) => JSON.stringify(forms) } };

export const useNewRunStore = defineStore('newRun', () => {
  const presets = usePresetsStore();
  const forms = useSessionStorage<RunForms>('newRun', {}, { ...keptForms, shallow: true });
  const startingPoint = shallowRef<StartingPoint>(startingPointOfPreset(forms.value['preset']?.preset ?? ''));
  const form = computed(() => forms.value[formKey(startingPoint.value)] ?? emptyForm(startingPoint.value));
  const inputs = computed<Inputs>(() => form.value.inputs[startingPoint.value.key] ?? {});
  const checked = computed(() => checkInputs(startingPoint.value.config, inputs.value));
  const problems = computed(() => new Map(checked.value.faults.map(({ path, message }) => [path, message])));
  const changedPaths = computed(() => findChanged(startingPoint.value, inputs.value));
  /** Compared with the starting point; null while there are faults. */
  const changes = computed(() =>
    checked.value.config ? compareConfigs(startingPoint.value.config, checked.value.config) : null,
  );

  function update(patch: Partial<RunForm>): void {
    forms.value = { ...forms.value, [formKey(startingPoint.value)]: { ...form.value, ...patch } };
  }
  function replaceInputs(next: Inputs): void {
    update({ inputs: { ...form.value.inputs, [startingPoint.value.key]: next } });
  }
  return {
    startingPoint,
    form,
    inputs,
    /** Returns the value of a parameter, without an input that is invalid. */
    valueAt: (path: string) => currentValue(startingPoint.value.config, inputs.value, path),
    checked,
    problems,
    changedPaths,
    changes,
    update,
    replaceInputs,
    ...inputActions(startingPoint, inputs, replaceInputs),
    ...startingPointActions(startingPoint, update, replaceInputs, presets.find),
    /** Starts from a preset of the program or of the user. */
    startFromPreset(name: string): void {
      startingPoint.value = startingPointOfPreset(name, presets.find);
      update({ preset: startingPoint.value.config.preset });
    },
    /** The preset chosen last, for an address that names none. */
    lastPreset: () => forms.value['preset']?.preset ?? '',
    /** Clears the form after the run has been created. */
    forget(from: StartingPoint): void {
      const made = formKey(from);
      forms.value = Object.fromEntries(Object.entries(forms.value).filter(([key]) => key !== made));
    },
  };
});

function inputActions(
  startingPoint: { readonly value: StartingPoint },
  inputs: { readonly value: Inputs },
  replace: (next: Inputs) => void,
) {
  const without = (paths: readonly string[]) =>
    Object.fromEntries(Object.entries(inputs.value).filter(([path]) => !paths.includes(path)));
  return {
    setInput(path: string, input: FieldInput): void {
      const isBase = input === inputOf(startingValue(startingPoint.value.config, path));
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

function startingPointActions(
  startingPoint: { value: StartingPoint },
  update: (patch: Partial<RunForm>) => void,
  replace: (next: Inputs) => void,
  find: (name: string) => Preset | undefined,
) {
  return {
    /** Inputs belong to their starting point and are kept when it changes. */
    setStartingPoint(next: StartingPoint): void {
      startingPoint.value = next;
      if (!next.run) update({ preset: next.config.preset });
    },
    /** Fills the fields with a configuration; its preset becomes the starting point unless that is a run. */
    load(config: RunConfig): void {
      const named = startingPointOfPreset(config.preset, find);
      if (!startingPoint.value.run && named.config.preset === config.preset) startingPoint.value = named;
      update({ preset: startingPoint.value.config.preset });
      replace(inputsFor(startingPoint.value.config, config));
    },
  };
}

function findChanged({ config }: StartingPoint, inputs: Inputs): ReadonlySet<string> {
  const network = chosenNetwork(config, inputs);
  const changed = listConfigParameters().filter(
    (parameter) =>
      hasParameter(network, parameter.path) &&
      isChanged(parameter, inputs[parameter.path], startingValue(config, parameter.path)),
  );
  return new Set(changed.map(({ path }) => path));
}
