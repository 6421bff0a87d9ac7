/** Whether a view can go on after an error. */

import { RequestError } from '../../api/client.ts';

/** Vue's names and, in a built page, its numbers for errors after which the view is still whole. */
const handlers = /event handler|watcher|app errorHandler|#runtime-(?:2|3|4|5|6|9|10)$/;

/** Refused requests and failed handlers leave the view as it was; a failed set-up or drawing does not. */
export function isFatalHere(error: unknown, where: string): boolean {
  return !(error instanceof RequestError) && !handlers.test(where);
}
