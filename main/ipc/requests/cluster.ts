/** Handlers of the requests about sweeps on a cluster. */

import type { clusterRequests } from '../../../shared/contract/cluster.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import { UnknownSweepError } from '../../store/sweeps.ts';
import { RequestFailure } from '../failure.ts';
import type { LaboratoryParts } from '../parts.ts';
import type { HandlersOf } from '../register.ts';

export function createClusterHandlers({ cluster }: LaboratoryParts): HandlersOf<typeof clusterRequests> {
  return {
    'cluster.view': ({ id }) => cluster.view(id),
    'cluster.submit': ({ id, options }) => refuse(() => cluster.submit(id, options)),
    'cluster.collect': ({ id }) => refuse(() => cluster.collect(id)),
    'cluster.cancel': ({ id }) => refuse(() => cluster.cancel(id)),
    'cluster.retry': ({ id, options }) => refuse(() => cluster.retry(id, options)),
  };
}

/** What a cluster or a connection refuses is no fault of this program. */
async function refuse<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnknownSweepError) throw error;
    throw new RequestFailure('conflict', describeError(error), { cause: error });
  }
}
