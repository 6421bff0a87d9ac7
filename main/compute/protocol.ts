/** The messages between the parent and the compute process: plain data and typed arrays only. */

import type { CropScales, MeasuredResidual, RunConfig } from '../../shared/config/config.ts';
import type { WeightsChoice } from '../../shared/config/keptAverages.ts';
import type { SparseObservation } from '../../shared/images/image.ts';
import type { Mask } from '../../shared/images/mask.ts';
import type { DatasetInfo } from '../../shared/dataset.ts';
import type { ClassicalMethod, InpaintingRequest, InpaintingScore } from '../../shared/inpainting.ts';
import type { TrainingReferences } from '../../shared/comparison/trainingReferences.ts';
import type { Evaluation, MonitoredMetric, PlannedProtocol } from '../../shared/metric.ts';
import type { BackendInfo, ExecutionKind } from '../../shared/run.ts';
import type { ParityOptions, ParityReport } from './parity/runParity.ts';
import type { Study, StudyImage } from '../../shared/study.ts';
import type { SamplingPlan } from '../engine/solver/route.ts';

export interface TrainJob {
  readonly config: RunConfig;
  /** The run's folder: checkpoints are written there. */
  readonly folder: string;
  /** Path of the checkpoint to resume from; null to start from the beginning. */
  readonly checkpoint: string | null;
  /** Folder in which downloads are kept. */
  readonly cacheFolder: string;
  /** The images that the run was trained on so far; null before the first training. */
  readonly known: DatasetInfo | null;
  /** Continues even if the images differ from `known`. */
  readonly acceptChangedData: boolean;
  /** Scores of the classical methods that other runs of the same settings found, by the checksum of their images. */
  readonly references?: Readonly<Record<string, TrainingReferences>>;
  /** Pauses there, with a checkpoint, although the budget is not spent; training continues from it as if it had not paused. */
  readonly pauseAt?: TrainingPoint;
}

/** A point of a training: steps or minutes since its beginning. */
export type TrainingPoint = { readonly steps: number } | { readonly minutes: number };

/** Images of a data source, and how a trained field samples them. */
export interface SamplingJob {
  readonly checkpoint: string;
  /** Folder in which downloads are kept. */
  readonly cacheFolder: string;
  /** Images, masks and noise; the compute process adds what it finds, such as the checksum of the images. */
  readonly protocol: PlannedProtocol & { readonly noiseSeed: number };
  readonly folderLayout?: RunConfig['data']['folderLayout'];
  /** Evaluates fixed crops at these scales; default: whole images. */
  readonly crops?: CropScales | null;
  /** The images that the source held when the run was trained on it; absent if nothing is expected of them. */
  readonly known?: DatasetInfo | null;
  /** Continues even if the images differ from `known`. */
  readonly acceptChangedData?: boolean;
  /** At least one; each is evaluated in rows of its own. */
  readonly plans: readonly SamplingPlan[];
  /** Samples averaged in the last row of a plan; 1: the row of a single sample only. */
  readonly samples: number;
  /** Default: the run's main EMA of the weights, if it keeps one. */
  readonly weights?: WeightsChoice;
}

export interface EvaluateJob extends SamplingJob {
  /** Number of images, from the start of the split; all if it has fewer. */
  readonly images: number;
  /**
   * Results of the classical methods by protocol. If the protocol of this evaluation is among them, they are taken from
   * here, and no images of these methods are sent.
   */
  readonly knownClassical?: readonly Pick<Evaluation, 'protocol' | 'rows'>[];
}

export interface ReconstructJob extends SamplingJob {
  /** Dataset indices. */
  readonly indices: readonly number[];
}

/** A study of some images: see `shared/study.ts`. Each has `samples` samples. */
export type StudyJob = Omit<ReconstructJob, 'plans'>;

/** What a study found; its parent adds when. */
export interface StudiedRun extends Omit<Study, 'format' | 'createdAt' | 'images'> {
  readonly images: readonly (Study['images'][number] & { readonly arrays: StudyImage })[];
}

