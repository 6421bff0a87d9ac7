/** The application around the page: version, mode, data folder, what computes. */

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
  const toldFindings = new Set<string>();

  async function load() {
    try {
      info.value = await request('system.info', {});
      tellFindings(info.value.findings);
    } catch (error) {
      notices.fail(error, 'The application could not be asked about itself');
    }
  }

  /** What opening the store found and mended: told once, until dismissed. */
  function tellFindings(findings: readonly string[]) {
    const news = findings.filter((finding) => !toldFindings.has(finding));
    if (news.length === 0) return;
    for (const finding of news) toldFindings.add(finding);
    const rest = news.length > 1 ? ` And ${news.length - 1} more: see Doctor.` : '';
    notices.show({
      level: 'warning',
      message: `At the start: ${news[0]}${rest}`,
      details: news.join('\n'),
      seconds: null,
    });
  }

  useReconnect(load);

  return { info, isDesktop, load };
});
