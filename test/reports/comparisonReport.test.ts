import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeFileSystem } from '../../main/store/files/fileSystem.ts';
import { insertEvaluation, listEvaluations } from '../../main/store/runs/evaluations.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { fullRows } from './exampleEvaluation.ts';
import { insertEvaluatedRun, secret, writeExampleReport } from './exampleReport.ts';

const hostile = '</script><img src=x onerror=alert(1)> & =1+1|"\'';

async function writeReport(names: readonly string[] = ['flow', 'score'], pdf = false) {
  const store = openExampleStore();
  const ids = names.map((name, index) => insertEvaluatedRun(store, { name, gain: 1 - index }));
  const folder = join(store.dataFolder, 'out');
  const written = await writeExampleReport(store, { ids, question: `Why ${names[0]}?`, pdf });
  return { store, ids, written, read: (name: string) => readFileSync(join(folder, name), 'utf8') };
}

/** Parses the JSON that a report contains. */
function parseNumbers(page: string) {
  const [, json] = /<script type="application\/json" id="numbers">([^<]*)<\/script>/.exec(page) ?? [];
  return JSON.parse(json ?? 'null') as {
    runs: { summary: { id: string }; evaluations: { rows: unknown }[] }[];
  };
}

describe('a report of several runs', () => {
  it('contains the numbers of the store, in full and as displayed', async () => {
    const { store, ids, read } = await writeReport();
    const page = read('report.html');
    const { runs } = parseNumbers(page);
    expect(runs.map(({ summary }) => summary.id)).toEqual(ids);
    for (const [index, id] of ids.entries())
      expect(runs[index].evaluations[0].rows).toEqual(listEvaluations(store.db, id)[0].rows);
    expect(JSON.parse(read('numbers.json'))).toEqual(parseNumbers(page));
    const [, row] = /<th scope="row">flow · posterior mean<\/th>([^]*?)<\/tr>/.exec(page) ?? [];
    expect(
      row
        .replace(/<[^>]+>|\s+/g, ' ')
        .trim()
        .split(/ +/),
    ).toEqual(['1', '1', '22.50', '19.00', '0.5000', '0.5000', '0.01000', '0.0500', '1.00']);
    expect(page).toContain('better on 4, worse on 0');
  });

  it('has its sections in order and a link to each', async () => {
    const page = (await writeReport()).read('report.html');
    const sections = [
      'question',
      'protocol',
      'results',
      'baselines',
      'training',
      'images',
      'uncertainty',
      'configurations',
      'provenance',
      'reproduce',
      'all',
    ];
    expect([...page.matchAll(/<section id="([^"]+)">/g)].map(([, id]) => id)).toEqual(sections);
    expect([...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)).toEqual(sections);
  });

  it('has only the chosen sections, in the order of the report, and only their files', async () => {
    const store = openExampleStore();
    const ids = ['flow', 'score'].map((name, index) => insertEvaluatedRun(store, { name, gain: index }));
    const { files } = await writeExampleReport(store, { ids, sections: ['training', 'question'] });
    const page = readFileSync(join(store.dataFolder, 'out', 'report.html'), 'utf8');
    const found = [...page.matchAll(/<section id="(\w+)">/g)].map(([, id]) => id);
    expect(found).toEqual(['question', 'training']);
    expect(files.map(({ name }) => name).sort()).toEqual([
      'chart-loss.svg',
      'chart-psnr.svg',
      'numbers.json',
      'report.html',
    ]);
  });

  it('begins with the introduction in Markdown, escaped', async () => {
    const store = openExampleStore();
    const ids = ['flow', 'score'].map((name, index) => insertEvaluatedRun(store, { name, gain: index }));
    await writeExampleReport(store, {
      ids,
      introduction: `**First**\nline\n\n${hostile}\n\n- a [b](https://a.example) [c](javascript:d)`,
    });
    const page = readFileSync(join(store.dataFolder, 'out', 'report.html'), 'utf8');
    const [, text] = /<section id="introduction">([^]*?)<\/section>/.exec(page) ?? [];
    expect(text).toContain('<p><strong>First</strong><br />line</p>');
    expect(text).toContain('<a href="https://a.example" rel="noopener noreferrer">b</a> [c](javascript:d)');
    expect(text).not.toContain('<img');
    expect(page.indexOf('id="introduction"')).toBeLessThan(page.indexOf('id="question"'));
    expect((await writeReport()).read('report.html')).not.toContain('id="introduction"');
  });

  it('escapes names and questions everywhere', async () => {
    const { read, written } = await writeReport([hostile, 'score']);
    const page = read('report.html');
    expect(page).not.toMatch(/<img src=x|<script>/);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).toContain('&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt; &amp; =1+1|&quot;&#39;');
    for (const { name } of written.files.filter((file) => file.name.endsWith('.svg')))
      expect(read(name)).not.toContain('<img');
    expect(read('comparison.md')).not.toContain('</script>');
    expect(read('comparison.tex')).not.toMatch(/[^\\]&amp;| & =1/);
  });

  it('has no cell that a spreadsheet would treat as a formula', async () => {
    const { read } = await writeReport(['=HYPERLINK("http://x")', 'score']);
    expect(read('comparison.csv')).toContain('"\'=HYPERLINK(""http://x"") · posterior mean"');
    expect(read('comparison.csv')).not.toMatch(/(^|,|")=/m);
  });

  it('contains no folders of the data in any of its files', async () => {
    const { store, written, read } = await writeReport();
    const texts = written.files.map(({ name }) => read(name));
    expect(texts.filter((text) => text.includes(secret) || text.includes(store.dataFolder))).toEqual([]);
    expect(read('report.html')).toContain('CIFAR-10 (cifar-sample)');
  });

  it('shows the representative rows of the runs first, and all sampling plans with their cost at the end', async () => {
    const { read, written } = await writeReport();
    const sectionOf = (id: string, page: string) =>
      page.split(`<section id="${id}">`)[1].split('</section>')[0];
    const page = read('report.html');
    expect(sectionOf('results', page)).not.toContain('mean of 8 samples');
    expect(sectionOf('all', page)).toContain('flow · mean of 8 samples');
    const names = written.files.map(({ name }) => name);
    expect(names).not.toContain('chart-nfe.svg');
    const store = openExampleStore();
    const ids = ['flow', 'score'].map((name) => insertEvaluatedRun(store, { name, gain: 1 }));
    const [, ...plans] = fullRows(4);
    for (const runId of ids)
      insertEvaluation(store.db, {
        protocol: listEvaluations(store.db, runId)[0].protocol,
        rows: [...plans, ...plans.map((row) => ({ ...row, solverSteps: 2, nfe: 3, seconds: 0.25 }))],
        runId,
        step: 100,
      });
    await writeExampleReport(store, { ids });
    const costs = sectionOf('cost', readFileSync(join(store.dataFolder, 'out', 'report.html'), 'utf8'));
    expect(costs).toContain('Quality against function evaluations');
    // Seconds of several runs do not compare.
    expect(costs).not.toContain('Seconds of one sample of all images');
    expect(costs).toContain('>score · Heun</text>');
  });

  it('lists the commands that reproduce it', async () => {
    const { read } = await writeReport();
    const text = read('report.html').replace(/<\/?(span|p)>/g, '');
    expect(text).toContain('lab train --preset tiny --data cifar10:cifar-sample --name flow --set ');
    expect(text).toMatch(
      /lab evaluate flow --images 4 --split test --mask-law numpy --mask-seed 42 --keep 0\.2 --samples 8 --solver heun --steps 10/,
    );
    expect(text).toMatch(/lab compare flow score --out report --title &#39;Comparison of flow, score&#39;/);
  });

  it('loads no other files and runs no scripts', async () => {
    const page = (await writeReport()).read('report.html');
    expect(page).toContain(
      'content="default-src &#39;none&#39;; img-src data:; style-src &#39;unsafe-inline&#39;',
    );
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import| on\w+=/);
  });

  it('replaces an earlier report and leaves other files alone', async () => {
    const store = openExampleStore();
    const id = insertEvaluatedRun(store, { name: 'flow', gain: 1 });
    const other = insertEvaluatedRun(store, { name: 'score', gain: 0 });
    const folder = join(store.dataFolder, 'out');
    const printPdf = () => Promise.resolve(new Uint8Array(8));
    await writeExampleReport(store, { ids: [id, other], pdf: true }, { folder, printPdf });
    writeFileSync(join(folder, 'notes.txt'), '');
    expect(readdirSync(folder)).toContain('report.pdf');
    await writeExampleReport(store, { ids: [id, other] }, { folder });
    expect(readdirSync(folder)).not.toContain('report.pdf');
    expect(readdirSync(folder)).toContain('notes.txt');
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is written without a PDF, and with a note, if there is no Chromium', async () => {
    const { written } = await writeReport(['flow', 'score'], true);
    expect(written.notes).toEqual(['There is no PDF: no Chromium was found.']);
    expect(written.files.map(({ name }) => name)).not.toContain('report.pdf');
  });
});

describe('a full disk', () => {
  it.each([1, 4, 9])(
    'leaves no partial report, and an earlier one unchanged, if write %i fails',
    async (from) => {
      const store = openExampleStore();
      const ids = ['flow', 'score'].map((name) => insertEvaluatedRun(store, { name, gain: 1 }));
      let writes = 0;
      const full = {
        ...nodeFileSystem,
        write(file: number, bytes: Uint8Array, position: number) {
          if (++writes >= from) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
          return nodeFileSystem.write(file, bytes, position);
        },
      };
      const fresh = join(store.dataFolder, 'fresh');
      await expect(writeExampleReport(store, { ids }, { folder: fresh, fileSystem: full })).rejects.toThrow(
        'ENOSPC',
      );
      expect(existsSync(fresh)).toBe(false);
      const old = join(store.dataFolder, 'old');
      mkdirSync(old);
      writeFileSync(join(old, 'report.html'), 'earlier');
      await expect(writeExampleReport(store, { ids }, { folder: old, fileSystem: full })).rejects.toThrow(
        'ENOSPC',
      );
      expect([readdirSync(old), readFileSync(join(old, 'report.html'), 'utf8')]).toEqual([
        ['report.html'],
        'earlier',
      ]);
    },
  );
});
