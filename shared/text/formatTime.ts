/** Points in time as text: relative for reading, absolute for quoting. */

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
