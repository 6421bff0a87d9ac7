/** Numbers, durations, moments and devices as text: the same in the terminal, on the page and in reports. */

import { formatNonFinite } from '../numbers/nonFinite.ts';
import { formatPsnr, practicalDifference } from '../numbers/psnrMean.ts';
import type { BackendInfo, ExecutionKind } from '../run.ts';

/** Narrow no-break space, which keeps groups of digits together. */
const thinSpace = '\u202f';

/** `48 s`, `3 min 20 s`, `2 h 05 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return `${formatNonFinite(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** `3 min 20 s left`, or with a significant uncertainty `2 h 05 min ± 12 min 00 s left`. A dash if unknown. */
export function formatTimeLeft(seconds: number | null, spread: number | null = null): string {
  if (seconds === null) return '–';
  const left = Math.max(0, seconds);
  const isSpreadShown = spread !== null && spread >= 1 && spread >= 0.05 * left;
  return `${formatDuration(left)}${isSpreadShown ? ` ± ${formatDuration(spread)}` : ''} left`;
}

/** `24.31 dB`; `exact` if infinite, a dash if unknown. */
export function formatDecibels(value: number | null): string {
  const text = formatPsnr(value);
  return value !== null && Number.isFinite(value) ? `${text} dB` : text;
}

/** The best PSNR of a run as part of a sentence: `best 24.31 dB`. */
export function describeBest(bestPsnr: number | null): string {
  if (bestPsnr === null) return 'not evaluated';
  return bestPsnr === Infinity ? 'every evaluated image exact' : `best ${formatDecibels(bestPsnr)}`;
}

/** How far a PSNR is from that of the thin plate: `1.86 dB over the thin plate`, `practically equal to the thin plate`. */
export function describeGain(gain: number): string {
  if (Math.abs(gain) < practicalDifference) return 'practically equal to the thin plate';
  return `${formatDecibels(Math.abs(gain))} ${gain > 0 ? 'over' : 'below'} the thin plate`;
}

/** `980`, `5000`, `50 000` (thin spaces from five digits on); a dash if unknown. */
export function formatCount(value: number | null): string {
  if (value === null) return '–';
  const digits = formatNonFinite(value) ?? String(Math.round(value) + 0);
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, thinSpace);
}

/** `1 image`, `2 images`, `50 000 images`. */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `512 B`, `1.4 kB`, `170 MB`: thousands, two to three digits; a dash if unknown. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null || !Number.isFinite(bytes)) return '–';
  let value = bytes;
  let unit = 0;
  // 999.5 would be rounded to "1000".
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${byteUnits[unit]}`;
}

/** `12 steps/s`, `2.4 steps/s`; below one step in two seconds `3.5 s/step`; a dash if unknown. */
export function formatRate(stepsPerSecond: number | null): string {
  if (stepsPerSecond === null || !Number.isFinite(stepsPerSecond) || stepsPerSecond <= 0) return '–';
  if (stepsPerSecond >= 9.95) return `${formatCount(stepsPerSecond)} steps/s`;
  if (stepsPerSecond >= 0.5) return `${stepsPerSecond.toFixed(1)} steps/s`;
  const seconds = 1 / stepsPerSecond;
  return `${seconds < 9.95 ? seconds.toFixed(1) : formatCount(seconds)} s/step`;
}

/** Four significant digits: `0.01234`, `12.35`, `1.234e-5`; a dash if unknown. */
export function formatSignificant(value: number | null, digits = 4): string {
  if (value === null) return '–';
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return formatNonFinite(value) ?? '';
  const size = Math.abs(value);
  return size < 1e-4 || size >= 1e6 ? value.toExponential(digits - 1) : value.toPrecision(digits);
}

/** A fraction as `34 %`; rounded down, so that 100 % means all. */
export function formatPercent(fraction: number): string {
  if (!Number.isFinite(fraction)) return '–';
  return `${Math.floor(fraction * 100 + 1e-9)} %`;
}

/** `1200 of 5000`, or `1200` if the total is unknown. */
export function formatProgress(done: number, total: number | null): string {
  return total === null ? formatCount(done) : `${formatCount(done)} of ${formatCount(total)}`;
}

/**
 * `TensorFlow 2.21.0 on the CPU`, and how training steps ran on it if known; for a card through WebGPU, which knows no other
 * way, `WebGPU (Vulkan) on NVIDIA GeForce RTX 3060`.
 */
export function formatDevice({ kind, version, device, adapter, api, execution }: BackendInfo): string {
  if (kind === 'webgpu') return `WebGPU${api ? ` (${api})` : ''} on ${adapter ?? `the ${device}`}`;
  const name = `${kind === 'tensorflow' ? 'TensorFlow' : 'WASM'} ${version} on the ${device}`;
  return execution ? `${name}, ${executionNames[execution]}` : name;
}

const executionNames: Readonly<Record<ExecutionKind, string>> = {
  compiled: 'as one graph',
  eager: 'operation by operation',
};

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** `2026-11-23 21:05 GMT+1`, in the reader's time zone; an unreadable time is returned unchanged. */
export function formatMoment(iso: string, precision: 'minutes' | 'seconds' = 'minutes'): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const parts = [date.getHours(), date.getMinutes(), ...(precision === 'seconds' ? [date.getSeconds()] : [])];
  return `${formatDate(iso)} ${parts.map(twoDigits).join(':')} ${zoneOf(date)}`;
}

/** `2026-11-23` in the reader's time zone; an unreadable time is returned unchanged. */
function formatDate(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

/** `GMT+9`, `GMT-3:30`, `UTC`: the offset at that moment, because names such as "CST" mean several zones. */
function zoneOf(date: Date): string {
  const ahead = -date.getTimezoneOffset();
  if (ahead === 0) return 'UTC';
  const minutes = Math.abs(ahead) % 60;
  const hours = Math.floor(Math.abs(ahead) / 60);
  return `GMT${ahead < 0 ? '-' : '+'}${hours}${minutes === 0 ? '' : `:${twoDigits(minutes)}`}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** `just now`, `4 min ago`, `3 h ago`, `6 d ago`; the date from four weeks on, and for times in the future. */
export function formatAgo(iso: string, now: number): string {
  const age = now - new Date(iso).getTime();
  // Clocks of two machines may differ a little.
  if (Number.isNaN(age) || age < -minute || age >= 28 * day) return formatDate(iso);
  if (age < minute) return 'just now';
  if (age < hour) return `${Math.floor(age / minute)} min ago`;
  if (age < day) return `${Math.floor(age / hour)} h ago`;
  return `${Math.floor(age / day)} d ago`;
}
