/** The folder that the folder dialog shows, and how to get to another one. */

import { shallowRef, type ShallowRef } from 'vue';
import type { FolderListing, RecentFolder } from '../../../shared/dataLibrary.ts';
import { request } from '../../api/client.ts';
import { explainError } from '../../models/frame/explainError.ts';

export interface UseFolderBrowserReturn {
  /** The shown folder; null before the first one is read. */
  readonly listing: Readonly<ShallowRef<FolderListing | null>>;
  /** The newest first. */
  readonly recent: Readonly<ShallowRef<readonly RecentFolder[]>>;
  /** The error of opening a folder of the list; null if there is none. */
  readonly fault: ShallowRef<unknown>;
  /** Why the typed path leads nowhere; null if it was not tried or does. */
  readonly pathFault: ShallowRef<string | null>;
  /** Shows the home folder, and reads the recent folders. */
  open(): Promise<void>;
  /** Shows a folder; null: the home folder. */
  show(id: string | null): Promise<void>;
  /** Shows the folder at a typed path; returns whether there is one. */
  goTo(path: string): Promise<boolean>;
  /** Tries the last folder of the list again. */
  retry(): Promise<void>;
}

export function useFolderBrowser(): UseFolderBrowserReturn {
  const listing = shallowRef<FolderListing | null>(null);
  const recent = shallowRef<readonly RecentFolder[]>([]);
  const fault = shallowRef<unknown>(null);
  const pathFault = shallowRef<string | null>(null);
  let wanted: string | null = null;
  /** Answers that a later request has overtaken are dropped, and so are their errors. */
  let requests = 0;

  /** Returns whether the folder is shown now. */
  async function receive(answer: Promise<FolderListing>, fail: (error: unknown) => void): Promise<boolean> {
    requests += 1;
    const own = requests;
    try {
      const found = await answer;
      if (own !== requests) return false;
      fault.value = null;
      pathFault.value = null;
      listing.value = found;
      return true;
    } catch (error) {
      if (own === requests) fail(error);
      return false;
    }
  }

  async function show(id: string | null) {
    wanted = id;
    fault.value = null;
    await receive(request('folders.list', { id }), (error) => (fault.value = error));
  }

  function goTo(path: string) {
    pathFault.value = null;
    return receive(request('folders.find', { path, from: listing.value?.id ?? null }), (error) => {
      pathFault.value = explainError(error).message;
    });
  }

  return {
    listing,
    recent,
    fault,
    pathFault,
    show,
    goTo,
    retry: () => show(wanted),
    async open() {
      const known = request('folders.recent', {}).catch(() => []);
      await show(null);
      recent.value = await known;
    },
  };
}
