/** Starts the page. */

import '@fontsource/inter/400.css';
import '@fontsource/inter/500.css';
import '@fontsource/inter/600.css';
import './styles/reset.css';
import 'vuetify/styles';
import './styles/page.css';

import { createPinia } from 'pinia';
import { createApp } from 'vue';
import { keepEarlyAddress } from './earlyAddress.ts';
import { nextTask } from './models/ui/taskQueue.ts';
import { router } from './routes.ts';
import { createLabVuetify } from './vuetify.ts';

void start();

/** Creates the page in several tasks, so that the browser can paint and react in between. */
async function start(): Promise<void> {
  keepEarlyAddress(router);
  // Evaluated first: the schemas that the frame needs are a task of their own.
  const schemas = import('../shared/runGroups.ts');
  const loading = Promise.all([
    schemas.then(nextTask).then(() => import('./App.vue')),
    import('./stores/notices.ts'),
  ]);
  await nextTask();
  const vuetify = createLabVuetify();
  const [{ default: App }, { useNoticesStore }] = await loading;
  await nextTask();
  const pinia = createPinia();
  const application = createApp(App).use(pinia).use(router).use(vuetify);

  // A view's module is loaded when it is first opened.
  router.onError((error) => useNoticesStore(pinia).fail(error, 'The view could not be opened'));
  // Errors that no view has caught are shown instead of being lost.
  const report = (error: unknown) => useNoticesStore(pinia).fail(error, 'That did not work');
  application.config.errorHandler = report;
  window.addEventListener('unhandledrejection', ({ reason }) => report(reason));

  await nextTask();
  application.mount('#app');
}
