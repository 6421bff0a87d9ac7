/** The denoiser of the notebook's family: its network and training, with the image predicted along the cosine path. */

import { notebook } from './notebook.ts';
import type { Preset } from './preset.ts';

export const notebookDenoiser: Preset = {
  name: 'notebook-denoiser',
  title: 'Notebook denoiser',
  description:
    'The notebook’s network as a denoiser with DDIM, defects included: a loss without weights, time added to the colours, queries without their state, frozen masks. 27 million parameters; wants a GPU, and does not learn at small sizes.',
  config: {
    ...notebook.config,
    path: { kind: 'cosine', prediction: 'data' },
    sampler: { solver: 'ddim', steps: 50 },
  },
};
