/** Adds folders that are dropped on a part of the page to the datasets. */

import {
  computed,
  onScopeDispose,
  type Ref,
  type ShallowRef,
  shallowRef,
  type WritableComputedRef,
} from 'vue';
import type { DatasetEntry } from '../../../shared/dataLibrary.ts';
import { pathOfFile, request } from '../../api/client.ts';
import type { DroppedFolder } from '../../models/imageIntake/openedFiles.ts';
import { useDatasetsStore } from '../../stores/datasets.ts';
import { useDropTargetsStore } from '../../stores/dropTargets.ts';
import { useNoticesStore } from '../../stores/notices.ts';

export interface FolderDropOptions {
  readonly element: Readonly<Ref<HTMLElement | null>>;
  /** Shown while something is dragged over the element. */
  readonly text: string;
  /** Called for each folder that was added. */
  readonly onAdded?: (entry: DatasetEntry) => void;
}

export interface UseFolderDropReturn {
  /** Name of a folder that was dropped on a browser, which does not reveal its path: the folder dialog asks for it. */
  readonly dropped: Readonly<ShallowRef<string | null>>;
  /** Whether that dialog is open. */
  readonly isAsking: WritableComputedRef<boolean>;
  /** Adds the folder that was chosen in the dialog. */
  add(folderId: string): Promise<void>;
}

export function useFolderDrop({ element, text, onAdded }: FolderDropOptions): UseFolderDropReturn {
  const library = useDatasetsStore();
  const notices = useNoticesStore();
  const dropped = shallowRef<string | null>(null);

  async function add(folder: Promise<string> | string) {
    try {
      const folderId = await folder;
      const entry = await library.place(request('data.addFolder', { folderId }));
      notices.show({ level: 'success', message: `Added ${entry.title} to the datasets.` });
      onAdded?.(entry);
    } catch (error) {
      notices.fail(error, 'The folder could not be added');
    }
  }

  async function take(folders: readonly DroppedFolder[]) {
    const paths = folders.map(({ file }) => file && pathOfFile(file));
    for (const path of paths) if (path !== null) await add(findFolder(path));
    const unknown = paths.indexOf(null);
    if (unknown >= 0) dropped.value = folders[unknown].name;
  }

  onScopeDispose(
    useDropTargetsStore().add({ element: () => element.value, text, take: (folders) => void take(folders) }),
  );
  return {
    dropped,
    isAsking: computed({
      get: () => dropped.value !== null,
      set(isOpen) {
        if (!isOpen) dropped.value = null;
      },
    }),
    add,
  };
}

async function findFolder(path: string): Promise<string> {
  return (await request('folders.find', { path, from: null })).id;
}
