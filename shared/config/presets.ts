/** The presets: named configurations with what each is for. */

import { type RunConfig, type RunConfigInput, runConfigSchema } from './config.ts';

export interface Preset {
  readonly name: string;
  readonly title: string;
  /** What it is for, in at most 50 characters. */
  readonly summary: string;
  /** One or two sentences: what it is for, and what it costs. */
  readonly description: string;
  /** Whether it is there to compare other methods with, rather than to fill in images. */
  readonly isForComparison?: true;
  /** The differences to the defaults of the schema. */
  readonly config: RunConfigInput;
}

/** The smallest network that beats the thin plate, trained in minutes on two cores. */
export const tiny: Preset = {
  name: 'tiny',
  title: 'Tiny',
  summary: 'The smallest network that beats interpolation',
  description:
    'Three minutes on two CPU cores. A small Perceiver with three upgrades: queries carry the state, time conditions every read-out norm, and the field predicts the difference to the thin plate.',
  config: {
    data: { flips: true, validationImages: 64 },
    mask: { law: 'counter', pool: 64, targetRatio: 0.25 },
    field: {
      latents: 32,
      dim: 64,
      fourierFeatures: 32,
      fourierScale: 3,
      blocks: 1,
      heads: 4,
      dropout: 0,
      queryCarriesState: true,
      timeConditioning: 'adaptive',
      readBlocks: 2,
      residual: 'thin-plate',
      patch: 7,
    },
    path: { prediction: 'data', start: 'classical', startNoise: 1, unit: 'residual' },
    objective: { startShare: 0.5 },
    optim: { learningRate: 2e-3, schedule: 'constant', warmupSteps: 50, ema: 0.995 },
    train: {
      batchSize: 16,
      evaluate: 'posterior mean',
      evaluationImages: 64,
      epochs: 1000,
      minutes: 3,
      timesPerRun: 20,
      checkpointEverySteps: 250,
    },
    sampler: { solver: 'heun', steps: 10 },
  },
};

/** The default: a small U-Net that improves for as long as it is trained. */
const laptop: Preset = {
  name: 'laptop',
  title: 'Laptop',
  summary: 'Improves for as long as it is trained',
  description:
    'Ten minutes on two CPU cores, or any other time, over which the learning rate falls. A U-Net of three resolutions predicts the difference to the thin plate at every pixel. 0.6 million parameters.',
  config: {
    ...tiny.config,
    mask: { law: 'counter', pool: 64, targetRatio: 0.8 },
    field: {
      kind: 'unet',
      dim: 32,
      levels: 3,
      // Two are as good after ten minutes, and take twice as long to sample.
      blocks: 1,
      dropout: 0,
      timeConditioning: 'adaptive',
      residual: 'thin-plate',
    },
    optim: { kind: 'muon', learningRate: 2e-3, schedule: 'budget', warmupSteps: 50, ema: 0.995 },
    train: { ...tiny.config.train, minutes: 10 },
    sampler: { ...tiny.config.sampler, symmetries: 2 },
  },
};

/** The default network with shortcuts: samples in four evaluations. */
const fewSteps: Preset = {
  name: 'few-steps',
  title: 'Few steps',
  summary: 'Samples in 1, 2, 4 or 8 evaluations',
  description:
    'Ten minutes on two CPU cores. The U-Net of the default preset is conditioned on the size of its step and learns to take two steps in one: samples in 1, 2, 4 or 8 Euler steps, and the posterior mean in one evaluation as before. It starts wide around the thin plate, so that samples differ.',
  config: {
    ...laptop.config,
    field: { ...laptop.config.field, stepConditioning: true },
    path: {
      prediction: 'velocity',
      start: 'classical',
      startNoise: 2.5,
      residualDeviation: 1,
      unit: 'residual',
    },
    objective: { time: 'stratified', startShare: 0.25, shortcutShare: 0.25 },
    sampler: { ...laptop.config.sampler, solver: 'euler', steps: 4 },
  },
};

