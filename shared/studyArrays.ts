/** The arrays of a study's image, from the safetensors file that the main side wrote. */

import { z } from 'zod';
import { type StudyImage, studyArrayNames, wholeStudyArrays } from './study.ts';

const headerSchema = z.record(
  z.string(),
  z.looseObject({ data_offsets: z.tuple([z.int().min(0), z.int().min(0)]).optional() }),
);

/** @throws Error when the file is not one of a study's image. */
export function parseStudyImage(file: ArrayBuffer): StudyImage {
  const headerBytes = Number(new DataView(file).getBigUint64(0, true));
  const start = 8 + headerBytes;
  // Names and numbers of the header are ASCII.
  const text = String.fromCharCode(...new Uint8Array(file, 8, headerBytes));
  const header = headerSchema.parse(JSON.parse(text));
  const read = (name: keyof StudyImage) => {
    const [from, to] = header[name]?.data_offsets ?? [];
    if (from === undefined || to === undefined)
      throw new Error(`The study has no array “${name}”. Compute the study again.`);
    // A copy begins at a multiple of four bytes, which the data of the file need not.
    return file.slice(start + from, start + to);
  };
  const floats = (name: keyof StudyImage) => new Float32Array(read(name));
  const wholes = (name: keyof StudyImage) => new Int32Array(read(name));
  const entries = studyArrayNames.map((name) => [
    name,
    wholeStudyArrays.includes(name) ? wholes(name) : floats(name),
  ]);
  return Object.fromEntries(entries) as { [Name in keyof StudyImage]: StudyImage[Name] };
}