export type Command =
  | { readonly type: 'train'; readonly job: TrainJob }
  | { readonly type: 'evaluate'; readonly job: EvaluateJob }
  | { readonly type: 'reconstruct'; readonly job: ReconstructJob }
  | { readonly type: 'study'; readonly job: StudyJob }
  | { readonly type: 'parity'; readonly job: ParityOptions }
  | { readonly type: 'inpaint'; readonly job: InpaintJob }
  /** Answered like `inpaint`, without TensorFlow. */
  | { readonly type: 'estimate'; readonly job: EstimateJob }
  /** Loads TensorFlow and this checkpoint for inpaintings to come, neither if it is null; nothing is reported. */
  | { readonly type: 'prepareInpainting'; readonly checkpoint: string | null }
  /** Ends the inpainting of this id; the process stays. */
  | { readonly type: 'cancel'; readonly id: string }
  /** `scores`: a training evaluates its last state after it has written the checkpoint; default: it ends there. */
  | { readonly type: 'pause'; readonly scores?: boolean }
  | { readonly type: 'stop'; readonly scores?: boolean };

/** The pixels of an image: height × width × channels bytes. */
export interface PixelRows {
  readonly height: number;
  readonly width: number;
  /** RGB, or RGB with opacity; 3 where it is left out. */
  readonly channels?: 3 | 4;
  readonly pixels: Uint8Array;
}

/** Images of one method, in the order of the job's indices: count × height × width × 3 floats in [0, 1]. */
export interface MethodImages {
  readonly method: string;
  readonly values: Float32Array;
  /** dB per image; infinite where it is exact. */
  readonly psnr: readonly number[];
}

export interface Reconstruction {
  readonly height: number;
  readonly width: number;
  readonly truth: Float32Array;
  /** What is observed of each image. */
  readonly observations: readonly SparseObservation[];
  readonly methods: readonly MethodImages[];
  readonly evaluation: Evaluation;
}

/** The first images behind one row of an evaluation: image i at column i mod columns, row ⌊i / columns⌋. */
export interface SheetEvent {
  readonly type: 'sheet';
  /** `truth`, `known` (transparent where nothing is known), then the methods of the rows. */
  readonly name: string;
  /**
   * Of the images on their way to those of this method, which come after them: where along the path they stand, 0 … 1;
   * one time of all of them, or one of each.
   */
  readonly times?: readonly number[];
  readonly images: number;
  readonly columns: number;
  readonly rows: PixelRows;
}

export type ComputeEvent =
  | { readonly type: 'ready'; readonly backend: BackendInfo; readonly reason: string | null }
  /** What runs compiled or eagerly, and why where it is eagerly. */
  | {
      readonly type: 'execution';
      readonly what: string;
      readonly kind: ExecutionKind;
      readonly reason: string | null;
    }
  | {
      readonly type: 'progress';
      readonly phase: string;
      readonly done: number;
      readonly total: number | null;
      /** Of an evaluation: how far the whole job is, 0 to 1, over all its methods; absent while data are read. */
      readonly fraction?: number;
    }
  | {
      readonly type: 'started';
      readonly dataset: DatasetInfo;
      /** Whether its images are not those the run was trained on before: earlier scores do not compare with later ones. */
      readonly dataChanged?: boolean;
      readonly step: number;
      readonly totalSteps: number;
      readonly stepsPerEpoch: number;
      readonly parameters: number;
      /** The unit of the path, where it is measured; the run keeps it. */
      readonly measured?: MeasuredResidual;
    }
  | {
      readonly type: 'step';
      readonly step: number;
      readonly epoch: number;
      readonly loss: number;
      readonly gradNorm: number;
      readonly learningRate: number;
      readonly milliseconds: number;
      readonly processSeconds: number;
    }
  /** What the process used since the sample before; every few seconds. */
  | {
      readonly type: 'system';
      readonly step: number;
      readonly processSeconds: number;
      readonly stepsPerSecond: number;
      /** Mean number of cores in use. */
      readonly cpuCores: number;
      /** Resident memory. */
      readonly memoryBytes: number;
    }
  | {
      readonly type: 'evaluation';
      readonly step: number;
      readonly processSeconds: number;
      readonly scores: Readonly<Record<MonitoredMetric, number>>;
      readonly exactImages: number;
      /** Replaces the warning of the run, null removes it; absent while nothing is known. */
      readonly warning?: string | null;
    }
  /** What classical methods score on the images that the run is evaluated on; once a session. */
  | { readonly type: 'references'; readonly scores: TrainingReferences }
  | SheetEvent
  | { readonly type: 'preview'; readonly step: number; readonly rows: PixelRows }
  | {
      readonly type: 'checkpoint';
      readonly step: number;
      readonly epoch: number;
      readonly file: string;
      readonly bytes: number;
      readonly sha256: string;
      readonly isBest: boolean;
      /** Whether training ends here; absent for those of the cadence. */
      readonly isLast?: boolean;
      readonly processSeconds: number;
      readonly loss: number | null;
      readonly bestPsnr: number | null;
    }
  | {
      readonly type: 'ended';
      readonly end: 'finished' | 'paused' | 'stopped' | 'diverged';
      readonly step: number;
    }
  /** `isPartial`: further sampling settings follow. */
  | { readonly type: 'evaluated'; readonly evaluation: Evaluation; readonly isPartial?: boolean }
  | { readonly type: 'checked'; readonly report: ParityReport }
  | { readonly type: 'reconstructed'; readonly reconstruction: Reconstruction }
  | { readonly type: 'studied'; readonly study: StudiedRun }
  | InpaintEvent
  /** Sent by the parent: the process crashed, and its job was started once more, eagerly. */
  | { readonly type: 'retried'; readonly message: string }
  /**
   * `storage`: the disk refused, `device`: the graphics card stopped; the run pauses instead of crashing. `data`: the images cannot be used, or are other
   * ones than before, which `refused` reports. `precondition`: something else prevented the first step.
   */
  | {
      readonly type: 'failed';
      readonly cause: 'error' | 'storage' | 'device' | 'data' | 'precondition';
      readonly message: string;
      readonly refused?: DatasetInfo['refused'];
    };

