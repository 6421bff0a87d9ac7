import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { menuCommands } from '../../shared/appInfo.ts';
import { menuTemplate } from '../../main/shell/menu.ts';

function items(template: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? items(item.submenu) : [])]);
}

describe.each([true, false])('the menu (macOS: %s)', (isMac) => {
  const send = vi.fn();
  const all = items(menuTemplate({ isMac, send, openDataFolder: vi.fn() }));

  it('reaches every command of the page once', () => {
    for (const item of all)
      if (item.click && item.label !== 'Open data folder') item.click({} as never, undefined, {} as never);
    expect(send.mock.calls.map(([command]) => command as string).sort()).toEqual([...menuCommands].sort());
  });

  it('gives no accelerator to two items', () => {
    const keys = all.flatMap(({ accelerator }) => accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('offers no developer tools and no reload, which would lose what is typed', () => {
    const roles = all.map(({ role }) => role);
    for (const role of ['toggleDevTools', 'reload', 'forceReload', 'viewMenu'])
      expect(roles).not.toContain(role);
  });
});
