import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { describeError } from '../../../shared/text/describeError.ts';
import {
  formatBytes,
  formatCount,
  formatDecibels,
  formatDevice,
  formatDuration,
  formatPercent,
  formatPlural,
  formatProgress,
  formatRate,
  formatSignificant,
  formatTimeLeft,
  formatAgo,
  formatMoment,
} from '../../../shared/text/format.ts';
import { formatCsv, formatLatexTable, formatMarkdownTable } from '../../../shared/text/textTable.ts';

describe('formatted numbers', () => {
  it('carry durations from seconds to minutes to hours', () => {
    expect([0, 59.4, 59.5, 61, 3599.4, 3599.5, 7500].map(formatDuration)).toEqual([
      '0 s',
      '59 s',
      '1 min 00 s',
      '1 min 01 s',
      '59 min 59 s',
      '1 h 00 min',
      '2 h 05 min',
    ]);
  });

  it('state the uncertainty of the time left only if it matters, and never a negative time', () => {
    expect(formatTimeLeft(null)).toBe('–');
    expect(formatTimeLeft(-3)).toBe('0 s left');
    expect(formatTimeLeft(100, 0.4)).toBe('1 min 40 s left');
    expect(formatTimeLeft(100, 4)).toBe('1 min 40 s left');
    expect(formatTimeLeft(100, 12)).toBe('1 min 40 s ± 12 s left');
  });

  it('are a dash if the value is unknown', () => {
    expect([formatDecibels(null), formatDecibels(23.456)]).toEqual(['–', '23.46 dB']);
    expect([formatCount(null), formatBytes(null), formatRate(null), formatSignificant(null)]).toEqual([
      '–',
      '–',
      '–',
      '–',
    ]);
  });

  it('have grouped digits from five digits on', () => {
    expect([0, 9999, 10_000, 1_234_567].map(formatCount)).toEqual([
      '0',
      '9999',
      '10\u202f000',
      '1\u202f234\u202f567',
    ]);
  });

  it('are followed by the singular or plural', () => {
    expect([1, 2].map((count) => formatPlural(count, 'run'))).toEqual(['1 run', '2 runs']);
    expect(formatPlural(3, 'entry', 'entries')).toBe('3 entries');
  });

  it('use the unit of bytes that needs at most three digits', () => {
    const sizes = [0, 999, 999.5, 1400, 9949, 9950, 999_499, 999_500, 170_498_071, 2e12, 5e15];
    expect(sizes.map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '1.4 kB',
      '9.9 kB',
      '10 kB',
      '999 kB',
      '1.0 MB',
      '170 MB',
      '2.0 TB',
      '5000 TB',
    ]);
  });

  it('state slow rates in seconds per step', () => {
    expect([12.3, 2.44, 0.5, 0.25, 0.01, 0].map(formatRate)).toEqual([
      '12 steps/s',
      '2.4 steps/s',
      '0.5 steps/s',
      '4.0 s/step',
      '100 s/step',
      '–',
    ]);
  });

  it('have four significant digits at any magnitude', () => {
    expect([0, 0.0123456, 12.345678, 0.00001234, -2e6].map((value) => formatSignificant(value))).toEqual([
      '0',
      '0.01235',
      '12.35',
      '1.234e-5',
      '-2.000e+6',
    ]);
  });

  it('are 100 % only if nothing is missing', () => {
    expect([0, 0.29, 0.9999, 1].map(formatPercent)).toEqual(['0 %', '29 %', '99 %', '100 %']);
  });

  it('include the total of a progress only if it is known', () => {
    expect([formatProgress(3, 10), formatProgress(3, null)]).toEqual(['3 of 10', '3']);
  });

  it('name the backend, its version, device and execution', () => {
    const backend = { kind: 'tensorflow', version: '2.21.0', device: 'CPU' } as const;
    expect(formatDevice(backend)).toBe('TensorFlow 2.21.0 on the CPU');
    expect(formatDevice({ ...backend, execution: 'compiled' })).toBe(
      'TensorFlow 2.21.0 on the CPU, as one graph',
    );
  });
});

