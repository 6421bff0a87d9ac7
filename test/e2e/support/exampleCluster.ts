/** A cluster for tests of the page: a fake Slurm whose tasks tests run, reached through a connection that they can break. */

import { localAccess, type ClusterAccess } from '../../../main/cluster/access.ts';
import { createFakeSlurm, type FakeSlurm } from '../../cluster/fakeSlurm.ts';

export interface ExampleCluster {
  readonly slurm: FakeSlurm;
  readonly accessOf: () => ClusterAccess;
  /** While it is set, nothing reaches the cluster. */
  error: Error | null;
}

export function createExampleCluster(): ExampleCluster {
  const slurm = createFakeSlurm();
  const access = localAccess('0.0.0-test', slurm.tools);
  const reach = <Result>(work: () => Promise<Result>) =>
    cluster.error ? Promise.reject(cluster.error) : work();
  const cluster: ExampleCluster = {
    slurm,
    error: null,
    accessOf: () => ({
      ...access,
      resolvePath: (path) => reach(() => access.resolvePath(path)),
      create: (folder, file) => reach(() => access.create(folder, file)),
      act: (folder, action) => reach(() => access.act(folder, action)),
    }),
  };
  return cluster;
}
