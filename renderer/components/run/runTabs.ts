/** Parts of a run's view, in the order of their tabs. */

import type { Component } from 'vue';
import RunCharts from './RunCharts.vue';
import RunCheckpoints from './RunCheckpoints.vue';
import RunConfiguration from './RunConfiguration.vue';
import RunEvaluations from './RunEvaluations.vue';
import RunLog from './RunLog.vue';
import RunOverview from './RunOverview.vue';

export interface RunTab {
  /** In the address. */
  readonly value: string;
  readonly title: string;
  readonly component: Component;
}

export const runTabs: readonly RunTab[] = [
  { value: 'overview', title: 'Overview', component: RunOverview },
  { value: 'charts', title: 'Charts', component: RunCharts },
  { value: 'evaluations', title: 'Evaluations', component: RunEvaluations },
  { value: 'checkpoints', title: 'Checkpoints', component: RunCheckpoints },
  { value: 'configuration', title: 'Configuration', component: RunConfiguration },
  { value: 'log', title: 'Log & environment', component: RunLog },
];
