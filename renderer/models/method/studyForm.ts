/** The fields of a new study: numbers of test images as a user writes them, and how many samples. */

import { resumableStatuses, type RunStatus } from '../../../shared/run.ts';
import { studyRequestSchema } from '../../../shared/study.ts';
import { formatCount } from '../../../shared/text/format.ts';

/** What is wrong with a field, or its value. */
export type FieldValue<Value> =
  | { readonly value: Value; readonly problem?: undefined }
  | { readonly value?: undefined; readonly problem: string };

/** More images would take hours and gigabytes. */
const mostImages = 8;

/**
 * Reads numbers of test images, counted from 1, such as `1-4, 17`, and returns their indices, counted from 0.
 * @param count Images of the test split; null while it is not known.
 */
export function readImageNumbers(text: string, count: number | null): FieldValue<number[]> {
  const parts = text.split(/[,;\s]+/).filter((part) => part !== '');
  if (parts.length === 0) return { problem: 'Enter numbers of test images, such as 1-4, 17.' };
  const indices = new Set<number>();
  for (const part of parts) {
    const { value, problem } = readPart(part, count);
    if (problem !== undefined) return { problem };
    for (let index = value.from; index <= value.to && indices.size <= mostImages; index++) indices.add(index);
  }
  return indices.size > mostImages
    ? { problem: `These are more than ${mostImages} images. Choose at most ${mostImages}.` }
    : { value: [...indices] };
}

/** Reads a number, or two with a dash between them. */
function readPart(
  part: string,
  count: number | null,
): FieldValue<{ readonly from: number; readonly to: number }> {
  const [, from, to = from] = /^(\d{1,9})(?:[-–](\d{1,9}))?$/.exec(part) ?? [];
  if (from === undefined)
    return { problem: `“${part}” is not a number of an image. Enter numbers such as 1-4, 17.` };
  const [low, high] = [Number(from), Number(to)];
  if (low > high) return { problem: `“${part}” begins after its end. Enter ${high}-${low} instead.` };
  if (low < 1) return { problem: describeOutside(low, count) };
  if (count !== null && high > count) return { problem: describeOutside(high, count) };
  return { value: { from: low - 1, to: high - 1 } };
}

function describeOutside(number: number, count: number | null): string {
  if (count === null) return `There is no image ${number}: test images are numbered from 1.`;
  return `There is no image ${formatCount(number)}: the dataset has ${formatCount(count)} test images. Enter numbers from 1 to ${formatCount(count)}.`;
}

/** Reads the number of samples of each image. */
export function readSampleCount(text: string): FieldValue<number> {
  const value = /^\s*\d{1,4}\s*$/.test(text) ? Number(text) : NaN;
  if (studyRequestSchema.shape.samples.safeParse(value).success) return { value };
  return { problem: `Found “${text.trim()}”; expected a whole number from 2 to 32.` };
}

/** Writes indices as numbers counted from 1, with ranges: `1-4, 17`. */
export function writeImageNumbers(indices: readonly number[]): string {
  const sorted = [...new Set(indices)].toSorted((one, other) => one - other);
  const runs: [number, number][] = [];
  for (const index of sorted) {
    const last = runs.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([low, high]) => (low === high ? `${low + 1}` : `${low + 1}-${high + 1}`)).join(', ');
}

/** Says what the figures of images wait for, or what they are computed from. @param step The newest checkpoint's; null without one. */
export function describeStart(status: RunStatus, step: number | null): string {
  if (step !== null)
    return status === 'running'
      ? 'The figures of images below are computed once and kept with this run. It is training: they wait until it finishes or pauses, and are computed with its newest weights then.'
      : 'The figures of images below are computed once, with the newest weights of this run, and kept with it.';
  const need = 'The figures of images below are computed from a checkpoint, and this run has none yet.';
  if (status === 'running' || status === 'queued')
    return `${need} It writes its first one while it trains, at the latest when it finishes or pauses.`;
  return resumableStatuses.includes(status)
    ? `${need} Resume it: the first one is written at the latest when it finishes or pauses.`
    : `${need} Start it again with other settings: “Duplicate with changes”.`;
}

/** Says what a study that was started waits for. */
export function describeWaitingStudy(status: RunStatus): string {
  return status === 'running'
    ? 'The figures are computed when the training finishes or pauses.'
    : 'The figures wait in the queue.';
}
