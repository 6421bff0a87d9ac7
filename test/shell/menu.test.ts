import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { menuCommands } from '../../shared/appInfo.ts';
import { menuTemplate } from '../../main/shell/menu.ts';

function listItems(template: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? listItems(item.submenu) : [])]);
}

describe.each([true, false])('the menu (macOS: %s)', (isMac) => {
  const send = vi.fn();
  const all = listItems(menuTemplate({ isMac, send, openDataFolder: vi.fn() }));

  it('has one item for every menu command of the page', () => {
    for (const item of all)
      if (item.click && item.label !== 'Open data folder') item.click({} as never, undefined, {} as never);
    expect(send.mock.calls.map(([command]) => command as string).sort()).toEqual([...menuCommands].sort());
  });

  it('has no accelerator twice', () => {
    const keys = all.flatMap(({ accelerator }) => accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has neither developer tools nor a reload, which would discard unsaved input', () => {
    const roles = all.map(({ role }) => role);
    for (const role of ['toggleDevTools', 'reload', 'forceReload', 'viewMenu'])
      expect(roles).not.toContain(role);
  });
});
