/** The main side as one object, on which the desktop shell and the browser server are built. */

import { describeError } from '../../shared/text/describeError.ts';
import type { Notice } from '../../shared/appInfo.ts';
import type { QueueState } from '../../shared/queue.ts';
import type { Settings } from '../../shared/settings.ts';
import type { SweepRecord } from '../../shared/sweep/sweep.ts';
import { createClusterTools } from '../cluster/clusterSweeps.ts';
import { type ClusterWatch, createClusterWatch } from '../cluster/clusterWatch.ts';
import { createInpaintings } from '../jobs/inpainting/inpaintings.ts';
import { createLane, type Lane, type LaneListener, type LaneOptions } from '../jobs/lane.ts';
import { defaultLanes } from '../jobs/laneShare.ts';
import type { LaneResources } from '../jobs/laneJob.ts';
import { createLiveEvents, type LiveEvents, type Send } from '../jobs/liveEvents.ts';
import { createSweeps, type Sweeps } from '../jobs/sweeps/sweeps.ts';
import { watchStore } from '../jobs/watchStore.ts';
import { openStore } from '../store/store.ts';
import { tidyInpaintings } from '../store/inpaintings/tidyInpaintings.ts';
import { createBundleHandlers, removeExports } from './requests/bundles.ts';
import { createClusterHandlers } from './requests/cluster.ts';
import { createCompareHandlers } from './requests/compare.ts';
import { createDataHandlers } from './requests/data.ts';
import { createInpaintingHandlers } from './requests/inpainting.ts';
import { openDataLibrary } from './library/dataLibrary.ts';
import { createFolderIds } from './library/folders.ts';
import type { Log } from './log.ts';
import { findMedia } from './media.ts';
import type { LaboratoryOptions, LaboratoryParts, Media, Transport } from './parts.ts';
import { type Handlers, registerRequests } from './register.ts';
import { createPresetHandlers } from './requests/presets.ts';
import { createRunHandlers } from './requests/runs.ts';
import { openSettings } from './settingsFile.ts';
import { createStudyHandlers } from './requests/study.ts';
import { createSweepHandlers } from './requests/sweeps.ts';
import { createSystemHandlers } from './requests/system.ts';
import { createSystemInfo } from './systemInfo.ts';
import { createTrainingHandlers } from './requests/training.ts';

export interface Laboratory {
  /** Answers the requests of a transport and sends it every event. Returns the function that disconnects it. */
  connect(transport: Transport): () => void;
  /** Finds the media at a path below the media root, e.g. `runs/abcdefgh/previews/250.png`; null if there is none. */
  media(path: string): Promise<Media | null>;
  readonly settings: () => Settings;
  readonly queue: () => QueueState;
  /** Whether a job is running. */
  readonly isBusy: () => boolean;
  /** Pauses the running jobs with a checkpoint and holds the queue; resolves once nothing is running. */
  pauseAll(): Promise<void>;
  /** Ends running jobs and inpaintings at once (the newest checkpoint of a run stays), then closes the store. */
  close(): Promise<void>;
}

/** Opens the store, the queue, the dataset library and the settings. @throws Error like `openStore`. */
export async function openLaboratory(options: LaboratoryOptions): Promise<Laboratory> {
  const transports = new Set<Transport>();
  const parts = createParts(options, broadcast(transports, options.log));
  const { store, lane, sweeps, cluster, inpaintings, live, library, settings } = parts;
  const watch = watchStore(store, live, {
    isOwn: (runId) => lane.find({ kind: 'training', runId }) === 'active',
    onSweeps: cluster.discover,
  });
  const handlers: Handlers = {
    ...createRunHandlers(parts),
    ...createBundleHandlers(parts),
    ...createCompareHandlers(parts),
    ...createTrainingHandlers(parts),
    ...createPresetHandlers(parts),
    ...createDataHandlers(parts),
    ...createInpaintingHandlers(parts),
    ...createStudyHandlers(parts),
    ...createSweepHandlers(parts),
    ...createClusterHandlers(parts),
    ...createSystemHandlers(parts),
  };
  if (settings.get().startQueue) {
    lane.release();
    sweeps.continueAbandoned();
  }
  cluster.discover();
  return {
    connect(transport) {
      registerRequests(transport, handlers, options);
      transports.add(transport);
      return () => void transports.delete(transport);
    },
    media: (path) => findMedia(parts, path),
    settings: settings.get,
    queue: lane.state,
    isBusy: lane.isBusy,
    pauseAll: lane.pauseAll,
    async close() {
      watch.end();
      sweeps.close();
      cluster.close();
      await Promise.all([lane.close(), inpaintings.close(), library.close()]);
      live.close();
      store.close();
    },
  };
}