/** An image of any size, to be reconstructed from its known pixels. The process stays alive for the next one. */
export interface ImageJob extends Pick<InpaintingRequest, 'fit' | 'scale' | 'truthIsKnown'> {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** width × height × 3. */
  readonly pixels: Uint8Array;
  /** Of the image's size or, with `fit: 'fit'`, also of the square that the image is fitted to: imageSize × imageSize. */
  readonly mask: Mask;
  /** width × height, 1 = opaque: transparent pixels are never known, whatever the mask says. null: all are opaque. */
  readonly opaque: Uint8Array | null;
}

/** An image that a trained field fills in. */
export interface InpaintJob
  extends ImageJob, Pick<InpaintingRequest, 'samples' | 'seed' | 'bounded' | 'symmetries'> {
  readonly config: RunConfig;
  readonly plan: SamplingPlan;
  readonly checkpoint: string;
}

/** An image that a classical method fills in. */
export interface EstimateJob extends ImageJob {
  readonly method: ClassicalMethod;
  /** A classical method has no training size to shrink an image to. */
  readonly fit: 'whole';
}

/** The result of an inpainting; images are height × width × 3 bytes, of the size after fit and scale. */
export interface InpaintedImage {
  readonly height: number;
  readonly width: number;
  readonly truth: Uint8Array;
  readonly mask: Mask;
  /** The sample, the mean of several, or the estimate of the classical method; known values are exact. */
  readonly result: Uint8Array;
  /** height × width grey: 255 is `largestDeviation`; null with a single sample. */
  readonly deviation: Uint8Array | null;
  readonly largestDeviation: number | null;
  /** What each classical method makes of the image; known values are exact. */
  readonly classical: Readonly<Record<ClassicalMethod, Uint8Array>>;
  /** Known pixels; known values where the mask has three channels. */
  readonly observed: number;
  readonly nfe: number;
  readonly seconds: number;
  readonly peakBytes: number;
  readonly tiles: number;
  readonly scores: readonly InpaintingScore[];
}

export type InpaintEvent =
  /** An intermediate state of the first sample, clamped, known pixels pasted; `index` counts from 0 (the start). */
  | {
      readonly type: 'inpaintState';
      readonly id: string;
      readonly index: number;
      readonly time: number;
      readonly rows: PixelRows;
    }
  /** One sample of several is done; `sample` counts from 1. */
  | { readonly type: 'inpaintSample'; readonly id: string; readonly sample: number; readonly rows: PixelRows }
  /** The result is there; only what it is compared with is still computed. */
  | { readonly type: 'inpaintResult'; readonly id: string; readonly rows: PixelRows }
  | { readonly type: 'inpainted'; readonly id: string; readonly inpainting: InpaintedImage }
  /** It failed, or was cancelled (`message` null); the process stays. */
  | { readonly type: 'inpaintingEnded'; readonly id: string; readonly message: string | null };
