/** Adds images from files, folders and the clipboard. One image opens its page, several their list; runs are imported. */

import { type LocationQueryRaw, type RouteLocationRaw, useRouter, type Router } from 'vue-router';
import { formatCount, formatPlural } from '../../../shared/text/format.ts';
import {
  imageTypes,
  mostFiles,
  openFileDialog,
  readClipboard,
} from '../../models/imageIntake/openedFiles.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useImagesStore, type IntakeItem } from '../../stores/images.ts';
import { useOpenResult } from '../frame/useOpenResult.ts';
import { findRunFiles, useRunImport } from '../runs/runFiles.ts';

export interface UseImageIntakeReturn {
  /** Adds images and imports runs. */
  take(files: readonly File[]): Promise<void>;
  /** Shows the dialog for files or for a folder. `damaged`: images to be mended, whose masks begin without hidden pixels. */
  choose(what: 'files' | 'folder' | 'damaged'): void;
  /** Adds the image in the clipboard. */
  paste(): Promise<void>;
}

export function useImageIntake(): UseImageIntakeReturn {
  const router = useRouter();
  const openResult = useOpenResult();
  const store = useImagesStore();
  const notices = useNoticesStore();
  const runs = useRunImport();

  async function take(files: readonly File[], isDamaged = false) {
    if (files.length === 0) return void notices.show({ message: 'No images found.' });
    const runFiles = await findRunFiles(files.slice(0, mostFiles));
    const images = files.filter((file) => !runFiles.includes(file));
    if (images.length > 0) await takeImages(images, isDamaged);
    if (runFiles.length > 0) await runs.take(runFiles);
  }

  async function takeImages(files: readonly File[], isDamaged: boolean) {
    if (files.length > mostFiles) notices.show({ level: 'warning', message: describeExcess(files.length) });
    await router.push({ path: '/images', query: keptQuery(router) });
    const query = { ...keptQuery(router), ...(isDamaged && { mask: 'empty' }) };
    await openResult(async () => {
      const [item] = await store.take(files.slice(0, mostFiles));
      const to = files.length === 1 && item ? viewOf(item, query) : null;
      return to === null ? null : { to, message: `${item.name} has been added.` };
    });
  }

  function choose(what: 'files' | 'folder' | 'damaged') {
    const isFolder = what === 'folder';
    openFileDialog(
      { accept: isFolder ? '' : imageTypes, isMultiple: true, isFolder },
      (files) => void take(files, what === 'damaged'),
    );
  }

  async function paste() {
    const files = await readClipboard();
    if (files) await take(files);
    else notices.show({ message: 'The page may not read the clipboard. Press Ctrl V or ⌘ V instead.' });
  }

  return { take, choose, paste };
}

function viewOf({ image, origin }: IntakeItem, query: LocationQueryRaw): RouteLocationRaw | null {
  return image ? { path: `/images/${image.id}`, query } : (origin?.address ?? null);
}

/** Returns the part of the address that names the inpainting whose settings the next image uses. */
function keptQuery({ currentRoute }: Router) {
  const { name, query } = currentRoute.value;
  return name === 'images' && typeof query.from === 'string' ? { from: query.from } : {};
}

function describeExcess(count: number): string {
  return `Found ${formatPlural(count, 'file')}, expected at most ${formatCount(mostFiles)} at a time. The rest was skipped. To train on them, add the folder as a dataset.`;
}
