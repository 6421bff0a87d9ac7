/** Starts the page. */

import '@fontsource/inter/400.css';
import '@fontsource/inter/500.css';
import '@fontsource/inter/600.css';
import 'vuetify/styles';
import './styles/page.css';

import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { router } from './routes.ts';
import { createLabVuetify } from './vuetify.ts';

createApp(App).use(createPinia()).use(router).use(createLabVuetify()).mount('#app');
