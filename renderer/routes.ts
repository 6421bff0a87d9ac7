/** The view for each address. Hash history makes the page work from any origin. */

import { createRouter, createWebHashHistory } from 'vue-router';

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', redirect: '/runs' },
    { path: '/runs', name: 'runs', component: () => import('./views/RunsView.vue') },
    { path: '/new', name: 'newRun', component: () => import('./views/NewRunView.vue') },
    { path: '/runs/:id', name: 'run', component: () => import('./views/RunView.vue'), props: true },
    { path: '/sweeps', name: 'sweeps', component: () => import('./views/SweepsView.vue') },
    { path: '/sweeps/:id', name: 'sweep', component: () => import('./views/SweepView.vue'), props: true },
    { path: '/images', name: 'images', component: () => import('./views/ImagesView.vue') },
    {
      path: '/images/:imageId',
      name: 'image',
      component: () => import('./views/ImageView.vue'),
      props: true,
    },
    // Addresses of earlier versions.
    { path: '/pictures', redirect: { name: 'images' } },
    { path: '/pictures/:imageId', redirect: { name: 'image' } },
    {
      path: '/inpaintings/:id',
      name: 'inpainting',
      component: () => import('./views/InpaintingView.vue'),
      props: true,
      // The result stays on screen while the next one is computed.
      meta: { isOneView: true },
    },
    {
      path: '/compare',
      name: 'compare',
      component: () => import('./views/CompareView.vue'),
      meta: { isOneView: true },
    },
    { path: '/data', name: 'datasets', component: () => import('./views/DatasetsView.vue') },
    { path: '/method', name: 'method', component: () => import('./views/MethodView.vue') },
    { path: '/settings', name: 'settings', component: () => import('./views/SettingsView.vue') },
    { path: '/doctor', name: 'doctor', component: () => import('./views/DoctorView.vue') },
    {
      path: '/:rest(.*)*',
      name: 'nowhere',
      component: () => import('./views/NowhereView.vue'),
    },
  ],
});

// A view that is opened first is evaluated and rendered in two tasks.
router.beforeResolve(async (to, from) => {
  if (to.name !== from.name) await new Promise((resolve) => setTimeout(resolve));
});
