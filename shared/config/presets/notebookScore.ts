/** The score model of the notebook's family: its network and training, with the bare score predicted along the VP-SDE. */

import { notebook } from './notebook.ts';
import type { Preset } from './preset.ts';

export const notebookScore: Preset = {
  name: 'notebook-score',
  title: 'Notebook score',
  description:
    'The notebook’s network as a score model, defects included: the score’s loss lacks its weight σ², the sampler its drift 1/√(1 − β); time is added to the colours, queries lack their state, masks are frozen. 27 million parameters; wants a GPU, and does not learn at small sizes.',
  config: {
    ...notebook.config,
    path: { kind: 'variance-preserving', prediction: 'score' },
    sampler: { solver: 'ancestral-undrifted', steps: 100 },
  },
};
