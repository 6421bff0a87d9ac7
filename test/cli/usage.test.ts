import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadCommand } from '../../main/cli/command.ts';
import { commands as entries } from '../../main/cli/registry.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { runLab } from './runLab.ts';
import { startProgram } from './startLab.ts';

let dataFolder: string;

beforeAll(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-'));
  vi.stubEnv('SPARSE_FIELD_LAB_DATA', dataFolder);
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dataFolder, { recursive: true });
});

const commands = await Promise.all(entries.map(loadCommand));

describe('help', () => {
  it('lists every command with its summary', async () => {
    const { code, stdout, stderr } = await runLab('help');
    expect([code, stderr]).toEqual([0, '']);
    for (const { name, summary } of commands) {
      expect(stdout).toContain(`  ${name} `);
      expect(stdout).toContain(`  ${summary}\n`);
    }
  });

  it('is printed without a command, with exit code 2', async () => {
    const { code, stdout } = await runLab();
    expect(code).toBe(2);
    expect(stdout).toBe((await runLab('--help')).stdout);
  });

  it.each(commands.map(({ name }) => name))(
    'of %s lists all its options in aligned columns',
    async (name) => {
      const command = commands.find((candidate) => candidate.name === name);
      const { code, stdout } = await runLab(name, '--help');
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^lab ${name}\\b`));
      for (const option of [...Object.keys(command?.options ?? {}), 'json', 'data-dir', 'help']) {
        expect(stdout).toMatch(new RegExp(`^  --${option}[ \\w=,|:[\\]]* {2}\\S`, 'm'));
      }
      const columns = stdout
        .split('\n')
        .flatMap((line) => / {2}(?=[^ -].*$)/.exec(line.slice(2))?.index ?? []);
      expect(new Set(columns).size).toBe(1);
      expect((await runLab('help', name)).stdout).toBe(stdout);
    },
  );

  it('goes to stderr with --json', async () => {
    for (const args of [['help', '--json'], ['--json'], ['runs', '--help', '--json']]) {
      const { stdout, stderr } = await runLab(...args);
      expect([stdout, stderr.startsWith('lab runs') || stderr.startsWith('Sparse')]).toEqual(['', true]);
    }
  });
});

/** Invalid command lines with the error they cause. */
const mistakes: [string[], RegExp][] = [
  [['frain'], /No command "frain"\. Did you mean "train"\? "lab help" lists the commands/],
  [['xyzzy'], /No command "xyzzy"\. "lab help" lists the commands/],
  [['help', 'trian'], /Did you mean "train"/],
  [['runs', '--stauts', 'x'], /no option --stauts\. Did you mean "--status"\? "lab runs --help"/],
  [['runs', '-x'], /lab runs has no option -x\. "lab runs --help"/],
  [['train', '--steps'], /--steps needs a value.*"lab train --help"/],
  [['train', '--steps', '-3'], /--steps needs a value.*--steps=-1/],
  [['train', '--json=3'], /'--json' does not take an argument\. "lab train --help"/],
  [['show'], /Found 0 arguments, expected lab show <run\|preset>\. "lab show --help"/],
  [['show', 'one', 'two'], /Found 2 arguments, expected lab show <run\|preset>/],
  [['runs', '--status', 'done'], /--status is "done", expected queued, running, .* or crashed/],
  [['train', '--steps', '0'], /--steps is "0", expected a whole number ≥ 1/],
  [['train', '--steps', '1e3'], /--steps is "1e3", expected a whole number/],
  [['train', '--steps', '3', '--epochs', '4'], /--steps and --epochs exclude each other/],
  [['train', '--minutes', 'two'], /--minutes is "two", expected a number > 0/],
  [['train', '--preset', 'tny'], /No preset "tny"\. Did you mean "tiny"\? Choose one of [a-z-]+, .*tiny/],
  [
    ['train', '--data', 'cifar'],
    /Unknown data source "cifar": expected synthetic\[:seed\], .* or folder:path/,
  ],
  [['train', '--data', 'synthetic:x'], /Unknown data source "synthetic:x"/],
  [['train', '--data', 'folder:/no/such'], /The folder \/no\/such does not exist.*--data folder:PATH/],
  [['train', '--set', 'data.source=cifar10:/no/such'], /\/no\/such does not exist.*CIFAR-10/],
  [['baselines', '--size', '10'], /--size is "10", expected a whole number ≥ 11/],
  [['baselines', '--keep', '1.5'], /--keep is "1\.5", expected a fraction > 0 and ≤ 1/],
  [['baselines', '--keep', '0'], /--keep is "0", expected a fraction/],
  [['baselines', '--mask-law', 'dice'], /--mask-law is "dice", expected numpy, counter/],
  [
    ['baselines', '--blocks', '3'],
    /--blocks has no effect on masks of the law numpy\. .* choose the law block/,
  ],
  [
    ['baselines', '--mask-law', 'text', '--mark-size', '0.7'],
    /--mark-size is "0\.7", expected a fraction > 0 and ≤ 0\.5/,
  ],
  [['baselines', '--crops', '1,0.5'], /--crops is 1,0\.5: expected the smallest and the largest scale/],
  [
    ['baselines', '--mask-law', 'mixture', '--mixture', 'text, stroke 2'],
    /--mixture: "stroke 2" in a mixture: no law "stroke"\. Expected parts such as/,
  ],
  [['baselines', '--noise', '2'], /--noise is "2", expected a number from 0 to 1/],
  [['baselines', '--mixture', 'text'], /--mixture has no effect on masks of the law numpy\./],
  [
    ['baselines', '--phase', 'RGGB'],
    /--phase has no effect on masks of the law numpy\. Leave it out, or choose the law bayer/,
  ],
  [
    ['baselines', '--mask-law', 'bayer', '--phase', 'RGBG'],
    /--phase is "RGBG", expected RGGB, GRBG, GBRG or BGGR/,
  ],
  [
    ['baselines', '--mask-law', 'bayer', '--keep', '0.5'],
    /--keep has no effect on masks of the law bayer: one channel of each pixel is observed\. Leave it out/,
  ],
  [
    ['compare-methods', '--mask-law', 'bayer'],
    /These masks do not fit the run: masks of the law bayer observe one channel of each pixel, but/,
  ],
  [
    ['baselines', '--mask-law', 'mixture', '--mixture', 'text keep=0.8', '--keep', '0.5'],
    /--keep has no effect on this mixture, in which every law has its own fraction/,
  ],
  [
    ['compare-methods', '--mask-law', 'mixture'],
    /These masks do not fit the run: masks of the law mixture observe 51 to 975 pixels, but the network perceiver/,
  ],
  [['baselines', '--mask-seed=-1'], /--mask-seed is "-1", expected a whole number ≥ 0/],
  [['delete', 'latest', '--undo', '--purge'], /--undo and --purge exclude each other/],
  [['reconstruct', 'latest'], /The folder for the files is missing\. Add --out FOLDER/],
  [['reconstruct', 'latest', '--out', 'package.json'], /package\.json is a file; a folder was expected/],
  [
    ['reconstruct', 'latest', '--out', 'package.json/below'],
    /package\.json is a file; a folder was expected/,
  ],
  [['presets', 'medium'], /No preset "medium"\. Choose one of/],
  [['parity', '/no/such'], /The folder \/no\/such does not exist/],
];

describe('an invalid command line', () => {
  it.each(mistakes)('%j fails with one line and exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await runLab(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^lab: [^\n]*\n$/);
    expect(stderr).toMatch(message);
  });

  it('is reported on stdout as one JSON object with --json', async () => {
    const { code, lines, stderr } = await runLab('train', '--json', '--steps', '0');
    expect(code).toBe(2);
    expect(lines()).toEqual([{ event: 'error', error: stderr.slice('lab: '.length).trim() }]);
  });
});

describe('--set', () => {
  const faults: [string, RegExp][] = [
    ['field.dm=3', /No parameter "field\.dm"\. Did you mean "field\.dim"\? "lab presets tiny" lists/],
    ['preset=small', /No parameter "preset"/],
    ['optim.learningRate', /expected path=value, such as/],
    ['=3', /expected path=value/],
    ['field.dim=abc', /field\.dim=abc is invalid: field\.dim: found “abc”, expected a number/],
    ['field.dim=4', /field\.dim: found 4, expected at least 8/],
    ['field.heads=3', /field\.heads: dim must be a multiple of heads/],
    ['field.patch=4', /field\.patch: patch must be odd/],
    ['mask.law=numpy', /mask\.pool: pool needs law = counter/],
    ['path.prediction=velocity', /field\.residual: a residual needs path\.prediction = data/],
    ['train.evaluate=mean', /train\.evaluate: found “mean”, expected “sample” or “posterior mean”/],
    ['field={"dim":8}', /No parameter "field"/],
    ['__proto__.x=1', /No parameter "__proto__\.x"/],
  ];
  it.each(faults)('%s is refused', async (assignment, message) => {
    const { code, stderr } = await runLab('train', '--preset', 'tiny', '--set', assignment);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('reports every fault at once', async () => {
    const { stderr } = await runLab('train', '--set', 'field.dim=0', '--set', 'train.batchSize=0');
    expect(stderr).toMatch(/field\.dim: .*; train\.batchSize: /);
  });
});

describe('lab train', () => {
  it('warns of images that would be enlarged', async () => {
    const empty = makeTemporaryFolder();
    const { stdout, stderr } = await runLab('train', '--preset', 'mend', '--data', `cifar10:${empty}`);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Warning: Images of CIFAR-10 have 32 × 32 pixels and are enlarged to 64 × 64/);
  });
});

const root = resolve(import.meta.dirname, '../..');

describe('npm run lab', () => {
  it.skipIf(process.platform === 'win32')('prints only JSON on stdout with --json', async () => {
    // Without the set-up, which has already run before the tests.
    const args = ['run', 'lab', '--ignore-scripts', '--', 'runs', '--json'];
    const npm = startProgram('npm', [...args, '--data-dir', makeTemporaryFolder()]);
    expect(await npm.ended).toBe(0);
    expect(npm.stdout()).toBe('{"runs":[]}\n');
  });

  it.skipIf(process.platform === 'win32')(
    'resolves relative paths from the folder it was called in',
    async () => {
      const folder = makeTemporaryFolder();
      const args = ['--prefix', root, 'run', 'lab', '--ignore-scripts', '--', 'runs', '--data-dir', 'mine'];
      const npm = startProgram('npm', args, folder);
      expect(await npm.ended).toBe(1);
      expect(npm.stderr()).toContain(`No data folder at ${join(realpathSync(folder), 'mine')}.`);
    },
  );
});

describe('a command', () => {
  it('loads only what it needs: a list of runs needs no images, no server and no network', async () => {
    const { packages, loaded } = await recordModules('runs');
    expect(packages).toContain('better-sqlite3');
    expect(packages).not.toContain('sharp');
    expect(packages).not.toContain('fastify');
    const heavy = ['@tensorflow', 'opentype', 'cli/commands/train', 'deps/undici'];
    expect(heavy.filter((name) => loaded.includes(name))).toEqual([]);
  });

  it('prints the help and the version without loading a command, a schema or the database', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    for (const [option, output] of [
      ['--help', 'Usage: lab <command>'],
      ['--version', version],
    ]) {
      const { packages, own, loaded, stdout } = await recordModules(option);
      expect(stdout).toContain(output);
      expect(packages).not.toContain('zod');
      expect(packages).not.toContain('better-sqlite3');
      expect(loaded).not.toContain('cli/commands/');
      expect(own.length, own.join('\n')).toBeLessThan(20);
    }
  });

  it('needs no compiler of TypeScript for modules that an earlier command has compiled', async () => {
    await recordModules('--help');
    const { loaded } = await recordModules('--help');
    expect(loaded).toContain('cli/runCommandLine.ts');
    expect(loaded).not.toContain('deps/amaro');
  });
});

interface LoadedModules {
  readonly stdout: string;
  /** Addresses of all modules, Node's own included. */
  readonly loaded: string;
  /** Names of the packages. */
  readonly packages: readonly string[];
  /** Addresses of the modules of this project. */
  readonly own: readonly string[];
}

/** Runs a command and records which modules its process loads. */
async function recordModules(...args: readonly string[]): Promise<LoadedModules> {
  const folder = makeTemporaryFolder();
  const recorder = join(folder, 'recorder.mjs');
  writeFileSync(
    recorder,
    `import { registerHooks } from 'node:module';
     const loaded = [];
     registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
     process.on('exit', () => console.log(JSON.stringify([...loaded, ...process.moduleLoadList])));`,
  );
  const program = ['main/cli/start.mjs', ...args, ...(args[0].startsWith('-') ? [] : ['--data-dir', folder])];
  const lab = startProgram(process.execPath, ['--import', pathToFileURL(recorder).href, ...program]);
  expect(await lab.ended, lab.stderr()).toBe(0);
  const lines = lab.stdout().trim().split('\n');
  const loaded = (lines.pop() ?? '').replaceAll('\\', '/');
  const modules = JSON.parse(loaded) as string[];
  const packages = modules.flatMap((url) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []);
  const own = modules.filter((url) => url.startsWith('file:') && !url.includes('/node_modules/'));
  return { stdout: lines.join('\n'), loaded, packages: [...new Set(packages)], own };
}