/** The same kind of network as `tiny`, twice as wide and deeper: for an hour on the CPU of a workstation. */
export const small: Preset = {
  name: 'small',
  title: 'Small',
  summary: 'The network of Tiny, wider and deeper',
  description:
    'An hour on a CPU: the tiny preset with 128 latents × 128, three context blocks and three read-out blocks. 1.7 million parameters.',
  config: {
    ...tiny.config,
    field: { ...tiny.config.field, latents: 128, dim: 128, fourierFeatures: 64, blocks: 3, readBlocks: 3 },
    optim: { ...tiny.config.optim, learningRate: 1e-3, ema: 0.999 },
    train: {
      ...tiny.config.train,
      minutes: 60,
      checkpointEverySteps: 500,
    },
  },
};

/** For damaged photographs: trained on crops of photographs, under every kind of mask that people brush over them. */
const mend: Preset = {
  name: 'mend',
  title: 'Mend',
  summary: 'Scratches, writing and holes in photographs',
  description:
    'Half an hour on two CPU cores, with a folder of your photographs: a few large ones are enough. New crops of 64 × 64 pixels at several scales in every step, hidden under strokes, text, blocks and random pixels. Fills scratches, writing and holes in photographs of any size.',
  config: {
    ...laptop.config,
    data: { ...laptop.config.data, imageSize: 64, crops: true },
    mask: {
      law: 'mixture',
      mixture:
        'strokes 4 keep=0.6..0.95, text 1.5 keep=0.7..0.95, block keep=0.72..0.98 blocks=1..3, uniform 3 keep=0.1..0.3, uniform keep=0.3..0.9',
      pool: 128,
    },
    // Reaches 54 pixels (that of `laptop`: 46) with a sixth of the multiplications of `laptop`: in half an hour, more and larger
    // batches count for more than depth.
    field: { ...laptop.config.field, dim: 16, levels: 4 },
    // Samples of holes have less grain from pink noise.
    path: { ...laptop.config.path, unit: 'local', estimate: 'tension-spline', noise: 'pink' },
    // Most of the batch at t = 0, where the posterior mean is learned: it is what people see first.
    objective: { ...laptop.config.objective, startShare: 0.6, knownWeight: 0.1 },
    train: { ...laptop.config.train, evaluationImages: 32, minutes: 30 },
    sampler: { ...laptop.config.sampler, symmetries: 8 },
  },
};

/** For enlarging photographs by 2 or 4: every second or fourth pixel of a line is known. */
const upscale: Preset = {
  name: 'upscale',
  title: 'Upscale',
  summary: 'Enlarges photographs by 2 or 4',
  description:
    'Twenty minutes on two CPU cores, with a folder of your photographs: a few large ones are enough. New crops of 48 × 48 pixels in every step, of which every second or every fourth pixel in both directions is known. Enlarges images by two and by four.',
  config: {
    ...mend.config,
    data: { ...mend.config.data, imageSize: 48 },
    // The grid is the same in every mask; eight of them meet the weights of the mixture.
    mask: { law: 'mixture', mixture: 'grid keep=0.25, grid keep=0.0625', pool: 8 },
    // Known pixels are near: more channels count for more than reach, and what is missing is fine.
    field: { ...mend.config.field, dim: 32, levels: 3 },
    path: { ...mend.config.path, noise: 'white' },
    objective: { ...mend.config.objective, startShare: 0.75 },
    train: { ...mend.config.train, minutes: 20 },
  },
};

/** The network of `tiny` as a denoiser: pure noise becomes an image along the cosine path. */
const denoiser: Preset = {
  name: 'denoiser',
  title: 'Denoiser',
  summary: 'Tiny as a denoiser, sampled by DDIM',
  isForComparison: true,
  description:
    'Three minutes on two CPU cores. The tiny network predicts the image from noise on a cosine path, weighted by min-SNR with a floor, and samples by DDIM.',
  config: {
    ...tiny.config,
    path: { kind: 'cosine', prediction: 'data', startNoise: 10, unit: 'residual' },
    objective: { time: 'stratified', startShare: 0.5, weighting: 'min-snr', snrFloor: 1 },
    sampler: { solver: 'ddim', steps: 20 },
  },
};

