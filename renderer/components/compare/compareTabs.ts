/** The parts of a comparison, in their order. */

import CompareCharts from './CompareCharts.vue';
import CompareCurves from './CompareCurves.vue';
import CompareImages from './CompareImages.vue';
import ComparePairs from './ComparePairs.vue';
import CompareParameters from './CompareParameters.vue';
import CompareResults from './CompareResults.vue';

/** `value` stands in the address. */
export const compareTabs = [
  { value: 'results', title: 'Results', component: CompareResults },
  { value: 'pairs', title: 'Pairs', component: ComparePairs },
  { value: 'images', title: 'Images', component: CompareImages },
  { value: 'charts', title: 'Charts', component: CompareCharts },
  { value: 'curves', title: 'Curves', component: CompareCurves },
  { value: 'parameters', title: 'Parameters', component: CompareParameters },
] as const;