describe('formatted times', () => {
  const now = Date.parse('2026-03-10T12:00:00Z');
  const secondsAgo = (seconds: number) => new Date(now - seconds * 1000).toISOString();

  it('are in the largest whole unit, or a date if they are long ago', () => {
    expect([5, 60, 3599, 3600, 86_399, 86_400].map((seconds) => formatAgo(secondsAgo(seconds), now))).toEqual(
      ['just now', '1 min ago', '59 min ago', '1 h ago', '23 h ago', '1 d ago'],
    );
    expect(formatAgo(secondsAgo(40 * 86_400), now)).toMatch(/^2026-01-\d\d$/);
  });

  it('are never in the future if two clocks differ', () => {
    expect(formatAgo(secondsAgo(-20), now)).toBe('just now');
    expect(formatAgo(secondsAgo(-7200), now)).toMatch(/^2026-03-\d\d$/);
  });

  it('name their time zone by its offset at that time', () => {
    const shown = (zone: string, iso: string) => {
      vi.stubEnv('TZ', zone);
      return formatMoment(iso);
    };
    expect(shown('Asia/Tokyo', '2026-11-28T16:17:03.018Z')).toBe('2026-11-29 01:17 GMT+9');
    expect(shown('America/St_Johns', '2026-07-01T00:00:00Z')).toBe('2026-06-30 21:30 GMT-2:30');
    expect(shown('Europe/Berlin', '2026-07-01T00:00:00Z')).toBe('2026-07-01 02:00 GMT+2');
    expect(shown('UTC', '2026-07-01T00:00:00Z')).toBe('2026-07-01 00:00 UTC');
    vi.unstubAllEnvs();
  });

  it('are in the reader’s time zone, and unchanged if they cannot be parsed', () => {
    expect(formatMoment(new Date(2026, 0, 2, 3, 4).toISOString())).toMatch(
      /^2026-01-02 03:04 (UTC|GMT[+-].+)$/,
    );
    expect(formatMoment('soon')).toBe('soon');
    expect(formatAgo('soon', now)).toBe('soon');
  });
});

function catchError(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('An error was expected.');
}

describe('describeError', () => {
  it('names the file and what is wrong with it', () => {
    expect(describeError(catchError(() => readFileSync('/no/such')))).toBe('/no/such does not exist.');
    expect(describeError(catchError(() => readFileSync('/')))).toMatch(/folder; a file was expected/);
    expect(describeError(catchError(() => readdirSync(import.meta.filename)))).toMatch(
      /is a file, not a folder/,
    );
    expect(describeError(catchError(() => readFileSync(`/${'n'.repeat(300)}`)))).toMatch(/at most 255 bytes/);
    const unnamed = catchError(() => renameSync('/no/.tmp-0000-1-01234567', '/no/name.png'));
    expect(describeError(unnamed)).toBe('/no/name.png does not exist.');
  });

  it('replaces error codes of the system, even inside another message', () => {
    const quoted = new Error("Cannot read /a: EACCES: permission denied, scandir '/a'. Choose another one.");
    expect(describeError(quoted)).toBe(
      'Cannot read /a: You do not have permission to use /a. Choose another one.',
    );
    const parenthesised = new Error("The file (ENOENT: no such file or directory, open '/b') is gone.");
    expect(describeError(parenthesised)).toBe('The file (/b does not exist) is gone.');
  });

  it('returns every other message unchanged', () => {
    expect(describeError(new Error('EVERYTHING: fine, see below'))).toBe('EVERYTHING: fine, see below');
    expect(describeError('text')).toBe('text');
  });
});

const table = {
  title: 'Runs & gains',
  heads: ['Run', 'Gain, dB'],
  lines: [
    ['a|b', '+0.42'],
    ['=SUM(A1)', '−0.10'],
  ],
  numbersFrom: 1,
};

describe('textTable', () => {
  it('Markdown escapes cells that would break a column', () => {
    expect(formatMarkdownTable(table)).toBe(
      '## Runs & gains\n\n| Run | Gain, dB |\n| :--- | ---: |\n| a\\|b | +0.42 |\n| =SUM(A1) | −0.10 |',
    );
  });

  it('CSV escapes cells that a spreadsheet would treat as formulas', () => {
    expect(formatCsv([table.heads, ...table.lines])).toBe(
      `Run,"Gain, dB"\r\na|b,+0.42\r\n'=SUM(A1),−0.10\r\n`,
    );
  });

  it('LaTeX escapes characters that it would interpret', () => {
    const latex = formatLatexTable(table, table.title);
    expect(latex).toContain('\\begin{tabular}{lr}');
    expect(latex).toContain('    =SUM(A1) & $-$0.10 \\\\\n');
    expect(latex).toContain('\\caption{Runs \\& gains}');
  });
});
