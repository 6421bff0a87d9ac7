/** Files from dialogs, drops and the clipboard, and the origin of an image that this application saved. */

import { imageLimits } from '../../../shared/images/imageHeader.ts';
import { readPngText } from '../../../shared/images/pngText.ts';
import { type Provenance, provenanceKeyword, provenanceSchema } from '../../../shared/inpainting.ts';
import { request } from '../../api/client.ts';

/** Maximum number of files accepted at a time; more belong in a dataset. */
export const mostFiles = 1000;

export interface FileDialogOptions {
  /** File types as in the `accept` attribute. */
  readonly accept?: string;
  readonly isMultiple?: boolean;
  /** Whether a folder is selected instead of files. */
  readonly isFolder?: boolean;
}

/** Image types that can be opened, as in the `accept` attribute. */
export const imageTypes = 'image/png,image/jpeg,image/webp';

/** Shows a file dialog and passes the selected files to `take`, without hidden files. */
export function openFileDialog(
  { accept = '', isMultiple = false, isFolder = false }: FileDialogOptions,
  take: (files: File[]) => void,
): void {
  const input = document.createElement('input');
  Object.assign(input, { type: 'file', accept, multiple: isMultiple, webkitdirectory: isFolder });
  input.addEventListener('change', () => take([...(input.files ?? [])].filter((file) => !isHidden(file))));
  input.click();
}

function isHidden({ name, webkitRelativePath }: File): boolean {
  return /(^|\/)\./.test(webkitRelativePath || name);
}

/** Returns the images in the clipboard; null if the browser does not allow reading it. */
export async function readClipboard(): Promise<File[] | null> {
  const items = await navigator.clipboard?.read().catch(() => null);
  if (!items) return null;
  const images = items.flatMap((item) => {
    const type = item.types.find((name) => name.startsWith('image/'));
    return type ? [item.getType(type)] : [];
  });
  return (await Promise.all(images)).map((blob) => new File([blob], 'pasted image', { type: blob.type }));
}

/**
 * Returns the dropped files, including those in folders and their subfolders. Must be called while the drop event is
 * handled, because the browser clears the transfer afterwards.
 */
export async function listDroppedFiles(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  const plain = [...transfer.files];
  if (!entries.some(({ isDirectory }) => isDirectory)) return plain;
  const files: File[] = [];
  for (const entry of entries) await collect(entry, files);
  return files;
}

/** A folder that was dropped; its file has no content, but the desktop finds its path by it. */
export interface DroppedFolder {
  readonly name: string;
  readonly file: File | null;
}

/** Returns the dropped folders. Must be called while the drop event is handled. */
export function listDroppedFolders(transfer: DataTransfer): DroppedFolder[] {
  return [...transfer.items].flatMap((item) => {
    const entry = item.webkitGetAsEntry?.();
    return entry?.isDirectory ? [{ name: entry.name, file: item.getAsFile() }] : [];
  });
}

/** Adds the files of an entry in the order of their names, without hidden files. */
async function collect(entry: FileSystemEntry, files: File[]): Promise<void> {
  if (files.length >= mostFiles || entry.name.startsWith('.')) return;
  if (isFile(entry)) files.push(await new Promise<File>((resolve, reject) => entry.file(resolve, reject)));
  else if (isFolder(entry)) for (const child of await listFolder(entry)) await collect(child, files);
}

async function listFolder(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  // A reader returns at most a hundred entries at a time and an empty list at the end.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) break;
    entries.push(...batch);
  }
  return entries.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** Origin of an image that this application saved. */
export interface Origin {
  readonly provenance: Provenance;
  /** Address of its result, else of its run; null if neither is in the library. */
  readonly address: string | null;
}

/** Finds the origin of an image that this application saved; null for all other files. */
export async function findOrigin(file: File): Promise<Origin | null> {
  if (file.size > imageLimits.fileBytes) return null;
  const provenance = readProvenance(new Uint8Array(await file.arrayBuffer()));
  return provenance && { provenance, address: await findAddress(provenance) };
}

/** Reads the provenance of a PNG file; null if there is none this version supports. */
function readProvenance(bytes: Uint8Array): Provenance | null {
  const text = readPngText(bytes, provenanceKeyword);
  if (text === null) return null;
  try {
    return provenanceSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

async function findAddress({ inpaintingId, runId }: Provenance): Promise<string | null> {
  const exists = (answer: Promise<unknown>) =>
    answer.then(
      () => true,
      () => false,
    );
  if (inpaintingId !== null && (await exists(request('inpaint.get', { id: inpaintingId }))))
    return `/inpaintings/${inpaintingId}`;
  if (runId === undefined) return null;
  return (await exists(request('runs.get', { id: runId }))) ? `/runs/${runId}` : null;
}
