/** Keeps what an evaluation found: its rows, and the pictures behind them. */

import type { EvaluationPictures } from '../../shared/comparison.ts';
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
  const sheets: Sheet[] = [];
  return {
    observe(event) {
      if (event.type !== 'sheet' || sheets.length === mostSheets) return;
      const { rows, ...sheet } = event;
      const png = encodePreview(rows);
      // What is wrong with it is told when it is kept; an evaluation that is given up never asks.
      png.catch(() => undefined);
      sheets.push({ ...sheet, height: rows.height, png });
    },
    async keep(evaluation) {
      const stored = insertEvaluation(store.db, { ...evaluation, ...of });
      if (sheets.length === 0) return stored;
      try {
        const pictures = describeSheets(sheets);
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

function describeSheets(sheets: readonly Sheet[]): EvaluationPictures {
  const [{ images, columns, height }] = sheets;
  const imageSize = height / Math.ceil(images / columns);
  return { images, columns, imageSize, sheets: sheets.map(({ name }) => name) };
}
