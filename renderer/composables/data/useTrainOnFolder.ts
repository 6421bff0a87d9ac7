/** Adds a folder of images to the datasets and opens the form of a new run with it. */

import { shallowRef, type ShallowRef } from 'vue';
import type { DatasetEntry } from '../../../shared/dataLibrary.ts';
import { request } from '../../api/client.ts';
import { useDatasetsStore } from '../../stores/datasets.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useSystemStore } from '../../stores/system.ts';
import { useOpenResult } from '../frame/useOpenResult.ts';

export interface UseTrainOnFolderReturn {
  /** Whether the page's own folder dialog is open; in the desktop window the native one is used. */
  readonly isBrowsing: ShallowRef<boolean>;
  /** Asks for a folder. */
  choose(): Promise<void>;
  /** Continues with a folder of the page's dialog. */
  take(folderId: string): Promise<void>;
}

export function useTrainOnFolder(): UseTrainOnFolderReturn {
  const openResult = useOpenResult();
  const library = useDatasetsStore();
  const notices = useNoticesStore();
  const system = useSystemStore();
  const isBrowsing = shallowRef(false);

  async function open(answer: Promise<DatasetEntry | null>) {
    try {
      await openResult(async () => {
        const entry = await library.place(answer);
        return (
          entry && {
            to: { name: 'newRun', query: { data: entry.id } },
            message: `${entry.title} can be trained on.`,
          }
        );
      });
    } catch (error) {
      notices.fail(error, 'The folder could not be added');
    }
  }

  return {
    isBrowsing,
    async choose() {
      if (system.isDesktop) await open(request('data.chooseFolder', {}));
      else isBrowsing.value = true;
    },
    take: (folderId) => open(request('data.addFolder', { folderId })),
  };
}
