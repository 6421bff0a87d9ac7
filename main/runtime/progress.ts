/** Progress for people, on stderr: stdout belongs to the command that follows. */

/** One finished line. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A line that is rewritten in place at a terminal; elsewhere only its first and last state are printed. */
export interface ProgressLine {
  update(text: string): void;
  end(text: string): void;
}

/** Begin a progress line that starts with `label`. */
export function beginProgress(label: string): ProgressLine {
  const isTerminal = process.stderr.isTTY;
  const rewrite = (text: string, ending: string): boolean =>
    process.stderr.write(`${isTerminal ? '\r\u001b[2K' : ''}      ${label}${text}${ending}`);
  rewrite(' …', isTerminal ? '' : '\n');
  return {
    update: (text) => void (isTerminal && rewrite(` ${text}`, '')),
    end: (text) => void rewrite(` ${text}`, '\n'),
  };
}

/** Bytes as megabytes, e.g. `274 MB`. */
export function formatMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
