/** What each network needs and can: shown where one is chosen, and obeyed by whoever makes its batches. */

/** The networks by name. */
export const fieldKinds = ['perceiver', 'unet', 'local', 'transformer'] as const;

export interface FieldTraits {
  readonly title: string;
  /** `points`: any pixels are asked for. `grid`: always all of them, row by row, and `mask.targetRatio` has no influence. */
  readonly queries: 'points' | 'grid';
  /** Whether it reads the observed pixels as a list, as long for every image of a batch. */
  readonly readsList: boolean;
  /** What it reads around a query besides coordinates, colours and the estimate. */
  readonly reads: readonly ('patch' | 'neighbours')[];
  /** Whether it knows offsets in place of places: on pictures of another size it is as good as where it was trained. */
  readonly isResolutionFree: boolean;
  /** Whether it takes any share of observed pixels, on which it was trained or not. */
  readonly takesAnyKeepRatio: boolean;
  /** What one evaluation of a picture costs, in words. */
  readonly cost: string;
  readonly description: string;
}

export const fieldTraits: Readonly<Record<(typeof fieldKinds)[number], FieldTraits>> = {
  perceiver: {
    title: 'Perceiver IO',
    queries: 'points',
    readsList: true,
    reads: ['patch'],
    isResolutionFree: false,
    takesAnyKeepRatio: true,
    cost: 'latents × (observed + queries)',
    description: 'Latents read the observed pixels, queries read the latents.',
  },
  unet: {
    title: 'U-Net',
    queries: 'grid',
    readsList: false,
    reads: [],
    isResolutionFree: true,
    takesAnyKeepRatio: true,
    cost: 'pixels',
    description: 'Convolutions over mask, estimate and state, at several resolutions.',
  },
  local: {
    title: 'Local',
    queries: 'points',
    readsList: false,
    reads: ['neighbours'],
    isResolutionFree: true,
    takesAnyKeepRatio: true,
    cost: 'queries × neighbours',
    description: 'Every query reads the observed pixels nearest to it by their offsets.',
  },
  transformer: {
    title: 'Transformer',
    queries: 'points',
    readsList: true,
    reads: ['patch'],
    isResolutionFree: false,
    takesAnyKeepRatio: true,
    cost: 'observed × (observed + queries)',
    description: 'Observed pixels attend to one another, queries attend to them.',
  },
};
