/** Describes thrown values: a message to show and details to copy into a report. */

import { describeError } from '../../../shared/text/describeError.ts';
import { RequestError } from '../../api/client.ts';
import { withoutCommands } from './withoutCommands.ts';

export interface ErrorDescription {
  /** One or two sentences for the user. */
  readonly message: string;
  /** For "Copy details". */
  readonly details: string;
}

const fileMissing =
  'Its file could not be loaded because the laboratory has stopped or was updated. If it has stopped, start it with "npm start"; then reload the page.';
const ownFault = 'This is an error in the page itself; your runs are not affected.';

export function explainError(error: unknown): ErrorDescription {
  if (error instanceof RequestError) {
    return {
      message: withoutCommands(error.message),
      details: `${error.code}: ${error.message}\n${error.details}`,
    };
  }
  const reason = describeError(error);
  const isFileMissing = /dynamically imported module|module script failed/.test(reason);
  const stack = error instanceof Error ? (error.stack ?? reason) : reason;
  return {
    message: isFileMissing ? fileMissing : `${reason}. ${ownFault}`,
    details: `${stack}\n${location.hash}\n${navigator.userAgent}\n${new Date().toISOString()}`,
  };
}

/** Vue's names (in a built page, its numbers) for errors that leave the view intact. */
const handlers = /event handler|watcher|app errorHandler|#runtime-(?:2|3|4|5|6|9|10)$/;

/** Whether the view is broken by the error. Refused requests and failed handlers leave it intact; a failed setup or render does not. */
export function isFatalHere(error: unknown, where: string): boolean {
  return !(error instanceof RequestError) && !handlers.test(where);
}