/** The network of `tiny` as a score model: it predicts the noise of the variance-preserving SDE, which is removed step by step. */
const score: Preset = {
  name: 'score',
  title: 'Score',
  summary: 'Tiny as a score model, sampled by Langevin',
  isForComparison: true,
  description:
    'Three minutes on two CPU cores. The tiny network predicts the noise of the VP-SDE, which is score matching weighted by σ², and samples by the ancestral step with Langevin corrections.',
  config: {
    ...tiny.config,
    path: {
      kind: 'variance-preserving',
      prediction: 'noise',
      startNoise: 10,
      residualDeviation: 1,
      unit: 'residual',
    },
    objective: { time: 'stratified' },
    sampler: { solver: 'langevin', steps: 50 },
  },
};

/** Steps of an epoch of 50 000 images in batches of 64, without the partial last batch. */
const epoch = 781;

/**
 * The notebook's numbers, defects included (no token kinds, time added to colours, queries without their state, fixed masks, a
 * plain decoder): the permanent baseline. What is not listed is the default of the schema, which is the notebook's.
 */
export const notebook: Preset = {
  name: 'notebook',
  title: 'Notebook',
  summary: 'The original method, exactly; wants a GPU',
  isForComparison: true,
  description:
    'The notebook exactly, defects included: Perceiver IO with 512 latents × 512, batch 64, 100 epochs. 27 million parameters; wants a GPU, and does not learn at small sizes.',
  config: {
    train: {
      evaluate: 'sample',
      evaluationImages: 160,
      evaluateEverySteps: 2 * epoch,
      previewEverySteps: 5 * epoch,
      checkpointEverySteps: epoch,
    },
    sampler: { solver: 'heun', steps: 50 },
  },
};

/** The denoiser of the notebook's family: its network and training, with the image predicted along the cosine path. */
const notebookDenoiser: Preset = {
  name: 'notebook-denoiser',
  title: 'Notebook denoiser',
  summary: 'The original network as a denoiser',
  isForComparison: true,
  description:
    'The notebook’s network as a denoiser with DDIM, defects included: a loss without weights, time added to the colours, queries without their state, frozen masks. 27 million parameters; wants a GPU, and does not learn at small sizes.',
  config: {
    ...notebook.config,
    path: { kind: 'cosine', prediction: 'data' },
    sampler: { solver: 'ddim', steps: 50 },
  },
};

/** The score model of the notebook's family: its network and training, with the bare score predicted along the VP-SDE. */
const notebookScore: Preset = {
  name: 'notebook-score',
  title: 'Notebook score',
  summary: 'The original network as a score model',
  isForComparison: true,
  description:
    'The notebook’s network as a score model, defects included: the score’s loss lacks its weight σ², the sampler its drift 1/√(1 − β); time is added to the colours, queries lack their state, masks are frozen. 27 million parameters; wants a GPU, and does not learn at small sizes.',
  config: {
    ...notebook.config,
    path: { kind: 'variance-preserving', prediction: 'score' },
    sampler: { solver: 'ancestral-undrifted', steps: 100 },
  },
};

/** All presets; the first is the default. */
export const presets: readonly Preset[] = [
  laptop,
  fewSteps,
  tiny,
  small,
  mend,
  upscale,
  denoiser,
  score,
  notebook,
  notebookDenoiser,
  notebookScore,
];

/** Returns the preset of a name. */
export function findPreset(name: string): Preset | undefined {
  return presets.find((preset) => preset.name === name);
}

/** Returns the title of a preset of the program; those of the user are called by their names. */
export function titleOfPreset(name: string): string {
  return findPreset(name)?.title ?? name;
}

/** Returns the configuration of a preset with all defaults filled in. */
export function resolvePreset(preset: Preset): RunConfig {
  const data: RunConfigInput['data'] = { folderLayout: 'honoured', ...preset.config.data };
  const input: RunConfigInput = { ...preset.config, preset: preset.name, data };
  return runConfigSchema.parse(input);
}

/**
 * Returns a configuration as input of the schema in which `field` also has what the preset says about other networks: when
 * another network is chosen, its parameters start from there. Presets of users have one network only; the others start from the
 * program's first preset of theirs.
 */
export function withOtherNetworks(config: RunConfig): RunConfigInput {
  const preset = findPreset(config.preset);
  const others = preset ? preset.config.field : { ...tiny.config.field, ...laptop.config.field };
  return { ...config, field: { ...others, ...config.field } };
}
