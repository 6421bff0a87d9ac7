import { describe, expect, it } from 'vitest';
import { chooseCommand, type Command, type KeyFocus } from '../../../renderer/models/frame/command.ts';

const nowhere: KeyFocus = { isTyping: false, usesArrows: false, usesEnter: false, isDialogOpen: false };

function command(id: string, keys: readonly string[], more: Partial<Command> = {}): Command {
  return { id, label: id, group: 'General', keys, run: () => undefined, ...more };
}

/** The id of the command a key means; `key` may begin with `Mod+`. */
function choose(commands: readonly Command[], key: string, focus: Partial<KeyFocus> = {}) {
  const isMod = key.startsWith('Mod+');
  const pressed = {
    key: isMod ? key.slice(4) : key,
    ctrlKey: isMod,
    metaKey: false,
    shiftKey: false,
    altKey: false,
  };
  return chooseCommand(commands, pressed, { ...nowhere, ...focus })?.id ?? null;
}

describe('a pressed key', () => {
  it('means the command registered last, so that a view comes before the frame', () => {
    const commands = [command('frame', ['.']), command('view', ['.'])];
    expect(choose(commands, '.')).toBe('view');
  });

  it('means the next command where the last one is not possible now', () => {
    const commands = [command('frame', ['.']), command('view', ['.'], { isEnabled: () => false })];
    expect(choose(commands, '.')).toBe('frame');
  });

  it('means nothing where no command has it', () => {
    expect(choose([command('one', ['a'])], 'b')).toBeNull();
  });

  it('belongs to the field that has focus, unless it is a chord the field does not edit with', () => {
    const commands = [command('new', ['Mod+N', 'N']), command('undo', ['Mod+Z']), command('help', ['?'])];
    expect(['n', '?', 'Mod+z'].map((key) => choose(commands, key, { isTyping: true }))).toEqual([
      null,
      null,
      null,
    ]);
    expect(choose(commands, 'Mod+n', { isTyping: true })).toBe('new');
  });

  it('belongs to a slider, a tab or a menu where these move by it', () => {
    const commands = [command('next', ['ArrowRight']), command('last', ['End']), command('best', ['B'])];
    expect(['ArrowRight', 'End', 'b'].map((key) => choose(commands, key, { usesArrows: true }))).toEqual([
      null,
      null,
      'best',
    ]);
    expect(choose(commands, 'ArrowRight')).toBe('next');
  });

  it('belongs to a button or a link where it presses them', () => {
    const commands = [command('open', ['Enter']), command('start', ['Mod+Enter'])];
    expect(choose(commands, 'Enter', { usesEnter: true })).toBeNull();
    expect(choose(commands, 'Mod+Enter', { usesEnter: true })).toBe('start');
    expect(choose(commands, 'Enter')).toBe('open');
  });

  it('acts below an open dialog only where the command says so', () => {
    const commands = [command('archive', ['E']), command('blink', ['`'], { isInDialogs: true })];
    expect(choose(commands, 'e', { isDialogOpen: true })).toBeNull();
    expect(choose(commands, '`', { isDialogOpen: true })).toBe('blink');
  });
});
