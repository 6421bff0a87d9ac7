/** State of the New run page: the configuration it starts from and the user's inputs, which survive a reload. */

import type { RunConfig } from '../../../shared/config/config.ts';
import { findPreset, type Preset, presets, resolvePreset } from '../../../shared/config/presets.ts';
import type { QueueState } from '../../../shared/queue.ts';
import type { RunDetail } from '../../../shared/runDetail.ts';
import type { FieldInput, Inputs } from './checkInputs.ts';

/** The preset or run whose configuration the form changes. */
export interface StartingPoint {
  /** `preset:tiny`, `run:abcdefgh` or `run:abcdefgh@1200`; inputs are kept per key. */
  readonly key: string;
  /** Title of the preset or name of the run. */
  readonly title: string;
  readonly config: RunConfig;
  /** null for a preset. */
  readonly run: SourceRun | null;
}

export interface SourceRun {
  readonly id: string;
  /** Dataset of the run; null if it is no longer in the library. */
  readonly datasetId: string | null;
  readonly tags: readonly string[];
  /** Step of the checkpoint whose weights the new run starts from; null to train from scratch. */
  readonly branchStep: number | null;
}

/** Values of the form. All presets share one form except for their inputs, so that name, tags and dataset are kept. */
export interface RunForm {
  readonly name: string;
  readonly tags: readonly string[];
  /** null if none is selected. */
  readonly datasetId: string | null;
  /** Preset selected last; unused in the form of a run. */
  readonly preset: string;
  /** Inputs by the key of the starting point. */
  readonly inputs: Readonly<Record<string, Inputs>>;
}

export type RunForms = Readonly<Record<string, RunForm>>;

/** Returns the starting point for a preset, or of the first preset if `find` knows none of that name. */
export function startingPointOfPreset(
  name: string,
  find: (name: string) => Preset | undefined = findPreset,
): StartingPoint {
  const preset = find(name) ?? presets[0];
  return { key: `preset:${preset.name}`, title: preset.title, config: resolvePreset(preset), run: null };
}

/** Returns the starting point for a changed copy, or of a branch from the checkpoint at `branchStep`. */
export function startingPointOfRun(
  { run, summary, datasetId }: RunDetail,
  branchStep: number | null,
): StartingPoint {
  return {
    key: branchStep === null ? `run:${run.id}` : `run:${run.id}@${branchStep}`,
    title: run.name,
    config: run.config,
    run: { id: run.id, datasetId, tags: summary.tags, branchStep },
  };
}

/** Returns the key under which the form of a starting point is stored. */
export function formKey({ key, run }: StartingPoint): string {
  return run ? key : 'preset';
}

/** Returns the form without any user input. */
export function emptyForm({ title, run, config }: StartingPoint): RunForm {
  const copied = run?.branchStep === null ? `${title}, changed` : `${title}, from step ${run?.branchStep}`;
  return {
    name: run ? copied.slice(0, 120) : '',
    tags: run?.tags ?? [],
    datasetId: run?.datasetId ?? null,
    preset: config.preset,
    inputs: {},
  };
}

/** Parses the stored forms; returns none if the text is invalid. */
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
  const { name, tags, datasetId, preset, inputs } = value;
  return (
    typeof name === 'string' &&
    typeof preset === 'string' &&
    (datasetId === null || typeof datasetId === 'string') &&
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

/** Returns `Start now` or, for example, `Add to queue (2 waiting)`; a held queue starts no run by itself. */
export function startLabel({ active, waiting, held }: QueueState): string {
  const isFree = active.length === 0 && waiting.length === 0;
  if (isFree && !held) return 'Start now';
  if (waiting.length > 0) return `Add to queue (${waiting.length} waiting${held ? ', held' : ''})`;
  return 'Add to queue (next)';
}
