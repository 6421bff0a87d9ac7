import { describe, expect, it } from 'vitest';
import { withoutCommands } from '../../../renderer/models/frame/withoutCommands.ts';
import { filterSections, isInTexts } from '../../../renderer/models/forms/searchParameters.ts';
import { inPageWords } from '../../../renderer/models/ui/pixelWords.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { describeSchema } from '../../../shared/config/describeSchema.ts';
import { presets } from '../../../shared/config/presets.ts';
import { explainElsewhere } from '../../../shared/dataset.ts';

describe('a message on the page', () => {
  it('leaves out what to type in a terminal', () => {
    const stored =
      'The images have changed. Restore the images, choose where they are now (lab resume abcdefgh --data SOURCE), or continue with the changed ones (lab resume abcdefgh --accept-changed-data).';
    expect(withoutCommands(stored)).toBe(
      'The images have changed. Restore the images, choose where they are now, or continue with the changed ones.',
    );
    expect(
      withoutCommands(
        'Gone. If the images are in another place now: lab resume abcdefgh --data SOURCE, or “Locate data…” on the run’s page.',
      ),
    ).toBe('Gone. If the images are in another place now: “Locate data…” on the run’s page.');
    expect(withoutCommands(explainElsewhere('birds'))).not.toMatch(/--|lab /);
    expect(withoutCommands('A folder (with --dashes inside) is fine.')).toBe(
      'A folder (with --dashes inside) is fine.',
    );
  });

  it('calls pixels known or hidden', () => {
    expect(inPageWords('PSNR unobserved dB; 204 of 1024 pixels observed. Observed pixels are pasted.')).toBe(
      'PSNR hidden dB; 204 of 1024 pixels known. Known pixels are pasted.',
    );
    expect(inPageWords('the observer')).toBe('the observer');
  });
});

describe('a label of the form', () => {
  const sections = describeSchema(runConfigSchema);
  const parameters = sections.flatMap((section) => section.parameters);

  it('is short, and what it means is in its help', () => {
    expect(parameters.filter(({ title }) => title.length > 40).map(({ title }) => title)).toEqual([]);
    const inForm = parameters.filter(({ path }) => !['preset', 'data.source'].includes(path));
    for (const { path, help, typical } of inForm) {
      expect(help, path).toMatch(/[.]$/);
      expect(typical, path).not.toBe('');
    }
  });

  it('names no option of the command line, and no pixels observed; nor does the text of a preset', () => {
    const texts = [
      ...parameters.flatMap(({ title, help, typical, source }) => [title, help, typical, source]),
      ...presets.flatMap(({ description, summary }) => [description, summary]),
    ];
    expect(texts.filter((text) => /(^| )--[a-z]|observed/.test(text))).toEqual([]);
  });

  it('is found by its paper, and shows then why it was found', () => {
    const terms = ['timofte'];
    const [{ parameters: found }] = filterSections(sections, terms, () => true);
    expect(found.map(({ path }) => path)).toEqual(['sampler.symmetries']);
    expect(isInTexts(found[0], terms)).toBe(true);
    expect(isInTexts(found[0], ['self-ensemble'])).toBe(false);
    expect(isInTexts(found[0], [])).toBe(false);
  });

  it('is found by the words of its help', () => {
    const found = filterSections(sections, ['mirror', 'posterior'], () => true);
    expect(found.flatMap(({ parameters: all }) => all.map(({ path }) => path))).toEqual([
      'sampler.symmetries',
    ]);
  });
});
