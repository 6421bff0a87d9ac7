import { expect, it } from 'vitest';
import { listEvaluations } from '../../../main/store/runs/evaluations.ts';
import { insertExampleRun, openExampleStore } from '../exampleStore.ts';

/** Protocol and rows of an evaluation as metric version 1 wrote them. */
const protocol =
  '{"source":"synthetic","datasetChecksum":"c","split":"test","images":8,"imageSize":32,"maskLaw":"numpy","maskSeed":42,"keepRatio":0.2,"observedPixels":204,"pasted":true,"range":[0,1],"ssimWindow":"uniform 7×7","ssimGaussianWindow":"Gaussian σ 1.5, 11×11","psnrMean":"per image, then averaged","metricVersion":1}';
const rows =
  '[{"method":"nearest","nfe":0,"samples":0,"psnr":null,"ssim":0.5,"ssimGaussian":0.4,"psnrUnobserved":20.5,"mse":0.01,"mae":0.05,"seconds":1.5}]';

it('Evaluations of metric version 1 are read with null for what they did not measure', () => {
  const store = openExampleStore();
  const { id } = insertExampleRun(store);
  store.db
    .prepare('INSERT INTO evaluations (run_id, step, created_at, protocol, rows) VALUES (?, 5, ?, ?, ?)')
    .run(id, '2026-11-20T10:00:00.000Z', protocol, rows);
  const [found] = listEvaluations(store.db, id);
  expect(found.protocol).toEqual({ ...JSON.parse(protocol), noiseSeed: null });
  expect(found.rows).toEqual([
    {
      ...JSON.parse(rows)[0],
      psnrInterval: null,
      ssimInterval: null,
      rmseObserved: null,
      spectrumError: null,
      distribution: null,
      solver: null,
      solverSteps: null,
      sampling: null,
      parameters: null,
      imagesSeen: null,
      perImage: null,
      // Without a mean, the number of exact images is unknown; with one, none of the images was exact.
      exactImages: null,
      exactUnobserved: 0,
    },
  ]);
});
