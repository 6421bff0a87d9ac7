/** Keeps what an evaluation found: its rows, and the pictures behind them. */

import type { EvaluationPictures } from '../../shared/comparison/comparison.ts';
import type { Evaluation } from '../../shared/metric.ts';
import type { ComputeEvent, SheetEvent } from '../compute/protocol.ts';
import { insertEvaluation, setEvaluationPictures, type StoredEvaluation } from '../store/evaluations.ts';
import { writeEvaluationSheets } from '../store/files/evaluationFiles.ts';
import type { Store } from '../store/store.ts';
import { encodePreview } from './encodePreview.ts';

export interface EvaluationRecorder {
  /** Takes the sheets out of what the compute process reports. */
  observe(event: ComputeEvent): void;
  /** The rows are kept whatever becomes of the pictures. */
  keep(evaluation: Evaluation): Promise<StoredEvaluation>;
}

interface Sheet extends Omit<SheetEvent, 'rows'> {
  readonly height: number;
  readonly png: Promise<Uint8Array>;
}

/** Sheets of one evaluation: their addresses have two digits. */
const mostSheets = 100;

/** `onPictureError`: the evaluation stands without pictures. */
export function createEvaluationRecorder(
  store: Pick<Store, 'db' | 'runFolder'>,
  of: { readonly runId: string; readonly step: number },
  onPictureError: (error: unknown) => void,
): EvaluationRecorder {
  const results: Sheet[] = [];
  const states: Sheet[] = [];
  return {
    observe(event) {
      if (event.type === 'retried') {
        // The evaluation starts over, and sends every sheet again.
        results.length = 0;
        states.length = 0;
      }
      if (event.type !== 'sheet') return;
      const kept = event.times ? states : results;
      if (kept.length < mostSheets) kept.push(encodeSheet(event));
    },
    async keep(evaluation) {
      const stored = insertEvaluation(store.db, { ...evaluation, ...of });
      if (results.length === 0) return stored;
      try {
        // No row goes without its images for the sake of states, and no way is told in part.
        const hasRoom = results.length + states.length <= mostSheets;
        const pictures = describeSheets(results, hasRoom ? states : []);
        const sheets = hasRoom ? [...results, ...states] : results;
        const files = await Promise.all(sheets.map(({ png }) => png));
        writeEvaluationSheets({ folder: store.runFolder(of.runId), id: stored.id, sheets: files });
        setEvaluationPictures(store.db, stored.id, pictures);
        return { ...stored, pictures };
      } catch (error) {
        onPictureError(error);
        return stored;
      }
    },
  };
}

function encodeSheet({ rows, ...sheet }: SheetEvent): Sheet {
  const png = encodePreview(rows);
  // What is wrong with it is told when it is kept; an evaluation that is given up never asks.
  png.catch(() => undefined);
  return { ...sheet, height: rows.height, png };
}

/** The way of a row ends with its own sheet. */
function describeSheets(results: readonly Sheet[], states: readonly Sheet[]): EvaluationPictures {
  const [{ images, columns, height }] = results;
  const names = results.map(({ name }) => name);
  const onTheWay = states.map(({ name, times = [] }, index) => {
    return { method: name, times, sheet: names.length + index };
  });
  const methods = [...new Set(onTheWay.map(({ method }) => method))];
  const ends = methods.map((method) => ({ method, times: [1], sheet: names.lastIndexOf(method) }));
  return {
    ...{ images, columns, imageSize: height / Math.ceil(images / columns) },
    sheets: [...names, ...states.map(({ name }, index) => `${name}, state ${index + 1}`)],
    states: [...onTheWay, ...ends],
  };
}
