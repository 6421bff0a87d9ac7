import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawComparison } from '../../main/reports/comparison/comparisonFigure.ts';
import { createReportModel } from '../../main/reports/comparison/reportModel.ts';
import { assignRunStyles } from '../../shared/charts/runColours.ts';
import { figureKeyword } from '../../shared/figureOrigin.ts';
import { readPngText } from '../../shared/images/pngText.ts';
import {
  exampleComparedEvaluation,
  exampleComparedRun,
  exampleFieldRow,
} from '../shared/comparison/exampleComparedRun.ts';

const size = 11;
const columns = { steps: [], values: [], processSeconds: [], wallTimes: [] };

function exampleModel(hasSheets: boolean) {
  const method = 'flow · posterior mean';
  const imageSheets = {
    images: 4,
    columns: 2,
    imageSize: size,
    sheets: ['truth', 'known', 'thin plate', method],
    states: [],
  };
  const runs = ['flow', 'score'].map((name, index) => {
    const rows = [exampleFieldRow(method, index)];
    const changes = { id: index + 1, imageSheets: hasSheets ? imageSheets : null };
    return {
      ...exampleComparedRun(name, [exampleComparedEvaluation(rows, changes)]),
      checkpoints: [{ step: 100, sha256: 'a'.repeat(64) }],
      segments: [],
      dataset: null,
      curves: { loss: columns, 'evaluation/psnr': columns },
    };
  });
  return createReportModel(runs, {
    title: 'Two',
    question: '',
    version: '1.2.3',
    createdAt: '2026-11-24T01:00:00.000Z',
  });
}

/** Draws four images in four greys, which are brighter on each sheet. */
async function drawSheet(sheet: number): Promise<Uint8Array> {
  const width = 2 * size;
  const pixels = Uint8Array.from({ length: width * width * 3 }, (_, index) => {
    const x = Math.floor(index / 3) % width;
    const y = Math.floor(index / 3 / width);
    return 40 * sheet + 10 * (2 * Math.floor(y / size) + Math.floor(x / size));
  });
  return sharp(pixels, { raw: { width, height: width, channels: 3 } })
    .png()
    .toBuffer();
}

describe('the runs of a report', () => {
  it('have the colours of the same comparison in the application', () => {
    const { runs, styles } = exampleModel(false);
    expect(styles).toEqual(assignRunStyles(runs.map(({ summary }) => summary.id)));
  });
});

describe('the figure of a report', () => {
  it('shows the images of every run next to truth and thin plate, and its metadata names the runs', async () => {
    const sheets = await Promise.all([0, 1, 2, 3].map(drawSheet));
    const requested: string[] = [];
    const { png, note } = await drawComparison(exampleModel(true), ({ runId, evaluationId, sheet }) => {
      requested.push(`${runId} ${evaluationId} ${sheet}`);
      return sheets[sheet];
    });
    expect(requested.sort()).toEqual([
      'flowaaaa 1 0',
      'flowaaaa 1 1',
      'flowaaaa 1 2',
      'flowaaaa 1 3',
      'scoreaaa 2 3',
    ]);
    expect(note).toContain('The first 4 images');
    const origin = JSON.parse(readPngText(png ?? new Uint8Array(), figureKeyword) ?? 'null');
    expect(origin).toMatchObject({
      version: '1.2.3',
      shown: ['truth', 'observed', 'thin plate', 'flow', 'score'],
      images: [0, 1, 2, 3],
      runs: [{ runId: 'flowaaaa', step: 100, checkpointSha256: 'a'.repeat(64) }, { runId: 'scoreaaa' }],
    });
    const { data } = await sharp(png ?? undefined)
      .raw()
      .toBuffer({ resolveWithObject: true });
    const greys = new Set<number>();
    for (let index = 0; index < data.length; index += 3)
      if (data[index] === data[index + 1] && data[index] === data[index + 2]) greys.add(data[index]);
    for (const sheet of [0, 1, 2, 3])
      for (const image of [0, 1, 2, 3]) expect(greys).toContain(40 * sheet + 10 * image);
  });

  it('shows unobserved pixels in the background colour', async () => {
    const sheets = await Promise.all([0, 1, 2, 3].map(drawSheet));
    const transparent = {
      create: { width: 2 * size, height: 2 * size, channels: 4, background: '#00000000' },
    } as const;
    sheets[1] = await sharp(transparent).png().toBuffer();
    const { png } = await drawComparison(exampleModel(true), ({ sheet }) => sheets[sheet]);
    const { data } = await sharp(png ?? undefined)
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const isBackground = (_: unknown, pixel: number) =>
      [224, 226, 231].every((value, channel) => data[3 * pixel + channel] === value);
    const count = Array.from({ length: data.length / 3 }, isBackground).filter(Boolean).length;
    // Four images, enlarged 15 times.
    expect(count).toBe(4 * (15 * size) ** 2);
  });

  it('is omitted with a note if no images are stored or their files are missing', async () => {
    for (const [model, bytes] of [
      [exampleModel(false), null],
      [exampleModel(true), null],
    ] as const) {
      const { png, note } = await drawComparison(model, () => bytes);
      expect([png, note]).toEqual([null, expect.stringContaining('have no stored images')]);
    }
  });
});
