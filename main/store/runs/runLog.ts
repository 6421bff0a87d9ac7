/** The log of a run: lines that were written while it was computed; of runs of earlier versions, what other tables say. */

import { loggedMetrics } from '../../../shared/metric.ts';
import { runLogKinds, type RunLogKind, type RunLogLine } from '../../../shared/runLog.ts';
import { formatBytes, formatDecibels, formatDevice, formatSignificant } from '../../../shared/text/format.ts';
import type { LabDatabase } from '../database/database.ts';
import { listCheckpointRows } from './checkpoints.ts';
import { readMetrics } from './metrics.ts';
import { listPreviews } from './previews.ts';
import { getRun } from './runs.ts';
import { listSegments } from './segments.ts';

/** Longest log that is read at once: the newest lines. */
const mostLines = 5000;

export function insertLogLine(
  db: LabDatabase,
  runId: string,
  { step, kind, text }: Omit<RunLogLine, 'time'>,
  time: number = Date.now(),
): void {
  db.prepare('INSERT INTO run_log (run_id, wall_milliseconds, step, kind, text) VALUES (?, ?, ?, ?, ?)').run(
    runId,
    time,
    step,
    kind,
    text,
  );
}

/** Returns the newest lines in the order they were written, of all kinds or of some. @throws UnknownRunError. */
export function readRunLog(
  db: LabDatabase,
  runId: string,
  kinds: readonly RunLogKind[] = runLogKinds,
): RunLogLine[] {
  const written = db
    .prepare<[string, string, number], Omit<RunLogLine, 'time'> & { milliseconds: number }>(
      `SELECT wall_milliseconds AS milliseconds, step, kind, text FROM run_log
       WHERE run_id = ? AND kind IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT ?`,
    )
    .all(runId, JSON.stringify(kinds), mostLines)
    .toReversed()
    .map(({ milliseconds, ...line }) => ({ time: new Date(milliseconds).toISOString(), ...line }));
  const earlier = deriveLines(db, runId, firstTime(db, runId)).filter(({ kind }) => kinds.includes(kind));
  return [...earlier, ...written].slice(-mostLines);
}

/** Time of the first written line, ISO 8601; null if there is none. */
function firstTime(db: LabDatabase, runId: string): string | null {
  const first = db
    .prepare<[string], number | null>('SELECT min(wall_milliseconds) FROM run_log WHERE run_id = ?')
    .pluck()
    .get(runId);
  return first === null || first === undefined ? null : new Date(first).toISOString();
}

/** Lines of the time before logs were written, by time: segments, evaluations while training, checkpoints and previews that are kept. */
function deriveLines(db: LabDatabase, runId: string, before: string | null): RunLogLine[] {
  getRun(db, runId);
  const lines = [...segmentLines(db, runId), ...scoreLines(db, runId), ...fileLines(db, runId)];
  return lines
    .filter(({ time }) => before === null || time < before)
    .sort((one, other) => one.time.localeCompare(other.time));
}

function segmentLines(db: LabDatabase, runId: string): RunLogLine[] {
  return listSegments(db, runId).flatMap(({ fromStep, toStep, startedAt, endedAt, backend }, index) => {
    const text = `${index === 0 ? 'Training starts' : 'Training resumes'}. ${formatDevice(backend)}`;
    const start: RunLogLine = { time: startedAt, step: fromStep, kind: 'start', text };
    if (endedAt === null) return [start];
    return [start, { time: endedAt, step: toStep ?? fromStep, kind: 'end', text: 'Training ends' }];
  });
}

function scoreLines(db: LabDatabase, runId: string): RunLogLine[] {
  const names = ['evaluation/psnr', 'evaluation/ssim'] as const;
  const points = Map.groupBy(readMetrics(db, runId, { names }), ({ step }) => step);
  return [...points].map(([step, ofStep]) => ({
    time: new Date(ofStep[0].wallTime).toISOString(),
    step,
    kind: 'evaluation',
    text: ofStep
      .map(({ name, value }) =>
        name === 'evaluation/psnr'
          ? `PSNR ${formatDecibels(value)}`
          : `${loggedMetrics[name].title} ${formatSignificant(value)}`,
      )
      .join(', '),
  }));
}

function fileLines(db: LabDatabase, runId: string): RunLogLine[] {
  const checkpoints = listCheckpointRows(db, runId).map(({ createdAt: time, step, bytes, isBest }) => ({
    time,
    step,
    kind: 'checkpoint' as const,
    text: describeCheckpoint(bytes, isBest),
  }));
  const previews = listPreviews(db, runId).map(({ createdAt: time, step }) => ({
    time,
    step,
    kind: 'preview' as const,
    text: 'Preview',
  }));
  return [...checkpoints, ...previews];
}

/** `Checkpoint, 1.2 MB, of the best evaluation so far`. */
export function describeCheckpoint(bytes: number, isBest: boolean): string {
  return `Checkpoint, ${formatBytes(bytes)}${isBest ? ', of the best evaluation so far' : ''}`;
}
