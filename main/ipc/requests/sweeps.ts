/** Handlers of the requests about sweeps. */

import type { sweepRequests } from '../../../shared/contract/sweeps.ts';
import type { RequestInput } from '../../../shared/contract.ts';
import { withoutMeasurement } from '../../../shared/config/config.ts';
import { expandSweep, SweepError } from '../../../shared/sweep/expandSweep.ts';
import type { SweepSpec } from '../../../shared/sweep/sweep.ts';
import type { SweepSummary } from '../../../shared/sweep/sweepViews.ts';
import { defaultLanes } from '../../jobs/laneShare.ts';
import {
  describeMembership,
  describeSweep,
  readSweepFacts,
  summariseSweep,
} from '../../jobs/sweeps/sweepState.ts';
import { readMarks } from '../../store/runs/runMarks.ts';
import { softDeleteRun } from '../../store/runs/runLifecycle.ts';
import {
  createSweep,
  deleteSweep,
  findSweepById,
  getSweep,
  listMemberRuns,
  listSweeps,
  renameSweep,
} from '../../store/sweeps.ts';
import { asConflict, RequestFailure } from '../failure.ts';
import type { LaboratoryParts } from '../parts.ts';
import type { HandlersOf } from '../register.ts';
import { planSweep } from './planSweep.ts';

export function createSweepHandlers(parts: LaboratoryParts): HandlersOf<typeof sweepRequests> {
  const { store, sweeps, cluster, live, send } = parts;
  const known = { ...sweeps.known, tasksOf: cluster.tasksOf };
  const facts = (id: string) => readSweepFacts(store, getSweep(store.db, id), known);
  const summary = (id: string) => summariseSweep(facts(id));
  return {
    'sweeps.list': () =>
      listSweeps(store.db).map((sweep) => summariseSweep(readSweepFacts(store, sweep, known))),
    'sweeps.get': ({ id }) => describeSweep(facts(id)),
    'sweeps.ofRun'({ id }) {
      const link = readMarks(store.db, id).sweep;
      const sweep = link && findSweepById(store.db, link.sweepId);
      return sweep ? describeMembership(readSweepFacts(store, sweep, known), link.member) : null;
    },
    async 'sweeps.plan'({ spec, datasetId }) {
      const complete = await withDataset(parts, { spec, datasetId });
      const { trainImages } = await parts.library.find(datasetId);
      return asInvalid(() =>
        planSweep({ store, report: parts.system.report() }, complete, {
          lanes: parts.settings.get().lanes ?? defaultLanes(store.db),
          trainImages,
        }),
      );
    },
    async 'sweeps.create'({ spec, datasetId, then }) {
      const complete = await withDataset(parts, { spec, datasetId });
      asInvalid(() => expandSweep(complete));
      const { id } = createSweep(store.db, complete);
      send('sweeps.listChanged', null);
      if (then === 'start') asConflict(() => sweeps.start(id));
      return summary(id);
    },
    'sweeps.start': ({ id }) => startSweep(parts, id, summary),
    'sweeps.retry': ({ id }) => startSweep(parts, id, summary),
    'sweeps.pause'({ id }) {
      asConflict(() => sweeps.end(id, 'pause'));
      return summary(id);
    },
    'sweeps.stop'({ id }) {
      asConflict(() => sweeps.end(id, 'stop'));
      return summary(id);
    },
    'sweeps.rename'({ id, name }) {
      renameSweep(store.db, id, name);
      live.sweepChanged(id);
      return summary(id);
    },
    'sweeps.delete'({ id, runs }) {
      const { state, place } = getSweep(store.db, id);
      if (state === 'running') {
        const end = place.kind === 'local' ? 'Pause or stop' : 'Cancel';
        throw new RequestFailure('conflict', `The sweep is being computed. ${end} it first.`);
      }
      if (runs === 'trash')
        asConflict(() => listMemberRuns(store.db, id).forEach(({ runId }) => softDeleteRun(store, runId)));
      deleteSweep(store, id);
      send('sweeps.listChanged', null);
      live.listChanged();
      return null;
    },
  };
}

function startSweep(
  { sweeps }: Pick<LaboratoryParts, 'sweeps'>,
  id: string,
  summary: (id: string) => SweepSummary,
): SweepSummary {
  asConflict(() => sweeps.start(id));
  return summary(id);
}

/** @throws RequestFailure when there is no such dataset or it cannot be read. */
async function withDataset(
  { library }: LaboratoryParts,
  { spec, datasetId }: Pick<RequestInput<'sweeps.create'>, 'datasetId'> & { readonly spec: SweepSpec },
): Promise<SweepSpec> {
  const { state, problem, title } = await library.find(datasetId);
  if (state === 'broken')
    throw new RequestFailure(
      'conflict',
      problem ?? `The dataset “${title}” cannot be read. Verify it first.`,
    );
  // A new run has neither a history of longer budgets nor measurements, even if its configuration was copied from another run.
  const base = withoutMeasurement(spec.base);
  const data = { ...base.data, source: library.sourceOf(datasetId) };
  return { ...spec, base: { ...base, data, optim: { ...base.optim, extensions: [] } } };
}

function asInvalid<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof SweepError) throw new RequestFailure('invalid', error.message, { cause: error });
    throw error;
  }
}