function broadcast(transports: ReadonlySet<Transport>, log: Log): Send {
  return (event, payload) => {
    if (event === 'notice') logNotice(payload as Notice, log);
    for (const transport of transports) {
      try {
        transport.send(event, payload);
      } catch (error) {
        // An unreachable page must not end a training.
        log.write('error', `${event} could not be sent: ${describeError(error)}`);
      }
    }
  };
}

/** Keeps warnings and errors readable after their notice is gone; the page of a run shows the lines that name it. */
function logNotice({ level, message, runId }: Notice, log: Log): void {
  if (level !== 'warning' && level !== 'error') return;
  log.write(level === 'warning' ? 'warn' : 'error', runId === null ? message : `Run ${runId}: ${message}`);
}

function createParts(options: LaboratoryOptions, send: Send): LaboratoryParts {
  const { dataFolder, cacheFolder, configFolder, createHost, version, mode, log } = options;
  const store = openStore(dataFolder);
  const settings = openSettings(configFolder);
  const findings = [
    ...[...store.findings, ...tidyInpaintings(store)].map(({ message }) => message),
    ...(settings.finding === null ? [] : [settings.finding]),
  ];
  for (const finding of findings) log.write('warn', finding);
  removeExports(dataFolder, 0);
  const live = createLiveEvents(store, send, (id) => cluster.tasksOf(id));
  const lanes = () => settings.get().lanes ?? defaultLanes(store.db);
  const { lane, sweeps } = createJobs({ store, createHost, cacheFolder, lanes }, live);
  const library = openDataLibrary({ store, cacheFolder, send });
  const cluster = watchClusters(options, { store, live, library, send });
  return {
    options,
    send,
    store,
    settings,
    live,
    lane,
    sweeps,
    cluster,
    inpaintings: createInpaintings(
      { store, createHost, version },
      {
        onChange: (entry) => send('inpaint.changed', entry),
        onListChange: () => send('inpaint.listChanged', null),
      },
    ),
    library,
    folders: createFolderIds({ configFolder }),
    system: createSystemInfo({
      db: store.db,
      configFolder,
      runMeasurement: options.runMeasurement,
      about: { version, mode, dataFolder, findings },
    }),
  };
}

/** The lane, and the sweeps that give it jobs. */
function createJobs(
  resources: LaneResources & Pick<LaneOptions, 'lanes'>,
  live: LiveEvents,
): { lane: Lane; sweeps: Sweeps } {
  const sweeps = createSweeps(resources, () => lane, {
    onChange: live.sweepChanged,
    onCreated: live.listChanged,
    onEnd: (sweep) => live.notice(noticeOfSweep(sweep)),
  });
  const listener: LaneListener = {
    ...live.lane,
    onEvaluated(evaluation) {
      live.lane.onEvaluated(evaluation);
      sweeps.evaluated(evaluation);
    },
  };
  const lane = createLane({ ...resources, supply: sweeps }, listener);
  return { lane, sweeps };
}

function noticeOfSweep({ name, error }: SweepRecord): Notice {
  return error === null
    ? { level: 'success', message: `The sweep “${name}” has finished.`, runId: null }
    : { level: 'warning', message: `The sweep “${name}” is paused. ${error}`, runId: null };
}

function watchClusters(
  { version, accessOf }: LaboratoryOptions,
  { store, live, library, send }: Pick<LaboratoryParts, 'store' | 'live' | 'library' | 'send'>,
): ClusterWatch {
  const real = createClusterTools(store, version);
  return createClusterWatch(
    { ...real, accessOf: accessOf ?? real.accessOf },
    {
      onChange(id) {
        send('cluster.changed', { id });
        live.sweepChanged(id);
      },
      onImported() {
        live.listChanged();
        library.announce();
      },
      onEnd: (sweep) => live.notice(noticeOfSweep(sweep)),
    },
  );
}
