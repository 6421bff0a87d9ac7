/** The most memory this process has held while something was done. */

export interface PeakMemory {
  /** Looks at what is held now. */
  look(): void;
  /** Bytes. */
  peak(): number;
}

/**
 * The process's own record tells the peak to the byte where it was raised meanwhile; a lower peak is the highest of the
 * looks.
 */
export function watchMemory(): PeakMemory {
  const record = () => process.resourceUsage().maxRSS * 1024;
  const before = record();
  let highest = process.memoryUsage.rss();
  const look = () => void (highest = Math.max(highest, process.memoryUsage.rss()));
  return {
    look,
    peak() {
      look();
      return record() > before ? record() : highest;
    },
  };
}
