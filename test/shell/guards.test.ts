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

describe('a guarded page', () => {
  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])(
    'cannot leave our address by %s',
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

  it('cannot open windows, but listed sites open in the browser of the system', () => {
    const { fake, contents } = guardedContents();
    expect(contents.openHandler?.({ url: 'https://evil.org/' })).toEqual({ action: 'deny' });
    expect(fake.calls('openExternal')).toEqual([]);
    expect(contents.openHandler?.({ url: 'https://arxiv.org/abs/2210.02747' })).toEqual({ action: 'deny' });
    expect(fake.calls('openExternal')).toEqual([['https://arxiv.org/abs/2210.02747']]);
  });

  it('cannot embed other pages', () => {
    const { contents } = guardedContents();
    const event = { preventDefault: vi.fn() };
    contents.emit('will-attach-webview', event);
    expect(event.preventDefault).toHaveBeenCalledOnce();
  });
});

describe('the permission handlers', () => {
  type Contents = { getURL: () => string };
  type Ask = (contents: Contents, permission: string, answer: (allowed: boolean) => void) => void;
  type Check = (contents: Contents | null, permission: string) => boolean;
  const ours = { getURL: () => 'app://lab/#/runs' };
  const foreign = { getURL: () => 'https://evil.org/' };

  function handlers() {
    const fake = createFakeElectron();
    denyPermissions(fake.electron.session.defaultSession);
    const [[request]] = fake.calls('permissionRequest') as [[Ask]];
    const [[check]] = fake.calls('permissionCheck') as [[Check]];
    const [[device]] = fake.calls('devicePermission') as [[() => boolean]];
    const ask = (contents: Contents, permission: string) => {
      const answers: boolean[] = [];
      request(contents, permission, (allowed) => answers.push(allowed));
      expect(answers).toEqual([check(contents, permission)]);
      return answers[0];
    };
    return { ask, check, device };
  }

  it.each(['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal', 'fileSystem'])(
    'deny %s, both when it is requested and when it is checked',
    (permission) => {
      const { ask, device } = handlers();
      expect([ask(ours, permission), ask(foreign, permission), device()]).toEqual([false, false, false]);
    },
  );

  it('allow only our own page to write to the clipboard', () => {
    const { ask, check } = handlers();
    expect(ask(ours, 'clipboard-sanitized-write')).toBe(true);
    expect(ask(foreign, 'clipboard-sanitized-write')).toBe(false);
    expect(check(null, 'clipboard-sanitized-write')).toBe(false);
  });

  it('never share a screen or window of the machine', () => {
    const fake = createFakeElectron();
    denyPermissions(fake.electron.session.defaultSession);
    const [[share]] = fake.calls('displayMedia') as [
      [(request: object, answer: (streams: object) => void) => void],
    ];
    const answer = vi.fn();
    share({}, answer);
    expect(answer.mock.calls).toEqual([[{}]]);
  });
});
