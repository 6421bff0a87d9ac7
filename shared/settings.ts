/** What the user has set in the application; kept in the configuration folder. */

import { z } from 'zod';
import { runColumnSchema, runQuerySchema, runSortSchema } from './runList.ts';

export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']),
  density: z.enum(['comfortable', 'compact']),
  /** Columns of the run browser, in order. */
  columns: z.array(runColumnSchema),
  sort: z.array(runSortSchema),
  /** Searches that were given a name. */
  views: z.array(z.strictObject({ name: z.string().min(1).max(60), query: runQuerySchema })).max(30),
  /** Smoothing of charts: weight of the past. */
  smoothing: z.number().min(0).lt(1),
  /** Notifications when the window has no focus. */
  notifications: z.boolean(),
  /** Keep the machine awake while a run is active. */
  keepAwake: z.boolean(),
  /** Runs left waiting go on by themselves after a restart. */
  startQueue: z.boolean(),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Any of them; absent ones stay as they are. Also what a settings file may hold. */
export const settingsPatchSchema = settingsSchema.partial();
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;

export const defaultSettings: Settings = {
  theme: 'system',
  density: 'compact',
  columns: runColumnSchema.exclude(['method', 'field', 'step', 'updatedAt']).options,
  sort: [{ by: 'createdAt', descending: true }],
  views: [],
  smoothing: 0.6,
  notifications: true,
  keepAwake: true,
  startQueue: false,
};
