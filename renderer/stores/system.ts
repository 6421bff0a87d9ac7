/** Facts about the application: version, mode, data folder, backend. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { AppInfo } from '../../shared/appInfo.ts';
import { request } from '../api/client.ts';
import { useReconnect } from './connection.ts';
import { useNoticesStore } from './notices.ts';

export const useSystemStore = defineStore('system', () => {
  const notices = useNoticesStore();
  const info = shallowRef<AppInfo | null>(null);
  const isDesktop = computed(() => info.value?.mode === 'desktop');
  const shownFindings = new Set<string>();

  async function load() {
    try {
      info.value = await request('system.info', {});
      showFindings(info.value.findings);
    } catch (error) {
      notices.fail(error, 'The application info could not be read');
    }
  }

  /** Shows once what was found and repaired when the store was opened. */
  function showFindings(findings: readonly string[]) {
    const added = findings.filter((finding) => !shownFindings.has(finding));
    if (added.length === 0) return;
    for (const finding of added) shownFindings.add(finding);
    const rest = added.length > 1 ? ` And ${added.length - 1} more: see Doctor.` : '';
    notices.show({
      level: 'warning',
      message: `At startup: ${added[0]}${rest}`,
      details: added.join('\n'),
      seconds: null,
    });
  }

  useReconnect(load);

  return { info, isDesktop, load };
});
