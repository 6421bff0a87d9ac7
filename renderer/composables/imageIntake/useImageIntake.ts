/** The ways pictures come in, and where they lead: one to its own view, several to their list. Exported runs are imported. */

import { useRouter, type Router } from 'vue-router';
import { formatCount, formatPlural } from '../../../shared/text/format.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { usePicturesStore, type IntakeItem } from '../../stores/pictures.ts';
import { findRunFiles, useRunImport } from '../runs/runFiles.ts';
import { mostFiles } from '../../models/imageIntake/imageFiles.ts';

export interface UseImageIntakeReturn {
  take(files: readonly File[]): Promise<void>;
  /** The dialog for files, or for a whole folder. */
  choose(what: 'files' | 'folder'): void;
  /** From the clipboard, without the browser's own paste. */
  paste(): Promise<void>;
  /** Goes where an item leads. */
  open(item: IntakeItem): Promise<void>;
}

export function useImageIntake(): UseImageIntakeReturn {
  const router = useRouter();
  const store = usePicturesStore();
  const notices = useNoticesStore();
  const runs = useRunImport();

  async function open({ picture, origin }: IntakeItem) {
    if (picture) await router.push({ path: `/pictures/${picture.id}`, query: takenOver(router) });
    else if (origin?.address) await router.push(origin.address);
  }

  async function take(files: readonly File[]) {
    if (files.length === 0) return void notices.show({ message: 'No picture was in it.' });
    const runFiles = await findRunFiles(files.slice(0, mostFiles));
    if (runFiles.length > 0) await runs.take(runFiles);
    const pictures = files.filter((file) => !runFiles.includes(file));
    if (pictures.length > 0) await takePictures(pictures);
  }

  async function takePictures(files: readonly File[]) {
    if (files.length > mostFiles) notices.show({ level: 'warning', message: describeRest(files.length) });
    await router.push({ path: '/pictures', query: takenOver(router) });
    const items = await store.take(files.slice(0, mostFiles));
    // Whoever has gone elsewhere meanwhile is left there.
    if (files.length === 1 && items[0] && router.currentRoute.value.name === 'pictures') await open(items[0]);
  }

  const choose = (what: 'files' | 'folder') => chooseFiles(what, take);

  async function paste() {
    const files = await readClipboard();
    if (files) await take(files);
    else notices.show({ message: 'Only the browser may read the clipboard here: press Ctrl V, or ⌘ V.' });
  }

  return { take, choose, open, paste };
}

function chooseFiles(what: 'files' | 'folder', take: UseImageIntakeReturn['take']): void {
  const input = document.createElement('input');
  Object.assign(input, { type: 'file', multiple: true, webkitdirectory: what === 'folder' });
  if (what === 'files') input.accept = 'image/png,image/jpeg,image/webp';
  input.addEventListener('change', () => void take(visibleFiles(input.files)));
  input.click();
}

/** The inpainting whose settings the next picture takes over: in the address of the list of pictures. */
function takenOver({ currentRoute }: Router) {
  const { name, query } = currentRoute.value;
  return name === 'pictures' && typeof query.from === 'string' ? { from: query.from } : {};
}

/** The files of a folder come with the system's own, which are hidden. */
function visibleFiles(files: FileList | null): File[] {
  return [...(files ?? [])].filter(
    ({ name, webkitRelativePath }) => !/(^|\/)\./.test(webkitRelativePath || name),
  );
}

/** null: the browser does not allow it. */
async function readClipboard(): Promise<File[] | null> {
  const items = await navigator.clipboard?.read().catch(() => null);
  if (!items) return null;
  const found = items.flatMap((item) => {
    const type = item.types.find((name) => name.startsWith('image/'));
    return type ? [item.getType(type)] : [];
  });
  return (await Promise.all(found)).map((blob) => new File([blob], 'pasted picture', { type: blob.type }));
}

function describeRest(count: number): string {
  const files = formatPlural(count, 'file');
  return `${files} found, at most ${formatCount(mostFiles)} expected at once: the rest is left out. To train on them, add the folder as a data set.`;
}
