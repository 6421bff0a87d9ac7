/** What the New run view holds before there is a run: what it starts from and what was typed, kept over a reload. */

import type { RunConfig } from '../../../shared/config/config.ts';
import type { RunDetail } from '../../../shared/runDetail.ts';
import { findPreset, presets, resolvePreset } from '../../../shared/config/presets/registry.ts';
import type { FieldInput, Inputs } from './checkInputs.ts';

/** The configuration a form changes. */
export interface Basis {
  /** `preset:tiny`, `run:abcdefgh` or `run:abcdefgh@1200`: what was typed is kept for each. */
  readonly key: string;
  /** The preset's title or the run's name. */
  readonly title: string;
  readonly config: RunConfig;
  /** null: a preset. */
  readonly run: BasisRun | null;
}

export interface BasisRun {
  readonly id: string;
  /** Its data set; null where it is not in the library any more. */
  readonly dataSetId: string | null;
  readonly tags: readonly string[];
  /** Step of the checkpoint whose weights the new run starts from; null: from the beginning. */
  readonly branchStep: number | null;
}

/** Presets share one form but for their inputs, so that name, tags and data set stay when another is chosen. */
export interface RunForm {
  readonly name: string;
  readonly tags: readonly string[];
  /** null: not chosen yet. */
  readonly dataSetId: string | null;
  /** The preset chosen last; of no meaning for a run's form. */
  readonly preset: string;
  /** By the key of the basis. */
  readonly inputs: Readonly<Record<string, Inputs>>;
}

export type RunForms = Readonly<Record<string, RunForm>>;

/** The basis of a preset; of the first where none has that name. */
export function presetBasis(name: string): Basis {
  const preset = findPreset(name) ?? presets[0];
  return { key: `preset:${preset.name}`, title: preset.title, config: resolvePreset(preset), run: null };
}

/** The basis of a changed copy, or of a branch from the checkpoint of `branchStep`. */
export function runBasis({ run, summary, dataSetId }: RunDetail, branchStep: number | null): Basis {
  return {
    key: branchStep === null ? `run:${run.id}` : `run:${run.id}@${branchStep}`,
    title: run.name,
    config: run.config,
    run: { id: run.id, dataSetId, tags: summary.tags, branchStep },
  };
}

/** Under which key the basis keeps its form. */
export function formKey({ key, run }: Basis): string {
  return run ? key : 'preset';
}

/** The form before anything was typed. */
export function emptyForm({ title, run, config }: Basis): RunForm {
  const copied = run?.branchStep === null ? `${title}, changed` : `${title}, from step ${run?.branchStep}`;
  return {
    name: run ? copied.slice(0, 120) : '',
    tags: run?.tags ?? [],
    dataSetId: run?.dataSetId ?? null,
    preset: config.preset,
    inputs: {},
  };
}

/** What was kept; nothing of it where it is not what was written. */
export function readForms(text: string): RunForms {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecordOf(parsed, isForm) ? parsed : {};
  } catch {
    return {};
  }
}

function isForm(value: unknown): value is RunForm {
  if (!isRecordOf(value, (_entry): _entry is unknown => true)) return false;
  const { name, tags, dataSetId, preset, inputs } = value;
  return (
    typeof name === 'string' &&
    typeof preset === 'string' &&
    (dataSetId === null || typeof dataSetId === 'string') &&
    Array.isArray(tags) &&
    tags.every((tag) => typeof tag === 'string') &&
    isRecordOf(inputs, (entry): entry is Inputs => isRecordOf(entry, isInput))
  );
}

function isInput(value: unknown): value is FieldInput {
  return typeof value === 'string' || typeof value === 'boolean';
}

function isRecordOf<Value>(
  value: unknown,
  isValue: (entry: unknown) => entry is Value,
): value is Record<string, Value> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((entry) => isValue(entry))
  );
}
