/** A run as one file that can be shared: its manifest, its file name, and how to recognise such a file. */

import { rungScoreSchema, sweepRecordSchema } from './sweep/sweep.ts';
import { formatPlural } from './text/format.ts';
import { z } from 'zod';
import { imageSheetsSchema } from './comparison/comparison.ts';
import { trainingReferencesSchema } from './comparison/trainingReferences.ts';
import { runConfigSchema } from './config/config.ts';
import { dataSourceTraits, isBoundToMachine, parseDataSource, splits } from './dataset.ts';
import { evaluationSchema } from './metric.ts';
import { anyNumber } from './numbers/anyNumber.ts';
import { backendKinds, runStatuses } from './run.ts';
import { runIdSchema, runMarksSchema } from './runList.ts';

export const bundleFormat = 'sparse-field-lab run';
/**
 * Raised when an older program could not read what a newer one writes. 2: numbers that are not finite have names. 3: what the
 * machine does while the run trains, and the scores of classical methods. 4: runs that trained on a card through WebGPU.
 */
export const bundleVersion = 4;
/** Ending of the files, with its dot. */
export const bundleEnding = '.sparsefield';
/** Largest bundle that the page may send, in bytes; larger ones are imported in the terminal. */
export const largestSentBundle = 120_000_000;

/** Which checkpoints go into a bundle. */
export const bundledCheckpoints = ['newest and best', 'newest', 'best', 'all'] as const;
export type BundledCheckpoints = (typeof bundledCheckpoints)[number];

const time = z.iso.datetime();
const step = z.int().min(0);
const amount = z.number().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hexadecimal');
const line = z
  .string()
  .max(200)
  .regex(/^\P{Cc}*$/u, 'expected text in one line');

/** Names of places on a machine are not wanted from another one: they would be opened here. */
const portableSource = line.refine(isPortableSource, {
  message: 'expected synthetic or shapes, with or without a seed, cifar10 or elsewhere:<name>',
});

const backend = z.strictObject({
  kind: z.enum(backendKinds),
  device: z.enum(['CPU', 'GPU']),
  version: line,
  adapter: line.optional(),
  api: line.optional(),
  execution: z.enum(['compiled', 'eager']).optional(),
});

const dataIdentity = z.strictObject({ count: z.int().min(0), checksum: line });
const anySplit = z.enum([...splits, 'validation']);

const dataset = z.strictObject({
  source: portableSource,
  split: z.enum(splits),
  ...dataIdentity.shape,
  height: z.int().min(1),
  width: z.int().min(1),
  notes: z.array(z.string().max(2000)).max(100),
  splits: z.strictObject({ test: dataIdentity.optional(), validation: dataIdentity.optional() }).optional(),
  heldOutUpTo: sha256.optional(),
  changes: z
    .array(z.strictObject({ step, split: anySplit, from: dataIdentity, to: dataIdentity }))
    .max(10_000)
    .readonly()
    .optional(),
  refused: dataIdentity.extend({ split: anySplit }).optional(),
});

const run = z.strictObject({
  id: runIdSchema,
  name: line.max(120).refine((name) => name.trim().length > 0 && name !== 'latest', {
    message: 'expected a name other than "latest"',
  }),
  status: z.enum(runStatuses).exclude(['running']),
  preset: line,
  config: runConfigSchema.refine(({ data }) => isPortableSource(data.source), {
    message: 'expected synthetic or shapes, with or without a seed, cifar10 or elsewhere:<name>',
    path: ['data', 'source'],
  }),
  dataset: dataset.nullable(),
  backend: backend.nullable(),
  step,
  totalSteps: step.nullable(),
  epoch: step,
  processSeconds: amount,
  loss: anyNumber.nullable(),
  bestPsnr: anyNumber.nullable(),
  error: z.string().max(4000).nullable(),
  /** Older files have none. */
  warning: z.string().max(4000).nullable().default(null),
  createdAt: time,
});

const checkpoint = z.strictObject({
  step,
  /** Of its data area, as in the checkpoint file itself. */
  sha256,
  isBest: z.boolean(),
  createdAt: time,
  /** The file's own metadata, in its order, but for what the writer of checkpoints sets. */
  metadata: z.array(z.tuple([z.string().min(1).max(40), z.string().max(200_000)])).max(20),
});

const evaluation = z.strictObject({
  step,
  createdAt: time,
  ...evaluationSchema.shape,
  protocol: evaluationSchema.shape.protocol.extend({ source: portableSource }),
  /** null if no images were stored; the key is part of the file format. */
  pictures: imageSheetsSchema
    .extend({ sheets: z.array(z.string().max(200)).max(100).readonly() })
    .refine(({ sheets, states }) => states.every(({ sheet }) => sheet < sheets.length), {
      message: 'a state stands on one of the sheets',
      path: ['states'],
    })
    .nullable(),
});

