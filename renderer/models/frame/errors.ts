/** What was thrown, as words for the reader and details for a report. */

import { describeError } from '../../../shared/text/describeError.ts';
import { RequestError } from '../../api/client.ts';

export interface ErrorDescription {
  /** One or two sentences for the reader. */
  readonly message: string;
  /** For "Copy details". */
  readonly details: string;
}

const fileMissing =
  'Its file could not be read: the laboratory has ended or was renewed. Start it with "npm start" if it has ended, then reload the page.';
const ownFault = 'This is a fault of the page itself; the runs are not touched by it.';

export function explainError(error: unknown): ErrorDescription {
  if (error instanceof RequestError) {
    return { message: error.message, details: `${error.code}: ${error.message}\n${error.details}` };
  }
  const reason = describeError(error);
  const isFileMissing = /dynamically imported module|module script failed/.test(reason);
  const stack = error instanceof Error ? (error.stack ?? reason) : reason;
  return {
    message: isFileMissing ? fileMissing : `${reason}. ${ownFault}`,
    details: `${stack}\n${location.hash}\n${navigator.userAgent}\n${new Date().toISOString()}`,
  };
}

/** Vue's names and, in a built page, its numbers for errors after which the view is still whole. */
const handlers = /event handler|watcher|app errorHandler|#runtime-(?:2|3|4|5|6|9|10)$/;

/** Refused requests and failed handlers leave the view as it was; a failed set-up or drawing does not. */
export function isFatalHere(error: unknown, where: string): boolean {
  return !(error instanceof RequestError) && !handlers.test(where);
}
