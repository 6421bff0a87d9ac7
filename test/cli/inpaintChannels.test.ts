/** lab inpaint with masks of single channels. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { EstimateJob, InpaintJob } from '../../main/compute/protocol.ts';
import { encodeMask } from '../../main/jobs/inpainting/inpaintingFiles.ts';
import { openStore } from '../../main/store/store.ts';
import { provenanceKeyword, provenanceSchema } from '../../shared/inpainting.ts';
import { readPngText } from '../../shared/images/pngText.ts';
import { drawMask } from '../../shared/masks/laws.ts';
import { writeFileSync } from 'node:fs';
import { addCheckpoint } from '../jobs/inpainting/exampleInpaintings.ts';
import { insertExampleRun } from '../store/exampleStore.ts';
import { createInpaintHost, createSetup, filling, readPixels, writeImage } from './exampleInpaint.ts';
import { runLab } from './runLab.ts';

const jobs: InpaintJob[] = [];
const estimates: EstimateJob[] = [];
vi.mock(import('../../main/jobs/computeHost.ts'), async (importOriginal) => ({
  ...(await importOriginal()),
  forkHost: () => createInpaintHost(jobs, undefined, estimates),
}));
beforeEach(() => {
  jobs.length = 0;
  estimates.length = 0;
});

const bayer = drawMask({ law: 'bayer', phase: 'GBRG', keepRatio: 1, seed: 0, width: 8, height: 6 });
const options = ['--pattern', 'bayer', '--phase', 'GBRG'];

describe('lab inpaint with a Bayer pattern', () => {
  it('keeps one channel of every pixel, counts values, and reads the same mask from a file', async () => {
    const { at, folder } = createSetup();
    const pixels = await writeImage(at('photo.png'));
    const lab = (...args: string[]) =>
      runLab(
        'inpaint',
        '--method',
        'thin-plate',
        at('photo.png'),
        ...args,
        '--data-dir',
        join(folder, 'data'),
      );
    const drawn = await lab(...options, '--out', at('out'));
    expect([drawn.code, estimates[0].mask]).toEqual([0, bayer]);
    expect(drawn.stdout).toContain('48 values (33.3 %)');
    const expected = pixels.map((value, index) => (bayer.bits[index] === 1 ? value : filling));
    expect((await readPixels(at('out', 'photo.png'))).pixels).toEqual(expected);
    const text = readPngText(readFileSync(at('out', 'photo.png')), provenanceKeyword) ?? '';
    const { mask } = provenanceSchema.parse(JSON.parse(text));
    expect(mask).toMatchObject({ kind: 'drawn', pattern: 'bayer', phase: 'GBRG', keepRatio: 0.333333 });
    const again = await lab(...options, '--out', at('out'));
    expect(again.stderr).toContain('up to date');
    writeFileSync(at('mosaic.png'), await encodeMask(bayer));
    const read = await lab('--mask', at('mosaic.png'), '--truth', '--out', at('read'));
    expect([read.code, estimates[1].mask]).toMatchObject([0, bayer]);
    expect(read.stderr).toContain('Each of its channels is a mask of its own: 33 % of the values are known.');
  });

  it('is refused for a run that reads whole pixels, and filled in by one that was trained on it', async () => {
    const { at, inpaint, folder } = createSetup();
    await writeImage(at('photo.png'));
    const refused = await inpaint(at('photo.png'), ...options);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('the network of this run reads whole pixels. Choose a classical method');
    expect(jobs).toEqual([]);
    const store = openStore(join(folder, 'data'));
    const field = { kind: 'unet', channelMask: true } as const;
    const { id } = insertExampleRun(store, 'mosaics', { mask: { law: 'bayer' }, field });
    addCheckpoint(store, id, 5);
    store.close();
    const filled = await runLab(
      'inpaint',
      'mosaics',
      at('photo.png'),
      ...options,
      '--out',
      at('filled'),
      '--data-dir',
      join(folder, 'data'),
    );
    expect([filled.code, jobs[0].mask]).toEqual([0, bayer]);
    expect(filled.stderr).not.toContain('Trained on');
  });

  it('has no fraction of known pixels, and other laws have no phase', async () => {
    const usage = async (...args: string[]) => {
      const { code, stderr } = await runLab('inpaint', '--method', 'telea', 'photo.png', ...args);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await usage(...options, '--keep', '0.5')).toContain(
      '--keep has no effect on masks of the law bayer',
    );
    expect(await usage('--phase', 'RGGB')).toContain('--phase has no effect on masks of the law uniform');
  });
});
