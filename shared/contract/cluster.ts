/** Requests about sweeps whose members are computed on a Slurm cluster. All but `view` take as long as the cluster needs to answer. */

import { z } from 'zod';
import { runIdSchema } from '../runList.ts';
import { type ClusterReport, type ClusterView, type Collection, slurmOptionsSchema } from '../sweep/slurm.ts';
import { answers } from './define.ts';

const oneSweep = z.strictObject({ id: runIdSchema });

export const clusterRequests = {
  /** Submits a sweep that has not been started. What Slurm has already is not submitted twice. */
  'cluster.submit': answers<ClusterReport>()(oneSweep.extend({ options: slurmOptionsSchema })),
  /** What is known of it; the event `cluster.changed` says that there is more. */
  'cluster.view': answers<ClusterView>()(oneSweep),
  /** Asks the cluster now, and imports the runs that have finished and are not here yet. It is also done regularly. */
  'cluster.collect': answers<Collection>()(oneSweep),
  /** Ends all tasks; their checkpoints stay on the cluster. */
  'cluster.cancel': answers<ClusterReport>()(oneSweep),
  /** Submits again what failed or was cancelled. Options replace those of the first time, but for host, folder and program. */
  'cluster.retry': answers<ClusterReport>()(oneSweep.extend({ options: slurmOptionsSchema.optional() })),
} as const;
