import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenError } from './listen-error';
import { OptionError } from './option-error';
import { readTokenFile } from './read-token-file';
import { firstServiceAddress } from './service-network';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-options-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('why the server cannot listen', () => {
  const where = { address: '127.0.0.1', port: 6443, portFlag: '--port' };

  it.each([
    ['EADDRINUSE', '127.0.0.1:6443 is taken by another program', '--port'],
    ['EACCES', 'this user may not listen on 127.0.0.1:6443', '--port'],
    ['EADDRNOTAVAIL', 'this machine has no address 127.0.0.1', '--bind-address'],
    ['ENOTFOUND', '--bind-address: 127.0.0.1 is no address, and no name of one that this machine knows', '0.0.0.0'],
    ['EAI_AGAIN', '--bind-address: 127.0.0.1 is no address, and no name of one that this machine knows', '0.0.0.0'],
  ])('is told for %s, with what helps', (code, message, flag) => {
    const cause = Object.assign(new Error('listen failed'), { code });
    const hint = listenError(cause, where) as OptionError;
    expect(hint).toBeInstanceOf(OptionError);
    expect(hint.message).toBe(message);
    expect(hint.hint).toContain(flag);
    expect(hint.cause).toBe(cause);
  });

  it('is what it is otherwise', () => {
    const other = new Error('other');
    expect(listenError(other, where)).toBe(other);
    expect(listenError(undefined, where)).toBeUndefined();
  });
});

describe('the range of Services', () => {
  it('gives its first address to the kubernetes Service', () => {
    expect(firstServiceAddress('10.96.0.0/12')).toBe('10.96.0.1');
    expect(firstServiceAddress('10.96.0.0/12,fd00::/108')).toBe('10.96.0.1');
  });

  it.each(['10.96.0.0', 'here', ''])('is refused by its flag when it is none: %s', (text) => {
    expect(() => firstServiceAddress(text)).toThrow(
      expect.objectContaining({
        code: 'Option',
        message: `--service-cluster-ip-range: ${text} is not a network`,
        hint: 'give one like 10.96.0.0/12',
      }),
    );
  });
});

describe('the file of static tokens', () => {
  it('is optional', () => {
    expect(readTokenFile(undefined)).toEqual([]);
  });

  it('is read', () => {
    const file = join(folder, 'tokens.csv');
    writeFileSync(file, 'secret,jane,17,"dev,ops"\n');
    expect(readTokenFile(file)).toMatchObject([{ token: 'secret', user: { name: 'jane', groups: ['dev', 'ops'] } }]);
  });

  it('is named by its flag when it cannot be read', () => {
    const file = join(folder, 'none.csv');
    expect(() => readTokenFile(file)).toThrow(
      expect.objectContaining({ code: 'Option', message: `--token-auth-file: cannot read ${file}` }),
    );
  });
});
