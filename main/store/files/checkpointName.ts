/** File names of checkpoints, `ckpt-<step>.safetensors`: made from the step alone and read back strictly. */

const pattern = /^ckpt-(0|[1-9]\d{0,15})\.safetensors$/;

/** @throws Error when `step` is not an integer ≥ 0. */
export function formatCheckpointName(step: number): string {
  checkStep(step);
  return `ckpt-${step}.safetensors`;
}

/** The step in a checkpoint's file name; undefined for any other name. */
export function parseCheckpointName(name: string): number | undefined {
  const match = pattern.exec(name);
  return match && Number.isSafeInteger(Number(match[1])) ? Number(match[1]) : undefined;
}

/** @throws Error when `step` is not an integer ≥ 0. */
export function checkStep(step: number): void {
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new Error(
      `Step ${step} found, an integer ≥ 0 expected. Pass the number of finished training steps.`,
    );
  }
}
