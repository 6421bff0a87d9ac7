import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpenedOutside, isOwnPage, mediaScheme, pageScheme, pathOf } from '../../main/shell/addresses.ts';

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
