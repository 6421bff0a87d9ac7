/** Requests about the application itself. */

import { z } from 'zod';
import type { AppInfo, LogLine } from '../appInfo.ts';
import type { DoctorReport } from '../doctor.ts';
import { settingsPatchSchema, type Settings } from '../settings.ts';
import type { UpdateState } from '../updates.ts';
import { answers } from './define.ts';

const nothing = z.strictObject({});

export const systemRequests = {
  'system.info': answers<AppInfo>()(nothing),
  /** Measures, which takes a few seconds. */
  'system.doctor': answers<DoctorReport>()(nothing),
  /** The newest lines of the log, oldest first. */
  'system.log': answers<readonly LogLine[]>()(z.strictObject({ lines: z.int().min(1).max(2000) })),
  /** Shows the data folder in the file manager; unavailable in a browser. */
  'system.openDataFolder': answers<null>()(nothing),
  'updates.get': answers<UpdateState>()(nothing),
  /** Asks the server with the releases for a new version; resolves when it has answered. */
  'updates.check': answers<UpdateState>()(nothing),
  /** Downloads the new version, which is installed when the application quits. */
  'updates.install': answers<UpdateState>()(nothing),
  /** Pauses all runs, installs the version that was downloaded, and starts it. */
  'updates.restart': answers<UpdateState>()(nothing),
  'settings.get': answers<Settings>()(nothing),
  'settings.change': answers<Settings>()(settingsPatchSchema),
} as const;
