/** The native menu: roles of the system, and commands of the page. */

import type { MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../../shared/appInfo.ts';

export interface MenuParts {
  readonly isMac: boolean;
  send(command: MenuCommand): void;
  openDataFolder(): void;
}

export function menuTemplate(parts: MenuParts): MenuItemConstructorOptions[] {
  return [
    ...(parts.isMac ? [appMenu(parts)] : []),
    fileMenu(parts),
    { role: 'editMenu' },
    { label: '&Run', submenu: [item(parts, 'Pause or resume', 'pauseResume')] },
    viewMenu(parts),
    { role: 'windowMenu' },
    { role: 'help', submenu: [item(parts, 'Keys', 'keys'), item(parts, 'Doctor', 'doctor')] },
  ];
}

function appMenu(parts: MenuParts): MenuItemConstructorOptions {
  return {
    role: 'appMenu',
    submenu: [
      { role: 'about' },
      { type: 'separator' },
      settingsItem(parts),
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      { role: 'quit' },
    ],
  };
}

function fileMenu(parts: MenuParts): MenuItemConstructorOptions {
  return {
    label: '&File',
    submenu: [
      item(parts, 'New run…', 'newRun', 'CmdOrCtrl+N'),
      item(parts, 'Open images…', 'openImages', 'CmdOrCtrl+O'),
      { type: 'separator' },
      { label: 'Open data folder', click: () => parts.openDataFolder() },
      ...(parts.isMac ? [] : [settingsItem(parts)]),
      { type: 'separator' },
      { role: parts.isMac ? 'close' : 'quit' },
    ],
  };
}

function viewMenu(parts: MenuParts): MenuItemConstructorOptions {
  return {
    label: '&View',
    submenu: [
      item(parts, 'Runs', 'runs'),
      item(parts, 'Datasets', 'datasets'),
      { type: 'separator' },
      item(parts, 'Find', 'find', 'CmdOrCtrl+F'),
      item(parts, 'Command palette…', 'commandPalette', 'CmdOrCtrl+K'),
      { type: 'separator' },
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { role: 'togglefullscreen' },
    ],
  };
}

function settingsItem(parts: MenuParts): MenuItemConstructorOptions {
  return item(parts, 'Settings…', 'settings', 'CmdOrCtrl+,');
}

function item(
  parts: MenuParts,
  label: string,
  command: MenuCommand,
  accelerator?: string,
): MenuItemConstructorOptions {
  return { label, accelerator, click: () => parts.send(command) };
}