const segment = z.strictObject({
  fromStep: step,
  toStep: step.nullable(),
  startedAt: time,
  endedAt: time.nullable(),
  backend,
});

export const bundleManifestSchema = z.strictObject({
  /** Of the program that wrote it. */
  appVersion: line,
  exportedAt: time,
  run,
  marks: runMarksSchema,
  /** Older files have none. */
  references: trainingReferencesSchema.nullable().default(null),
  segments: z.array(segment).max(100_000),
  /** Ascending in steps, as previews are. */
  checkpoints: z.array(checkpoint).max(10_000),
  previews: z.array(z.strictObject({ step, createdAt: time })).max(1_000_000),
  /** In the order they were made. */
  evaluations: z.array(evaluation).max(10_000),
});
export type BundleManifest = z.infer<typeof bundleManifestSchema>;

/** What an import made. */
export interface ImportedRun {
  readonly id: string;
  readonly name: string;
  readonly step: number;
  /** Steps whose checkpoint came along, ascending. */
  readonly checkpoints: readonly number[];
  /** Name of the training images that are missing here; null if none are. */
  readonly missingData: string | null;
}

/** What an import of a sweep made. */
export interface ImportedSweep {
  readonly id: string;
  readonly name: string;
  /** Whether the sweep itself was here before; runs that were not are added to it. */
  readonly wasHere: boolean;
  /** Runs that were imported. */
  readonly imported: number;
  /** Runs that were here already, those in the trash among them. */
  readonly present: number;
  /** Runs that were restored from the trash. */
  readonly restored: number;
}

/** Says what an import of a sweep made. */
export function describeImportedSweep({ name, imported, present, restored }: ImportedSweep): string {
  const trash = restored > 0 ? `, ${restored} of them in the trash and restored` : '';
  const here = present > 0 ? `; ${formatPlural(present, 'run was', 'runs were')} here already${trash}` : '';
  return `Imported the sweep “${name}” with ${formatPlural(imported, 'run')}${here}.`;
}

/** Written into the header of a file with a whole sweep. */
export const sweepFormat = 'sparse-field-lab sweep';

/** What such a file says of its sweep. */
export const sweepManifestSchema = z.strictObject({
  sweep: sweepRecordSchema,
  scores: z.array(rungScoreSchema).max(100_000),
  /** Members whose runs are in it, in the order of their data. */
  members: z.array(z.int().min(0)).max(10_000),
});
export type SweepManifest = z.infer<typeof sweepManifestSchema>;

/** Whether a file has a whole sweep, by its first bytes: 128 are enough. */
export function looksLikeSweepFile(start: Uint8Array): boolean {
  const text = String.fromCharCode(...start.subarray(8, 128));
  return text.startsWith(`{"__metadata__":{"format":"${sweepFormat}"`);
}

/** Whether a file is a bundle, by its first bytes: 128 are enough. Its name does not matter. */
export function looksLikeBundle(start: Uint8Array): boolean {
  const text = String.fromCharCode(...start.subarray(8, 128));
  return text.startsWith(`{"__metadata__":{"format":"${bundleFormat}"`);
}

/** Bytes of a run's name in a file name; with the ending it fits every file system, some of which take 255 bytes. */
const longestStem = 200;

/** The file name for a run of this name, good on every system. */
export function bundleFileName(runName: string): string {
  const kept = runName
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._ -]+/gu, '-')
    .replace(/^[-. ]+|[-. ]+$/g, '');
  const short = cutToBytes(kept, longestStem).replace(/[-. ]+$/, '') || 'run';
  // Windows treats these as devices, with any extension.
  const isDevice = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(short);
  return `${isDevice ? `run-${short}` : short}${bundleEnding}`;
}

function isPortableSource(source: string): boolean {
  try {
    const parsed = parseDataSource(source);
    if (!isBoundToMachine(parsed)) return true;
    const { kind, argument = '' } = parsed;
    return dataSourceTraits[kind].argument === 'name' && !/[\\/\p{Cc}]|^\.+$/u.test(argument);
  } catch {
    return false;
  }
}

/** The longest start of `text` of at most `limit` bytes that ends between two visible characters. */
export function cutToBytes(text: string, limit: number): string {
  if (utf8Length(text) <= limit) return text;
  let cut = '';
  let bytes = 0;
  for (const { segment } of new Intl.Segmenter('en').segment(text)) {
    bytes += utf8Length(segment);
    if (bytes > limit) break;
    cut += segment;
  }
  return cut;
}

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
