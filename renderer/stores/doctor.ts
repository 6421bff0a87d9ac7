/** The last check of this machine, while the page is open. */

import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { DoctorReport } from '../../shared/doctor.ts';
import { request } from '../api/client.ts';
import { useSystemStore } from './system.ts';

export const useDoctorStore = defineStore('doctor', () => {
  const system = useSystemStore();
  const report = shallowRef<DoctorReport | null>(null);
  /** ISO 8601, UTC. */
  const checkedAt = shallowRef<string | null>(null);
  const isChecking = shallowRef(false);
  const fault = shallowRef<unknown>(null);

  /** Runs the checks, which takes some seconds; does nothing while a check is running. */
  async function check() {
    if (isChecking.value) return;
    isChecking.value = true;
    fault.value = null;
    try {
      report.value = await request('system.doctor', {});
      checkedAt.value = new Date().toISOString();
      await system.load();
    } catch (error) {
      fault.value = error;
    } finally {
      isChecking.value = false;
    }
  }

  return { report, checkedAt, isChecking, fault, check };
});
