/** In which order runs are recommended for an image and its mask: the same damage, then the same scale, then the score. */

import type { ScoreBasis } from '../comparison/scoreBasis.ts';

/** The scale that a run was trained at. */
export interface TrainedScale {
  /** Side of its training images, in pixels. */
  readonly imageSize: number;
  /** Whether these are crops of photographs at their own scale, not whole images reduced to that side. */
  readonly isCropped: boolean;
}

/** The image that a run is given, after it was enlarged; `isFitted`: shrunk to the training size of the run. */
export interface GivenImage {
  readonly width: number;
  readonly height: number;
  readonly isFitted: boolean;
}

/** Whole images are at the scale of a training within this factor of its side. */
const scaleTolerance = 2;

/**
 * Returns whether an image shows things at the scale that a run was trained at: crops are parts of images at least as large,
 * whole images have about the side of the image.
 */
export function isAtScale({ imageSize, isCropped }: TrainedScale, image: GivenImage): boolean {
  if (image.isFitted) return !isCropped;
  const side = Math.min(image.width, image.height);
  if (isCropped) return side >= imageSize;
  return side <= scaleTolerance * imageSize && side >= imageSize / scaleTolerance;
}

/** What decides on the place of a run. */
export interface Candidate {
  /** Whether it was trained with masks like the one at hand; false while that is unknown. */
  readonly isTrained: boolean;
  readonly isAtScale: boolean;
  /** Whether it learnt something, as far as is known. */
  readonly hasLearnt: boolean;
  /** dB; null: never evaluated. */
  readonly bestPsnr: number | null;
  /** What `bestPsnr` was measured on. */
  readonly scores: Pick<ScoreBasis, 'key'>;
}

/** Returns whether a run is recommended if it is the first. */
export function isRecommendable({ isTrained, hasLearnt }: Candidate): boolean {
  return isTrained && hasLearnt;
}

/**
 * Returns the runs with the recommended ones first. Scores decide only among runs that were scored on the same data and
 * masks; those without a score come last, otherwise runs of different scores keep the order of the first of each kind.
 */
export function rankRuns<Run>(runs: readonly Run[], judge: (run: Run) => Candidate): Run[] {
  const judged = runs.map((run) => ({ run, candidate: judge(run) }));
  const tierOf = ({ candidate }: (typeof judged)[number]) =>
    2 * Number(!isRecommendable(candidate)) + Number(!candidate.isAtScale);
  return [0, 1, 2, 3].flatMap((tier) => {
    const alike = judged.filter((each) => tierOf(each) === tier);
    const isScored = ({ candidate }: (typeof judged)[number]) => candidate.bestPsnr !== null;
    const groups = [...Map.groupBy(alike, ({ candidate }) => candidate.scores.key).values()];
    const ordered = [
      ...groups.filter((group) => group.some(isScored)),
      ...groups.filter((group) => !group.some(isScored)),
    ];
    return ordered.flatMap((group) => {
      const quality = ({ candidate }: (typeof judged)[number]) => candidate.bestPsnr ?? -Infinity;
      // The difference of two infinite numbers is not a number.
      const order = (one: number, other: number) => (one === other ? 0 : other - one);
      return group.toSorted((one, other) => order(quality(one), quality(other))).map(({ run }) => run);
    });
  });
}
