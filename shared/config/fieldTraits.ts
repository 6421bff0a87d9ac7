/** What each network needs and can: shown where one is chosen, and obeyed by whoever makes its batches. */

/** The networks by name. */
export const fieldKinds = ['perceiver', 'unet', 'local', 'transformer'] as const;
type FieldKind = (typeof fieldKinds)[number];

export interface FieldTraits {
  readonly title: string;
  /**
   * `points`: any pixels are asked for. `grid`: always all of them, row by row, and `mask.targetRatio` has no influence.
   * What a configuration needs is said by queriesOf.
   */
  readonly queries: 'points' | 'grid';
  /** The option of `field` by which its queries see one another, which then are the whole grid; null: they never do. */
  readonly mixesBy: 'mixing' | 'queriesAttend' | null;
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

export const fieldTraits: Readonly<Record<FieldKind, FieldTraits>> = {
  perceiver: {
    title: 'Perceiver IO',
    queries: 'points',
    mixesBy: null,
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
    mixesBy: null,
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
    mixesBy: 'mixing',
    readsList: false,
    reads: ['neighbours'],
    isResolutionFree: true,
    takesAnyKeepRatio: true,
    cost: 'queries × neighbours',
    description:
      'Every query reads the observed pixels nearest to it by their offsets; with field.mixing also the queries around it, and all pixels are predicted.',
  },
  transformer: {
    title: 'Transformer',
    queries: 'points',
    mixesBy: 'queriesAttend',
    readsList: true,
    reads: ['patch'],
    isResolutionFree: false,
    takesAnyKeepRatio: true,
    cost: 'observed × (observed + queries)',
    description:
      'Observed pixels attend to one another, queries attend to them; with field.queriesAttend also to one another, and all pixels are predicted.',
  },
};

/** What a network of this configuration is asked for: queries that see one another are the whole grid. */
export function queriesOf(
  field: { readonly kind: FieldKind } & Readonly<Record<NonNullable<FieldTraits['mixesBy']>, unknown>>,
): FieldTraits['queries'] {
  const { queries, mixesBy } = fieldTraits[field.kind];
  return mixesBy !== null && Boolean(field[mixesBy]) ? 'grid' : queries;
}
