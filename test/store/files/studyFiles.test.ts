import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  readStudy,
  readStudyImage,
  studyImageFile,
  writeStudy,
} from '../../../main/store/files/studyFiles.ts';
import { parseStudyImage } from '../../../shared/studyArrays.ts';
import { exampleStudy, exampleStudyImage } from '../../support/exampleStudy.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';

const images = [exampleStudyImage(0), exampleStudyImage(1)];

describe('the study in the folder of a run', () => {
  it('is read as it was written, by the store and by the page', () => {
    const folder = makeTemporaryFolder();
    expect(readStudy(folder)).toBeNull();
    writeStudy(folder, exampleStudy(), images);
    expect(readStudy(folder)).toEqual(exampleStudy());
    images.forEach((image, index) => {
      expect(readStudyImage(folder, index)).toEqual(image);
      const { buffer, byteOffset, byteLength } = readFileSync(studyImageFile(folder, index));
      const file = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
      expect(parseStudyImage(file)).toEqual(image);
    });
  });

  it('is replaced as a whole by the next one', () => {
    const folder = makeTemporaryFolder();
    writeStudy(folder, exampleStudy(5), images);
    const next = exampleStudy(9);
    writeStudy(folder, { ...next, images: next.images.slice(0, 1) }, images.slice(0, 1));
    expect(readStudy(folder)?.step).toBe(9);
    expect(readdirSync(folder)).toEqual(['study']);
    expect(readdirSync(join(folder, 'study')).toSorted()).toEqual(['0.safetensors', 'study.json']);
  });

  it('counts as missing if its description is damaged or of another version', () => {
    const folder = makeTemporaryFolder();
    mkdirSync(join(folder, 'study'));
    for (const text of ['{', JSON.stringify({ ...exampleStudy(), format: 1 })]) {
      writeFileSync(join(folder, 'study', 'study.json'), text);
      expect(readStudy(folder)).toBeNull();
    }
  });

  it('is not written for a run whose folder has gone', () => {
    const folder = join(makeTemporaryFolder(), 'gone');
    expect(() => writeStudy(folder, exampleStudy(), images)).toThrow(/ENOENT/);
  });
});
