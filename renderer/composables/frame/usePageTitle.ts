/** The window's title, while a view is shown. */

import { toValue, watchEffect, type MaybeRefOrGetter } from 'vue';

const application = 'Sparse Field Lab';

/** Follows `title` for as long as the component lives; the next view sets its own. */
export function usePageTitle(title: MaybeRefOrGetter<string>): void {
  watchEffect(() => {
    document.title = `${toValue(title)} – ${application}`;
  });
}
