/** All requests and events between the page and the main side. The types of both ends are inferred from here. */

import type { z } from 'zod';
import './text/schemaMessages.ts';
import type { MenuCommand, Notice } from './appInfo.ts';
import type { SavedComparison } from './comparison/comparison.ts';
import { bundleRequests } from './contract/bundles.ts';
import { clusterRequests } from './contract/cluster.ts';
import { compareRequests } from './contract/compare.ts';
import { dataRequests } from './contract/data.ts';
import { inpaintingRequests } from './contract/inpainting.ts';
import { presetRequests } from './contract/presets.ts';
import { runRequests } from './contract/runs.ts';
import { studyRequests } from './contract/study.ts';
import { sweepRequests } from './contract/sweeps.ts';
import { systemRequests } from './contract/system.ts';
import { trainingRequests } from './contract/training.ts';
import type { PresetLibrary } from './config/savedPresets.ts';
import type { DatasetEntry, LibraryProgress } from './dataLibrary.ts';
import type { Answer } from './failure.ts';
import type { InpaintingEntry } from './inpainting.ts';
import type { Evaluation, MetricPoint } from './metric.ts';
import type { QueueState } from './queue.ts';
import type { RunSummary } from './runList.ts';
import type { Settings } from './settings.ts';
import type { UpdateState } from './updates.ts';
import type { SweepSummary } from './sweep/sweepViews.ts';

export const requests = {
  ...runRequests,
  ...bundleRequests,
  ...compareRequests,
  ...trainingRequests,
  ...presetRequests,
  ...dataRequests,
  ...inpaintingRequests,
  ...studyRequests,
  ...sweepRequests,
  ...clusterRequests,
  ...systemRequests,
} as const;

export type Requests = typeof requests;
export type RequestName = keyof Requests;
/** Input as the caller gives it: fields with defaults may be left out. */
export type RequestInput<Name extends RequestName> = z.input<Requests[Name]['input']>;
/** Input as the handler receives it. */
export type ParsedInput<Name extends RequestName> = z.output<Requests[Name]['input']>;
export type RequestOutput<Name extends RequestName> = NonNullable<Requests[Name]['output']> | NullOf<Name>;
/** Restores the null of an optional answer, which `NonNullable` above removes together with undefined. */
type NullOf<Name extends RequestName> = null extends Requests[Name]['output'] ? null : never;

/** Events that the main side sends. */
export interface Events {
  /** Status, progress or marks of these runs changed. At most twice a second per run. */
  'runs.changed': readonly RunSummary[];
  /** Runs appeared, disappeared or changed their view: the list must be requested again. */
  'runs.listChanged': null;
  /** New points, buffered for about 200 ms. */
  'run.metrics': { readonly runId: string; readonly points: readonly MetricPoint[] };
  'run.preview': { readonly runId: string; readonly step: number };
  'run.checkpoint': { readonly runId: string; readonly step: number };
  'run.evaluated': { readonly runId: string; readonly step: number; readonly evaluation: Evaluation };
  /** The study of a run was stored. */
  'run.studied': { readonly runId: string };
  'queue.changed': QueueState;
  /** State or members of a sweep changed; at most once a second each. */
  'sweeps.changed': SweepSummary;
  /** Sweeps appeared or disappeared: the list must be requested again. */
  'sweeps.listChanged': null;
  /** What is known of a sweep on a cluster changed: `cluster.view` has it. */
  'cluster.changed': { readonly id: string };
  'comparisons.changed': readonly SavedComparison[];
  'data.changed': readonly DatasetEntry[];
  'data.progress': LibraryProgress;
  /** Status, progress or result of an inpainting; at most four times a second each. */
  'inpaint.changed': InpaintingEntry;
  /** Entries appeared or disappeared: the list must be requested again. */
  'inpaint.listChanged': null;
  'presets.changed': PresetLibrary;
  'settings.changed': Settings;
  'updates.changed': UpdateState;
  notice: Notice;
  'menu.command': MenuCommand;
}
export type EventName = keyof Events;

export const eventNames = [
  'runs.changed',
  'runs.listChanged',
  'run.metrics',
  'run.preview',
  'run.checkpoint',
  'run.evaluated',
  'run.studied',
  'queue.changed',
  'sweeps.changed',
  'sweeps.listChanged',
  'cluster.changed',
  'comparisons.changed',
  'data.changed',
  'data.progress',
  'inpaint.changed',
  'inpaint.listChanged',
  'presets.changed',
  'settings.changed',
  'updates.changed',
  'notice',
  'menu.command',
] as const satisfies readonly EventName[];

export const requestNames = Object.keys(requests) as RequestName[];

/** Requests with a field `bytes`, which cross a socket as binary bodies. */
export const bytesRequestNames = requestNames.filter((name) => 'bytes' in requests[name].input.shape);

/** A `File` of the page; this room does not know its type. */
export type DroppedFile = object;

/** How the page reaches the main side: the object of the preload script in the desktop, a socket in a browser. */
export interface Bridge {
  readonly mode: 'desktop' | 'browser';
  /** Start of every media address, with a slash at its end. */
  readonly mediaRoot: string;
  request<Name extends RequestName>(name: Name, input: RequestInput<Name>): Promise<Answer<unknown>>;
  /** Returns the function that ends the subscription. */
  on<Name extends EventName>(name: Name, listener: (payload: Events[Name]) => void): () => void;
  /** Returns the path of a file or folder that was dropped on the page or chosen in a dialog; null: not known here. */
  pathOfFile(file: DroppedFile): string | null;
  /** Reports whether the main side can be reached. Returns the function that ends the subscription. */
  onConnection(listener: (isConnected: boolean) => void): () => void;
}
