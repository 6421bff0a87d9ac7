/** A study of two images of 4 × 3 pixels with three times, whose numbers are all different. */

import type { StudiedRun } from '../../main/compute/protocol.ts';
import { type Study, type StudyImage, studyQueries } from '../../shared/study.ts';

const size = { height: 3, width: 4 };
const pixels = size.height * size.width;
const times = [0, 0.5, 1];

export function exampleStudyImage(image: number): StudyImage {
  const numbers = (count: number, from: number) =>
    Float32Array.from({ length: count }, (_, index) => from + image + index / 1000);
  const observed = Int32Array.of(1, 6, 11);
  return {
    truth: numbers(pixels * 3, 0),
    observed,
    observedValues: numbers(observed.length * 3, 0.1),
    states: numbers(times.length * pixels * 3, 0.2),
    data: numbers(times.length * pixels * 3, 0.3),
    speed: numbers(times.length * pixels, 0.4),
    curvature: numbers(times.length * pixels, 0.5),
    spread: numbers(times.length * pixels, 0.6),
    queries: studyQueries(size),
    sensitivity: numbers(2 * pixels * observed.length, 0.7),
    attention: numbers(2 * pixels * observed.length, 0.8),
  };
}

export function exampleStudiedRun(step = 5): StudiedRun {
  return {
    step,
    ...size,
    samples: 4,
    protocol: '20 % observed',
    times,
    images: [7, 9].map((index, image) => ({
      index,
      stateDistance: [0.5, 0.3, 0.2 + image / 10],
      dataDistance: [0.1, 0.15, 0.2 + image / 10],
      spread: [0.4, 0.2, 0.1],
      arrays: exampleStudyImage(image),
    })),
    sensitivityTimes: [0, 0.5],
    attentionTimes: [0, 0.5],
    solvers: [
      { solver: 'euler', steps: 1, nfe: 1, error: 0.4, psnr: 24 },
      { solver: 'euler', steps: 2, nfe: 2, error: 0.2, psnr: 23.5 },
      { solver: 'euler', steps: 4, nfe: 4, error: 0.1, psnr: 23 },
      { solver: 'heun', steps: 1, nfe: 2, error: 0.2, psnr: 23.4 },
      { solver: 'heun', steps: 2, nfe: 4, error: 0.05, psnr: 22.9 },
    ],
    fineEvaluations: 256,
    finePsnr: 22.5,
    spreadSkill: [
      { spread: 0.05, error: 0.06 },
      { spread: 0.1, error: 0.09 },
    ],
    seconds: 12,
  };
}

export function exampleStudy(step = 5): Study {
  const { images, ...found } = exampleStudiedRun(step);
  return {
    format: 2,
    createdAt: '2026-01-05T00:00:00.000Z',
    ...found,
    images: images.map(({ arrays: _, ...image }) => image),
  };
}
