import { readFileSync, utimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../main/store/store.ts';
import { largestSentBundle } from '../../shared/runBundle.ts';
import { describeContents, describeStore, insertFullRun } from '../store/bundle/exampleBundle.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { openExampleLaboratory } from './exampleLaboratory.ts';

/** Opens a laboratory with one run that has everything a run can have. */
async function openWithRun() {
  const folder = makeTemporaryFolder();
  const store = openStore(folder);
  const { id } = await insertFullRun(store);
  const contents = describeContents(store, id);
  store.close();
  return { id, contents, ...(await openExampleLaboratory({}, folder)) };
}

describe('a run bundle', () => {
  it('is exported, served only at its own path, and imported into another data folder', async () => {
    const here = await openWithRun();
    const exported = await here.ask('bundles.export', { id: here.id });
    expect(exported).toMatchObject({ name: 'full run.sparsefield', checkpoints: [6, 9], missingData: null });
    const media = await here.laboratory.media(exported.path);
    if (!media || !('file' in media)) throw new Error('A file was expected.');
    const bytes = new Uint8Array(readFileSync(media.file));
    expect([media.type, bytes.length]).toEqual(['application/octet-stream', exported.bytes]);
    for (const other of ['exports/abcdefgh.sparsefield', 'exports/../lab.sqlite', `${exported.path}/x`])
      expect(await here.laboratory.media(other)).toBeNull();

    const there = await openExampleLaboratory();
    const imported = await there.ask('bundles.import', { bytes });
    expect(imported).toMatchObject({ id: here.id, name: 'full run', step: 9 });
    expect(there.sentEvents('runs.listChanged')).toEqual([null]);
    const detail = await there.ask('runs.get', { id: here.id });
    expect(detail.run.config).toEqual(here.contents.run.config);
    expect(detail.evaluations.map(({ step }) => step)).toEqual([9, 6]);
  });

  it('is deleted at the next start', async () => {
    const { ask, folder, id, laboratory } = await openWithRun();
    const { path } = await ask('bundles.export', { id });
    await laboratory.close();
    const again = await openExampleLaboratory({}, folder);
    expect(await again.laboratory.media(path)).toBeNull();
  });

  it('is deleted at the first export after an hour', async () => {
    const { ask, id, laboratory } = await openWithRun();
    const paths: string[] = [];
    for (let exported = 0; exported < 2; exported++) paths.push((await ask('bundles.export', { id })).path);
    const [old, young] = await Promise.all(paths.map((path) => laboratory.media(path)));
    if (!old || !('file' in old) || !young) throw new Error('Two files were expected.');
    const longAgo = new Date(Date.now() - 3601 * 1000);
    utimesSync(old.file, longAgo, longAgo);
    await ask('bundles.export', { id });
    expect(await laboratory.media(paths[0])).toBeNull();
    expect(await laboratory.media(paths[1])).not.toBeNull();
  });

  it('of an existing run is rejected as a conflict, or imported as a copy on request', async () => {
    const { ask, expectFailure, id, laboratory } = await openWithRun();
    const media = await laboratory.media((await ask('bundles.export', { id, checkpoints: 'all' })).path);
    if (!media || !('file' in media)) throw new Error('A file was expected.');
    const bytes = new Uint8Array(readFileSync(media.file));
    const failure = await expectFailure('bundles.import', { bytes });
    expect(failure).toMatchObject({
      code: 'conflict',
      message: '“full run” already exists. Import a copy of it.',
    });
    expect(await ask('bundles.import', { bytes, asCopy: true })).toMatchObject({ name: 'full run 2' });
    await ask('runs.delete', { ids: [id] });
    expect((await expectFailure('bundles.import', { bytes })).message).toMatch(
      /in the trash\. Restore it there/,
    );
  });

  it('that is not valid is rejected and changes nothing', async () => {
    const { expectFailure, folder } = await openExampleLaboratory();
    const store = openStore(folder);
    const before = describeStore(store);
    const { code, message } = await expectFailure('bundles.import', { bytes: new Uint8Array(4000).fill(65) });
    expect([code, message]).toEqual(['invalid', expect.stringMatching(/^The file: header length .* found/)]);
    expect(describeStore(store)).toEqual(before);
    store.close();
    expect((await expectFailure('bundles.export', { id: 'abcdefgh' })).code).toBe('notFound');
  });

  it('that is too large for a request is rejected with the command to use in the terminal', async () => {
    const { expectFailure } = await openExampleLaboratory();
    const bytes = new Uint8Array(largestSentBundle + 1);
    const { code, message } = await expectFailure('bundles.import', { bytes });
    expect([code, message]).toEqual([
      'invalid',
      expect.stringMatching(/at most 120000000 bytes.*lab import FILE/),
    ]);
  });
});
