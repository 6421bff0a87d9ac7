/** A chart as a picture for papers and slides: title, axis names, a ground, twice the pixels. */

import { Chart } from 'chart.js';
import { chartConfig } from './chartConfig.ts';
import { prepareCharts } from './chartLibrary.ts';
import type { ChartModel } from './chartModel.ts';
import type { ChartTheme } from './chartTheme.ts';

export interface PngRequest {
  readonly model: ChartModel;
  readonly title: string;
  readonly theme: ChartTheme;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** @throws Error when the browser cannot make the picture. */
export async function renderPng({ model, title, theme, width, height }: PngRequest): Promise<Blob> {
  prepareCharts();
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const config = chartConfig(model, theme);
  const chart = new Chart(canvas, {
    ...config,
    options: {
      ...config.options,
      responsive: false,
      devicePixelRatio: 2,
      events: [],
      layout: { padding: 12 },
      plugins: {
        ...config.options?.plugins,
        title: {
          display: true,
          text: title,
          color: theme.text,
          font: { family: 'Inter, system-ui, sans-serif', size: 14, weight: 500 },
        },
        legend: {
          display: model.lines.length > 1,
          position: 'bottom',
          // The smoothed curve of each run carries its full colour and dash.
          labels: {
            color: theme.text,
            boxHeight: 0,
            filter: ({ datasetIndex }) => (datasetIndex ?? 0) % 2 === (model.isSmoothed ? 1 : 0),
          },
        },
      },
    },
  });
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  chart.destroy();
  if (!blob) throw new Error('The picture could not be made: the browser gave none. Try a smaller window.');
  return blob;
}
