/** Saves several results as one zip file: the images, and tables of their scores. */

import { ref, type Ref } from 'vue';
import { type InpaintingEntry, inpaintingMedia } from '../../../shared/inpainting.ts';
import { inpaintingCsv, inpaintingMarkdown } from '../../../shared/inpaintingTable.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import { mediaUrl, request } from '../../api/client.ts';
import { fetchMedia } from '../../api/fetchMedia.ts';
import { distinctName, fileName, saveFile } from '../../api/saveFile.ts';
import { describeMask, describeSolver, hasTruth } from '../../models/inpainting/describeInpainting.ts';
import { useInpaintingsStore } from '../../stores/inpainting/inpaintings.ts';
import { useNoticesStore } from '../../stores/notices.ts';

export interface UseSaveResultsReturn {
  readonly isSaving: Readonly<Ref<boolean>>;
  /** Entries without a result are left out, and a notice says so. */
  save(ids: readonly string[]): Promise<void>;
}

export function useSaveResults(): UseSaveResultsReturn {
  const history = useInpaintingsStore();
  const notices = useNoticesStore();
  const isSaving = ref(false);

  async function save(ids: readonly string[]) {
    if (isSaving.value) return;
    isSaving.value = true;
    try {
      const entries = await Promise.all(
        ids.map((id) => history.entries.find((entry) => entry.id === id) ?? request('inpaint.get', { id })),
      );
      const done = entries.filter(({ result }) => result !== null);
      if (done.length === 0) throw new Error('None of these images has a result yet. Wait until one has.');
      saveFile(fileName('results', formatPlural(done.length, 'image'), 'zip'), await zipResults(done));
      const left = entries.length - done.length;
      if (left > 0) notices.show({ message: `${formatPlural(left, 'image')} without a result left out.` });
    } catch (error) {
      notices.fail(error, 'The results could not be saved');
    } finally {
      isSaving.value = false;
    }
  }
  return { isSaving, save };
}

/** Sizes and offsets of a zip archive have 32 bits; some are left for its directory. */
const mostBytes = 2 ** 32 - 2 ** 24;

/** Reads one image at a time: the archive consists of their files, which the browser need not hold in memory. */
async function zipResults(entries: readonly InpaintingEntry[]): Promise<Blob> {
  const { Zip, ZipPassThrough } = await import('fflate');
  const parts: BlobPart[] = [];
  const zip = new Zip((error, part) => {
    if (error) throw error;
    // A Blob keeps its bytes outside of the page's memory.
    parts.push(new Blob([part as Uint8Array<ArrayBuffer>]));
  });
  let total = 0;
  const add = (name: string, bytes: Uint8Array) => {
    total += bytes.length;
    if (total > mostBytes) throw new Error('The results have more than 4 GiB. Save fewer at a time.');
    const file = new ZipPassThrough(name);
    zip.add(file);
    file.push(bytes, true);
  };
  const names = new Set<string>();
  const rows: (Parameters<typeof inpaintingCsv>[0][number] & {
    readonly entry: InpaintingEntry;
    readonly file: string;
  })[] = [];
  for (const entry of entries) {
    const blob = await fetchMedia(mediaUrl(inpaintingMedia(entry.id, 'result')));
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const file = distinctName(fileName(entry.image.name.replace(/\.\w+$/, ''), 'png'), names);
    names.add(file);
    add(file, bytes);
    const { result, image, request: settings } = entry;
    if (result) rows.push({ ...result, name: image.name, hasTruth: hasTruth(settings), entry, file });
  }
  const table = inpaintingCsv(rows, [
    ['file', ({ file }) => file],
    ['filled_in_by', ({ entry }) => entry.runName],
    ['how', ({ entry }) => describeSolver(entry.request)],
    ['mask', ({ entry }) => describeMask(entry.request)],
  ]);
  const named = rows.map((row) => ({ ...row, name: row.file }));
  const text = inpaintingMarkdown(named, {
    title: `Results of ${formatPlural(rows.length, 'image')}`,
    notes: [],
  });
  for (const [name, content] of [
    ['results.csv', table],
    ['results.md', text],
  ])
    add(name, new TextEncoder().encode(content));
  zip.end();
  return new Blob(parts, { type: 'application/zip' });
}
