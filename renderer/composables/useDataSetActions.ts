/** What can be done with one data set, each telling in a notice where it failed. */

import { request } from '../api.ts';
import { formatBytes } from '../../shared/pure/format.ts';
import type { DataSetEntry } from '../../shared/dataLibrary.ts';
import { useConfirmStore, type Question } from '../stores/confirm.ts';
import { useDataLibraryStore } from '../stores/dataLibrary.ts';
import { useNoticesStore } from '../stores/notices.ts';

export interface UseDataSetActionsReturn {
  download(entry: DataSetEntry): Promise<void>;
  cancel(entry: DataSetEntry): Promise<void>;
  verify(entry: DataSetEntry): Promise<void>;
  /** Asks before. */
  remove(entry: DataSetEntry): Promise<void>;
  addFolder(folderId: string): Promise<void>;
  /** The native dialog. */
  chooseFolder(): Promise<void>;
}

export function useDataSetActions(): UseDataSetActionsReturn {
  const library = useDataLibraryStore();
  const notices = useNoticesStore();
  const confirm = useConfirmStore();

  async function attempt(what: string, answer: Promise<DataSetEntry | null>) {
    try {
      const entry = await answer;
      if (entry) library.place(entry);
      return entry;
    } catch (error) {
      notices.fail(error, what);
      return null;
    }
  }

  async function add(answer: Promise<DataSetEntry | null>) {
    const entry = await attempt('The folder could not be added', answer);
    if (entry) notices.show({ level: 'success', message: `${entry.title} is on the list of data sets.` });
  }

  async function remove(entry: DataSetEntry) {
    if (!(await confirm.ask(removalQuestion(entry)))) return;
    await attempt(`${entry.title} could not be removed`, request('data.remove', { id: entry.id }));
    await library.load();
  }

  return {
    download: async ({ id, title }) =>
      void (await attempt(`${title} could not be downloaded`, request('data.download', { id }))),
    cancel: async ({ id, title }) =>
      void (await attempt(`${title} could not be cancelled`, request('data.cancel', { id }))),
    verify: async ({ id, title }) =>
      void (await attempt(`${title} could not be verified`, request('data.verify', { id }))),
    remove,
    addFolder: (folderId) => add(request('data.addFolder', { folderId })),
    chooseFolder: () => add(request('data.chooseFolder', {})),
  };
}

function removalQuestion({ kind, title, bytes, location, runs }: DataSetEntry): Question {
  const trained = runs > 0 ? ' Runs trained on it stay; resuming them needs it again.' : '';
  if (kind === 'cifar10' && bytes !== null) {
    return {
      title: `Delete the download of ${title}?`,
      text: `Frees ${formatBytes(bytes)}. It can be downloaded again.${trained}`,
      confirmLabel: 'Delete download',
      isDangerous: true,
    };
  }
  return {
    title: `Take ${title} off the list?`,
    text: `The pictures${location ? ` in ${location}` : ''} are not touched.${trained}`,
    confirmLabel: 'Take off the list',
  };
}
