import { describe, expect, it, vi } from 'vitest';
import { denyPermissions, guardEveryPage } from '../../main/shell/guards.ts';
import { createFakeElectron, FakeContents } from '../support/fakeElectron.ts';

function guardedContents() {
  const fake = createFakeElectron();
  guardEveryPage(fake.electron.app, fake.electron.shell);
  const contents = new FakeContents();
  fake.app.emit('web-contents-created', {}, contents);
  return { fake, contents };
}

describe('a page', () => {
  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])(
    'does not leave our address by %s',
    (name) => {
      const { contents } = guardedContents();
      const away = { url: 'https://evil.org/', preventDefault: vi.fn() };
      contents.emit(name, away);
      expect(away.preventDefault).toHaveBeenCalledOnce();
      const home = { url: 'app://lab/#/runs', preventDefault: vi.fn() };
      contents.emit(name, home);
      expect(home.preventDefault).not.toHaveBeenCalled();
    },
  );

  it('opens no window; listed sites open in the system’s browser', () => {
    const { fake, contents } = guardedContents();
    expect(contents.openHandler?.({ url: 'https://evil.org/' })).toEqual({ action: 'deny' });
    expect(fake.calls('openExternal')).toEqual([]);
    expect(contents.openHandler?.({ url: 'https://arxiv.org/abs/2210.02747' })).toEqual({ action: 'deny' });
    expect(fake.calls('openExternal')).toEqual([['https://arxiv.org/abs/2210.02747']]);
  });

  it('embeds no other page', () => {
    const { contents } = guardedContents();
    const event = { preventDefault: vi.fn() };
    contents.emit('will-attach-webview', event);
    expect(event.preventDefault).toHaveBeenCalledOnce();
  });
});

describe('permissions', () => {
  it('are denied, asked for or checked', () => {
    const fake = createFakeElectron();
    denyPermissions(fake.electron.session.defaultSession);
    type Ask = (contents: unknown, permission: string, answer: (allowed: boolean) => void) => void;
    const [[ask]] = fake.calls('permissionRequest') as [[Ask]];
    for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal']) {
      const answer = vi.fn();
      ask({}, permission, answer);
      expect(answer).toHaveBeenCalledExactlyOnceWith(false);
    }
    const [[check]] = fake.calls('permissionCheck') as [[() => boolean]];
    const [[device]] = fake.calls('devicePermission') as [[() => boolean]];
    expect([check(), device()]).toEqual([false, false]);
  });
});
