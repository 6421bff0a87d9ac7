/** Saving and copying the comparison on screen as one picture. */

import { useNoticesStore } from '../../stores/notices.ts';
import { saveFile } from '../charts/saveFile.ts';
import { renderComparison, type NamedPicture } from './comparisonPng.ts';

export interface KeepComparisonOptions {
  /** Those that are shown, in their order. */
  readonly pictures: () => readonly NamedPicture[];
  /** Stands below them. */
  readonly caption: () => string;
  readonly fileName: () => string;
}

export interface UseKeepComparisonReturn {
  save(): Promise<void>;
  copy(): Promise<void>;
}

export function useKeepComparison(options: KeepComparisonOptions): UseKeepComparisonReturn {
  const notices = useNoticesStore();
  const render = () => renderComparison(options.pictures(), options.caption());
  const attempt = (what: string, work: () => Promise<void>) =>
    work().catch((error: unknown) => void notices.fail(error, what));
  return {
    save: () =>
      attempt('The comparison could not be saved', async () => saveFile(options.fileName(), await render())),
    copy: () =>
      attempt('The comparison could not be copied', () =>
        navigator.clipboard.write([new ClipboardItem({ 'image/png': render() })]),
      ),
  };
}
