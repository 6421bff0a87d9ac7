/** Handlers of the requests about sweeps on a cluster. */

import type { clusterRequests } from '../../../shared/contract/cluster.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import {
  cancelSweep,
  type ClusterTools,
  collectSweep,
  createClusterTools,
  readStatus,
  submitAgain,
  submitSweep,
} from '../../cluster/clusterSweeps.ts';
import { UnknownSweepError } from '../../store/sweeps.ts';
import { RequestFailure } from '../failure.ts';
import type { LaboratoryParts } from '../parts.ts';
import type { HandlersOf } from '../register.ts';

export function createClusterHandlers(parts: LaboratoryParts): HandlersOf<typeof clusterRequests> {
  const { store, options, live, library } = parts;
  const tools: ClusterTools = createClusterTools(store, options.version);
  const change = <Result>(id: string, work: () => Promise<Result>): Promise<Result> =>
    refuse(work).finally(() => live.sweepChanged(id));
  return {
    'cluster.submit': ({ id, options: given }) => change(id, () => submitSweep(tools, id, given)),
    'cluster.status': ({ id }) => refuse(() => readStatus(tools, id)),
    async 'cluster.collect'({ id }) {
      const collection = await change(id, () => collectSweep(tools, id));
      if (collection.imported.length > 0) {
        live.listChanged();
        library.announce();
      }
      return collection;
    },
    'cluster.cancel': ({ id }) => change(id, () => cancelSweep(tools, id)),
    'cluster.retry': ({ id, options: given }) => change(id, () => submitAgain(tools, id, given)),
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
