/** Adds and removes datasets; failures are shown in a notice. */

import { request } from '../../api/client.ts';
import { formatBytes } from '../../../shared/text/format.ts';
import type { DatasetEntry } from '../../../shared/dataLibrary.ts';
import { useConfirmStore, type Question } from '../../stores/confirm.ts';
import { useDatasetsStore } from '../../stores/datasets.ts';
import { useNoticesStore } from '../../stores/notices.ts';

export interface UseDatasetActionsReturn {
  /** Removes a dataset after a confirmation. */
  remove(entry: DatasetEntry): Promise<void>;
  addFolder(folderId: string): Promise<void>;
  /** Opens the native folder dialog. */
  chooseFolder(): Promise<void>;
}

export function useDatasetActions(): UseDatasetActionsReturn {
  const library = useDatasetsStore();
  const notices = useNoticesStore();
  const confirm = useConfirmStore();

  async function attempt(what: string, answer: Promise<DatasetEntry | null>) {
    try {
      return await library.place(answer);
    } catch (error) {
      notices.fail(error, what);
      return null;
    }
  }

  async function add(answer: Promise<DatasetEntry | null>) {
    const entry = await attempt('The folder could not be added', answer);
    if (entry) notices.show({ level: 'success', message: `Added ${entry.title} to the datasets.` });
  }

  async function remove(entry: DatasetEntry) {
    if (!(await confirm.ask(removalQuestion(entry)))) return;
    await attempt(`${entry.title} could not be removed`, request('data.remove', { id: entry.id }));
    await library.load();
  }

  return {
    remove,
    addFolder: (folderId) => add(request('data.addFolder', { folderId })),
    chooseFolder: () => add(request('data.chooseFolder', {})),
  };
}

function removalQuestion({ kind, title, bytes, location, runs }: DatasetEntry): Question {
  const trained = runs > 0 ? ' Runs trained on it are kept, but need it to resume.' : '';
  if (kind === 'cifar10' && bytes !== null) {
    return {
      title: `Delete the download of ${title}?`,
      text: `Frees ${formatBytes(bytes)}. It can be downloaded again.${trained}`,
      confirmLabel: 'Delete download',
      isDangerous: true,
    };
  }
  return {
    title: `Remove ${title} from the list?`,
    text: `The images${location ? ` in ${location}` : ''} are not deleted.${trained}`,
    confirmLabel: 'Remove from the list',
  };
}
