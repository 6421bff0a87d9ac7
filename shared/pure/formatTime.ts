/** Moments as words: relative for reading, absolute for quoting. */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** `2026-11-23 21:05` in the reader's time zone; an unreadable time is given back as it is. */
export function formatMoment(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const two = (value: number) => String(value).padStart(2, '0');
  const days = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${days} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `just now`, `4 min ago`, `3 h ago`, `6 d ago`; the date from four weeks on, and for times to come. */
export function formatAgo(iso: string, now: number): string {
  const age = now - new Date(iso).getTime();
  // Clocks of two machines may differ a little.
  if (Number.isNaN(age) || age < -minute || age >= 28 * day) return formatMoment(iso).slice(0, 10);
  if (age < minute) return 'just now';
  if (age < hour) return `${Math.floor(age / minute)} min ago`;
  if (age < day) return `${Math.floor(age / hour)} h ago`;
  return `${Math.floor(age / day)} d ago`;
}
