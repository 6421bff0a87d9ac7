/** Choices for the symmetries of the image (reflections and rotations) that a posterior mean is averaged over: the self-ensemble. */

export const symmetryChoices = [
  { value: 1, title: 'Original image only' },
  { value: 2, title: 'With reflection' },
  { value: 8, title: 'With reflections and rotations' },
] as const;
