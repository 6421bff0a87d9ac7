/** The application's log, written by electron-log. A file that has grown large is moved aside; at most two are kept. */

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import electronLog from 'electron-log/node.js';
import type { LogLine } from '../../shared/appInfo.ts';

export interface Log {
  write(level: LogLine['level'], text: string): void;
  /** Returns the newest lines, oldest first. */
  newest(count: number): LogLine[];
}

const largestBytes = 1_000_000;
const linePattern = /^(\S+) (error|warn|info) (.*)$/;

/** Opens the log `<folder>/lab.log`. Writing never throws, because a full disk must not end the application. */
export function openLog(folder: string): Log {
  const file = join(folder, 'lab.log');
  const older = join(folder, 'lab.old.log');
  const logger = electronLog.create({ logId: folder });
  const { console: terminal, file: transport } = logger.transports;
  terminal.level = false;
  transport.resolvePathFn = () => file;
  transport.maxSize = largestBytes;
  transport.format = ({ level, message }) => [
    `${message.date.toISOString()} ${level} ${message.data.join(' ')}`,
  ];
  return {
    write(level, text) {
      try {
        mkdirSync(folder, { recursive: true });
        logger[level](text.replace(/\s*[\r\n]+\s*/g, ' ⏎ '));
      } catch {
        // Nothing is left to report the error to.
      }
    },
    newest(count) {
      const newer = readLines(file);
      const lines = newer.length < count ? [...readLines(older), ...newer] : newer;
      return lines.slice(-count);
    },
  };
}

function readLines(file: string): LogLine[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const match = linePattern.exec(line);
    return match ? [{ time: match[1], level: match[2] as LogLine['level'], text: match[3] }] : [];
  });
}
