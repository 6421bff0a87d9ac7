import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { isOpenedOutside, isOwnPage, mediaScheme, pageScheme, pathOf } from '../../main/shell/addresses.ts';
import { denyPermissions, guardEveryPage } from '../../main/shell/guards.ts';
import { createFakeElectron, FakeContents } from './fakeElectron.ts';

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

describe('isOwnPage', () => {
  it('accepts the page itself with any query and hash', () => {
    for (const address of ['app://lab/', 'app://lab/#/runs/abcdefgh', 'app://lab/?x=1#/new'])
      expect(isOwnPage(address), address).toBe(true);
  });

  it('rejects any other scheme, host or file', () => {
    for (const address of [
      'https://lab/',
      'app://lab.evil.org/',
      'app://evil/',
      'app://lab/other.html',
      'file:///etc/passwd',
      'data:text/html,<script>1</script>',
      'javascript:alert(1)',
      'about:blank',
      '',
    ])
      expect(isOwnPage(address), address).toBe(false);
  });
});

describe('isOpenedOutside', () => {
  it('accepts only HTTPS addresses of the listed origins', () => {
    expect(isOpenedOutside('https://arxiv.org/abs/2210.02747')).toBe(true);
    for (const address of [
      'http://arxiv.org/abs/2210.02747',
      'https://arxiv.org.evil.org/',
      'https://evil.org/?https://arxiv.org',
      'https://user@arxiv.org/',
      'https://arxiv.org:8443/',
      'file:///bin/sh',
      'ms-settings:',
    ])
      expect(isOpenedOutside(address), address).toBe(false);
  });
});

describe('pathOf', () => {
  it('returns a path only for our own scheme and host', () => {
    expect(pathOf(pageScheme, 'app://lab/assets/index.js')).toBe('/assets/index.js');
    expect(pathOf(pageScheme, 'lab-media://lab/assets/index.js')).toBeNull();
    expect(pathOf(mediaScheme, 'lab-media://other/runs/x.png')).toBeNull();
  });

  it('never returns an escape or a step to the parent folder', () => {
    fc.assert(
      fc.property(fc.webPath(), (path) => {
        const found = pathOf(pageScheme, `app://lab${path}`);
        expect(found === null || !/%|\\|\.\./.test(found)).toBe(true);
      }),
    );
    expect(pathOf(pageScheme, 'app://lab/a%2fb')).toBeNull();
  });
});
