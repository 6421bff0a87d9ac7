import { describe, expect, it } from 'vitest';
import { createMemoryHistory, createRouter } from 'vue-router';
import { watchPlace } from '../../../renderer/models/frame/placeWatch.ts';

async function openRouter() {
  const component = {};
  const loading = Promise.withResolvers<typeof component>();
  const isLoading = Promise.withResolvers<null>();
  const load = () => {
    isLoading.resolve(null);
    return loading.promise;
  };
  const routes = [
    { path: '/studio', component },
    { path: '/runs', component },
    { path: '/slow', component: load },
  ];
  const router = createRouter({ history: createMemoryHistory(), routes });
  await router.push('/studio');
  return { router, isLoading: isLoading.promise, finishLoading: () => loading.resolve(component) };
}

describe('whether the view that made a request is still shown', () => {
  it('it is, if only the query of the address has changed', async () => {
    const { router } = await openRouter();
    const place = watchPlace(router);
    expect(place.isShown()).toBe(true);
    await router.push('/studio?tab=mask');
    expect(place.isShown()).toBe(true);
  });

  it('it is not after the user has gone to another view, and it is again after the way back', async () => {
    const { router } = await openRouter();
    const place = watchPlace(router);
    await router.push('/runs');
    expect(place.isShown()).toBe(false);
    await router.push('/studio');
    expect(place.isShown()).toBe(true);
  });

  it('it is not while another view that the user has chosen is loading', async () => {
    const { router, isLoading, finishLoading } = await openRouter();
    const place = watchPlace(router);
    const going = router.push('/slow');
    await isLoading;
    expect(router.currentRoute.value.path).toBe('/studio');
    expect(place.isShown()).toBe(false);
    finishLoading();
    await going;
  });

  it('a watch that was stopped no longer follows the address', async () => {
    const { router } = await openRouter();
    const place = watchPlace(router);
    place.stop();
    await router.push('/runs');
    expect(place.isShown()).toBe(true);
  });
});
