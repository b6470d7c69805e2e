import { describe, expect, it } from '@jest/globals';
import { parseCommand } from './command';

describe('parseCommand', () => {
  it.each([
    [[], 'run'],
    [['--', '--quick'], 'run'],
    [['peers', '--quick'], 'run'],
    [['plots'], 'plots'],
    [['scaling', '--quick'], 'scaling'],
    [['--model', 'm', '--target', 'localhost:8001'], 'target'],
  ])('%j is of kind %s', (args, kind) => {
    expect(parseCommand(args).kind).toBe(kind);
  });

  it('helps with every command in its own words', () => {
    const help = (...args: string[]): string => (parseCommand([...args, '--help']) as { text: string }).text;
    expect(help()).toMatch(/pnpm bench peers[^]*--rounds N/);
    expect(help('peers')).toContain('virtual environment');
    expect(help('plots')).toContain('--redraw');
    expect(help('scaling')).toContain('--upstreams N');
    expect(help('--target')).toContain('--in-flight N');
  });

  it('says what is wrong and carries the help of the command', () => {
    expect(() => parseCommand(['plots', '--fast'])).toThrow('unknown option --fast');
    expect(() => parseCommand(['pears'])).toThrow('unknown argument pears');
    try {
      parseCommand(['--target=here']);
    } catch (error) {
      expect(error).toMatchObject({ help: expect.stringContaining('Open Inference') });
    }
  });
});
