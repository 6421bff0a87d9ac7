/** The user's settings of the application, stored in the configuration folder. */

import { z } from 'zod';
import { backendKinds } from './run.ts';
import { groupingSchema, openGroupsSchema } from './runGroups.ts';
import { runColumnSchema, runQuerySchema, runSortSchema } from './runList.ts';

/** Most jobs that are computed at a time. */
export const mostLanes = 16;

export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']),
  density: z.enum(['comfortable', 'compact']),
  /** Columns of the list of runs, in order. */
  columns: z.array(runColumnSchema),
  sort: z.array(runSortSchema),
  /** What the list of runs is grouped by; null: not grouped. */
  groupBy: groupingSchema.nullable(),
  /** Groups that show their runs, the newest last, each as its grouping, a space and its key. */
  openGroups: openGroupsSchema,
  /** Named searches. */
  views: z.array(z.strictObject({ name: z.string().min(1).max(60), query: runQuerySchema })).max(30),
  /** Smoothing of charts: weight of earlier values. */
  smoothing: z.number().min(0).lt(1),
  /** Show notifications when the window is not focused. */
  notifications: z.boolean(),
  /** Keep the machine awake while a run is active. */
  keepAwake: z.boolean(),
  /** Start waiting runs automatically after a restart. */
  startQueue: z.boolean(),
  /** Ask for a new version at every start: only with the user's consent, so it is off at first. */
  checkUpdates: z.boolean(),
  /** Jobs that are computed at a time; null: one for each graphics card, one on the CPU. */
  lanes: z.int().min(1).max(mostLanes).nullable(),
  /** The backend that runs compute with; `auto`: the fastest. */
  backend: z.enum(['auto', ...backendKinds]),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Changed settings; absent ones remain unchanged. A settings file has this format too. */
export const settingsPatchSchema = settingsSchema.partial();
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;

export const defaultSettings: Settings = {
  theme: 'system',
  density: 'compact',
  columns: runColumnSchema.exclude(['method', 'field', 'step', 'bestSsim', 'updatedAt']).options,
  sort: [{ by: 'createdAt', descending: true }],
  groupBy: null,
  openGroups: [],
  views: [],
  smoothing: 0.6,
  notifications: true,
  keepAwake: true,
  startQueue: false,
  checkUpdates: false,
  lanes: null,
  backend: 'auto',
};
