/** The time of a state on its way along the path, in words. */

/** `t = 0.40`; only the start is `t = 0.00`, only the end `t = 1.00`. */
export function describeTime(time: number): string {
  const short = time.toFixed(2);
  const isAtEnd = Number(short) === 0 || Number(short) === 1;
  return `t = ${isAtEnd && Number(short) !== time ? time.toFixed(4) : short}`;
}
