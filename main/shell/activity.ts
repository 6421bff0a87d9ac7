/** What the desktop does during a run: a progress bar in the taskbar, keeping the machine awake, a notification at the end. */

import type { BrowserWindow, Notification, NotificationConstructorOptions, PowerSaveBlocker } from 'electron';
import type { QueueState } from '../../shared/queue.ts';
import type { RunSummary } from '../../shared/runList.ts';
import type { RunStatus } from '../../shared/run.ts';
import type { Settings } from '../../shared/settings.ts';
import type { EventListener } from './ipcTransport.ts';
import { formatDecibels } from '../../shared/text/format.ts';

export interface ActivityParts {
  readonly powerSaveBlocker: Pick<PowerSaveBlocker, 'start' | 'stop'>;
  readonly Notification: (new (options: NotificationConstructorOptions) => Notification) & {
    isSupported(): boolean;
  };
  findWindow(): BrowserWindow | null;
  readSettings(): Pick<Settings, 'keepAwake' | 'notifications'>;
  /** Shows the window with this run. */
  openRun(id: string): void;
}

/** Electron's value for an indeterminate progress bar. */
const indeterminate = 2;
const noBar = -1;

/** Describes a run that has just left `running`; null: no notification. */
export function describeEnd(summary: Pick<RunSummary, 'status' | 'name' | 'bestPsnr' | 'error' | 'warning'>) {
  const { bestPsnr } = summary;
  const best =
    bestPsnr === null
      ? ''
      : bestPsnr === Infinity
        ? ' Every evaluated image is exact.'
        : ` Best ${formatDecibels(bestPsnr)}.`;
  const texts: Partial<Record<RunStatus, string>> = {
    finished: `Finished.${summary.warning === null ? best : ` ${summary.warning}`}`,
    diverged: summary.error ?? 'Diverged.',
    crashed: summary.error ?? 'Crashed.',
    paused: summary.error ?? undefined,
  };
  const body = texts[summary.status];
  return body === undefined ? null : { title: summary.name, body };
}

/** Returns the mean progress of the active jobs, which is indeterminate as long as that of one is not known. */
function barOf(active: QueueState['active']): number {
  if (active.length === 0) return noBar;
  const fractions = active.flatMap(({ fraction }) => fraction ?? []);
  if (fractions.length < active.length) return indeterminate;
  return fractions.reduce((sum, fraction) => sum + fraction, 0) / active.length;
}

/** Returns the listener for the transport. */
export function followActivity(parts: ActivityParts): EventListener {
  const running = new Set<string>();
  let blocker: number | null = null;
  const showProgress = ({ active }: QueueState) => {
    parts.findWindow()?.setProgressBar(barOf(active));
    const isAwake = active.length > 0 && parts.readSettings().keepAwake;
    if (isAwake && blocker === null) blocker = parts.powerSaveBlocker.start('prevent-app-suspension');
    if (!isAwake && blocker !== null) {
      parts.powerSaveBlocker.stop(blocker);
      blocker = null;
    }
  };
  const announce = (summary: RunSummary) => {
    const wasRunning = running.delete(summary.id);
    if (summary.status === 'running') running.add(summary.id);
    else if (wasRunning) notify(parts, summary);
  };
  return (name, payload) => {
    if (name === 'queue.changed') showProgress(payload as QueueState);
    if (name === 'runs.changed') (payload as readonly RunSummary[]).forEach(announce);
  };
}

function notify(parts: ActivityParts, summary: RunSummary): void {
  const text = describeEnd(summary);
  const isSeen = parts.findWindow()?.isFocused() ?? false;
  if (!text || isSeen || !parts.readSettings().notifications || !parts.Notification.isSupported()) return;
  const notification = new parts.Notification(text);
  notification.on('click', () => parts.openRun(summary.id));
  notification.show();
}
