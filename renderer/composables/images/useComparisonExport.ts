/** Saves and copies the comparison on screen as one PNG with its origin in the metadata. */

import { figureKeyword, type FigureOrigin } from '../../../shared/figureOrigin.ts';
import { insertPngText } from '../../../shared/images/pngText.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useSystemStore } from '../../stores/system.ts';
import { copyPng, saveFile } from '../../api/saveFile.ts';
import { renderComparison, type NamedImage } from '../../models/images/rasterImage.ts';

export interface ComparisonExportOptions {
  /** Returns the images in the order they are shown. */
  readonly images: () => readonly NamedImage[];
  /** Returns the text below the images. */
  readonly caption: () => string;
  readonly fileName: () => string;
  /** Returns the origin that is written into the file. */
  readonly origin: () => Omit<FigureOrigin, 'version' | 'shown'>;
}

export interface UseComparisonExportReturn {
  save(): Promise<void>;
  copy(): Promise<void>;
}

export function useComparisonExport(options: ComparisonExportOptions): UseComparisonExportReturn {
  const notices = useNoticesStore();
  const system = useSystemStore();
  async function render() {
    const images = options.images();
    const shown = images.map(({ name }) => name);
    const origin: FigureOrigin = { version: system.info?.version ?? '', shown, ...options.origin() };
    const blob = await renderComparison(images, options.caption());
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return new Blob([insertPngText(bytes, figureKeyword, JSON.stringify(origin))], { type: blob.type });
  }
  const attempt = (what: string, work: () => Promise<void>) =>
    work().catch((error: unknown) => void notices.fail(error, what));
  return {
    save: () =>
      attempt('The comparison could not be saved', async () => saveFile(options.fileName(), await render())),
    copy: () => attempt('The comparison could not be copied', () => copyPng(render())),
  };
}
