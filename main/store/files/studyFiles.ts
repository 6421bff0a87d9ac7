/** The study of a run in its folder: `study/study.json` describes it, `study/<n>.safetensors` holds the arrays of an image. */

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Study,
  type StudyImage,
  studyArrayNames,
  studySchema,
  wholeStudyArrays,
} from '../../../shared/study.ts';
import { writeFileAtomically } from './atomicFile.ts';
import { readSafetensors, type StoredTensor, writeSafetensors } from './safetensors.ts';

/**
 * Writes a study in place of the one before; a run has one, so that its folder does not grow.
 * @throws Error when the run's folder does not exist or a file cannot be written; then the study before stays.
 */
export function writeStudy(folder: string, study: Study, images: readonly StudyImage[]): void {
  const written = join(folder, 'study.new');
  rmSync(written, { recursive: true, force: true });
  // Not recursive: a run that was moved to the trash in the meantime must not get a second folder.
  mkdirSync(written);
  try {
    images.forEach((image, index) =>
      writeSafetensors(join(written, `${index}.safetensors`), {
        metadata: {},
        tensors: tensorsOf(image, study),
      }),
    );
    const bytes = new TextEncoder().encode(JSON.stringify(study));
    writeFileAtomically({ folder: written, name: 'study.json', bytes });
    rmSync(studyFolder(folder), { recursive: true, force: true });
    renameSync(written, studyFolder(folder));
  } catch (error) {
    rmSync(written, { recursive: true, force: true });
    throw error;
  }
}

/** Returns the description of a run's study; null if it has none, or one of another version or a damaged one: it can be computed again. */
export function readStudy(folder: string): Study | null {
  const file = join(studyFolder(folder), 'study.json');
  if (!existsSync(file)) return null;
  try {
    return studySchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data ?? null;
  } catch {
    return null;
  }
}

/** Returns the path of the arrays of one image of a study. */
export function studyImageFile(folder: string, image: number): string {
  return join(studyFolder(folder), `${image}.safetensors`);
}

/** Reads the arrays of one image. @throws DamagedFileError, or an Error naming the array that is missing. */
export function readStudyImage(folder: string, image: number): StudyImage {
  const path = studyImageFile(folder, image);
  const { tensors } = readSafetensors(path);
  const entries = studyArrayNames.map((name) => {
    const data = tensors.get(name)?.data;
    const isRight = wholeStudyArrays.includes(name)
      ? data instanceof Int32Array
      : data instanceof Float32Array;
    if (!isRight) throw new Error(`${path} has no array “${name}” of its type. Compute the study again.`);
    return [name, data] as const;
  });
  // The loop above has checked every name and type.
  return Object.fromEntries(entries) as { [Name in keyof StudyImage]: StudyImage[Name] };
}

function studyFolder(folder: string): string {
  return join(folder, 'study');
}

function tensorsOf(
  image: StudyImage,
  { times, sensitivityTimes, attentionTimes, height, width }: Study,
): Map<string, StoredTensor> {
  const pixels = height * width;
  const observed = image.observed.length;
  const shapes: Readonly<Record<keyof StudyImage, readonly number[]>> = {
    truth: [pixels, 3],
    observed: [observed],
    observedValues: [observed, 3],
    states: [times.length, pixels, 3],
    data: [times.length, pixels, 3],
    speed: [times.length, pixels],
    curvature: [times.length, pixels],
    spread: [times.length, pixels],
    queries: [image.queries.length],
    sensitivity: [sensitivityTimes.length, image.queries.length, observed],
    attention: [attentionTimes.length, image.queries.length, observed],
  };
  return new Map(
    studyArrayNames.map((name) => {
      const [data, shape] = [image[name], shapes[name]];
      const tensor =
        data instanceof Int32Array
          ? { dtype: 'I32' as const, shape, data: Int32Array.from(data) }
          : { dtype: 'F32' as const, shape, data: Float32Array.from(data) };
      return [name, tensor];
    }),
  );
}
