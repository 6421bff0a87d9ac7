import { describe, expect, it } from 'vitest';
import { chooseCommand, type Command, type KeyFocus } from '../../../renderer/models/frame/command.ts';

const noFocus: KeyFocus = { isTyping: false, usesArrows: false, usesEnter: false, isDialogOpen: false };

function command(id: string, keys: readonly string[], more: Partial<Command> = {}): Command {
  return { id, label: id, group: 'General', keys, run: () => undefined, ...more };
}

/** Returns the ID of the command for a key; `key` may start with `Mod+`. */
function choose(commands: readonly Command[], key: string, focus: Partial<KeyFocus> = {}) {
  const isMod = key.startsWith('Mod+');
  const pressed = {
    key: isMod ? key.slice(4) : key,
    ctrlKey: isMod,
    metaKey: false,
    shiftKey: false,
    altKey: false,
  };
  return chooseCommand(commands, pressed, { ...noFocus, ...focus })?.id ?? null;
}

describe('chooseCommand', () => {
  it('The command registered last wins, so that views override the frame', () => {
    const commands = [command('frame', ['.']), command('view', ['.'])];
    expect(choose(commands, '.')).toBe('view');
  });

  it('A disabled command gives way to the next one', () => {
    const commands = [command('frame', ['.']), command('view', ['.'], { isEnabled: () => false })];
    expect(choose(commands, '.')).toBe('frame');
  });

  it('A key without a command is ignored', () => {
    expect(choose([command('one', ['a'])], 'b')).toBeNull();
  });

  it('A focused text field keeps all keys except chords it does not edit with', () => {
    const commands = [command('new', ['Mod+N', 'N']), command('undo', ['Mod+Z']), command('help', ['?'])];
    expect(['n', '?', 'Mod+z'].map((key) => choose(commands, key, { isTyping: true }))).toEqual([
      null,
      null,
      null,
    ]);
    expect(choose(commands, 'Mod+n', { isTyping: true })).toBe('new');
  });

  it('A focused slider, tab or menu keeps its arrow keys', () => {
    const commands = [command('next', ['ArrowRight']), command('last', ['End']), command('best', ['B'])];
    expect(['ArrowRight', 'End', 'b'].map((key) => choose(commands, key, { usesArrows: true }))).toEqual([
      null,
      null,
      'best',
    ]);
    expect(choose(commands, 'ArrowRight')).toBe('next');
  });

  it('A focused button or link keeps Enter', () => {
    const commands = [command('open', ['Enter']), command('start', ['Mod+Enter'])];
    expect(choose(commands, 'Enter', { usesEnter: true })).toBeNull();
    expect(choose(commands, 'Mod+Enter', { usesEnter: true })).toBe('start');
    expect(choose(commands, 'Enter')).toBe('open');
  });

  it('An open dialog blocks all commands that are not meant for dialogs', () => {
    const commands = [command('archive', ['E']), command('blink', ['`'], { isInDialogs: true })];
    expect(choose(commands, 'e', { isDialogOpen: true })).toBeNull();
    expect(choose(commands, '`', { isDialogOpen: true })).toBe('blink');
  });
});
