/** The time of a state on its way along the path, in words. */

/** `t = 0.40`, or `t = 0.8038` where another time `among` these would be called the same; default: the start and the end. */
export function describeTime(time: number, among: readonly number[] = [0, 1]): string {
  const short = time.toFixed(2);
  const isShared = among.some((other) => other !== time && other.toFixed(2) === short);
  return `t = ${isShared ? time.toFixed(4) : short}`;
}
