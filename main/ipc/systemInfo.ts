/** Information about the machine: the doctor's report, and the backend that runs computed with. */

import { statfs } from 'node:fs/promises';
import type { AppInfo } from '../../shared/appInfo.ts';
import type { DoctorReport } from '../../shared/doctor.ts';
import type { BackendInfo } from '../../shared/run.ts';
import { runDoctor } from '../runtime/doctor.ts';
import type { RunMeasurement } from '../runtime/probe.ts';
import type { LabDatabase } from '../store/database/database.ts';

export interface SystemInfo {
  info(): Promise<AppInfo>;
  /** Runs the doctor; concurrent calls share one measurement. */
  examine(): Promise<DoctorReport>;
  /** Returns the last report; null before the first. */
  report(): DoctorReport | null;
}

export function createSystemInfo(options: {
  readonly db: LabDatabase;
  readonly configFolder: string;
  /** See `LaboratoryOptions`. */
  readonly runMeasurement?: RunMeasurement;
  readonly about: Pick<AppInfo, 'version' | 'mode' | 'dataFolder' | 'findings'>;
}): SystemInfo {
  const { db, about } = options;
  let last: DoctorReport | null = null;
  let examination: Promise<DoctorReport> | null = null;
  const examine = async () => {
    try {
      const folders = { dataFolder: () => about.dataFolder, configFolder: () => options.configFolder };
      last = await runDoctor(folders, { depth: 'full', run: options.runMeasurement });
      return last;
    } finally {
      examination = null;
    }
  };
  return {
    report: () => last,
    examine: () => (examination ??= examine()),
    async info() {
      const { bavail, bsize } = await statfs(about.dataFolder);
      const backend = backendOf(last) ?? newestBackend(db);
      return {
        ...about,
        platform: `${process.platform} ${process.arch}`,
        freeBytes: bavail * bsize,
        backend,
      };
    },
  };
}

function backendOf(report: DoctorReport | null): BackendInfo | null {
  const { backend: kind, device, version, adapter, api, execution } = report ?? {};
  if (!kind || !device || !version) return null;
  const card = { ...(adapter && { adapter }), ...(api && { api }) };
  return { kind, device, version, ...card, ...(execution && { execution }) };
}

function newestBackend(db: LabDatabase): BackendInfo | null {
  const query = 'SELECT backend FROM segments ORDER BY id DESC LIMIT 1';
  const backend = db.prepare<[], string>(query).pluck().get();
  return backend === undefined ? null : (JSON.parse(backend) as BackendInfo);
}
