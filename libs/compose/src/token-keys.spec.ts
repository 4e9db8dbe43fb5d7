import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenKey } from '@reckon/serve/authn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OptionError } from './option-error';
import { readTokenKeys } from './token-keys';

let folder: string;
const file = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-keys-'));
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(file('rsa.key'), rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }));
  writeFileSync(file('rsa.pub'), rsa.publicKey.export({ type: 'spki', format: 'pem' }));
  const other = generateKeyPairSync('ed25519');
  writeFileSync(file('dsa.key'), other.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(file('text'), 'no key');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function refusal(keys: Parameters<typeof readTokenKeys>[0]): [string, string] {
  try {
    readTokenKeys(keys);
    return ['', ''];
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return [error.message, error.hint];
  }
}

describe('keys of service account tokens that flags name', () => {
  it('sign with the algorithm of the key', () => {
    const keys = readTokenKeys({ signingKeyFile: file('rsa.key'), keyFiles: [file('rsa.pub')] });
    expect(tokenKey(keys.signingKeyPem ?? '').algorithm).toBe('RS256');
    expect(keys.keyPems.map((pem) => tokenKey(pem).id)).toEqual([tokenKey(keys.signingKeyPem ?? '').id]);
  });

  it('are those of the data directory when no flag names one', () => {
    expect(readTokenKeys({ signingKeyFile: undefined, keyFiles: [] })).toEqual({ keyPems: [] });
  });

  it('are refused by flag and file', () => {
    const hint = 'service account keys are PEM files of RSA keys, or of EC keys on P-256, P-384 or P-521';
    expect(refusal({ signingKeyFile: file('rsa.pub'), keyFiles: [] })).toEqual([
      `--service-account-signing-key-file: ${file('rsa.pub')}: the service account key cannot be read`,
      hint,
    ]);
    expect(refusal({ signingKeyFile: undefined, keyFiles: [file('text')] })).toEqual([
      `--service-account-key-file: ${file('text')}: the service account key cannot be read`,
      hint,
    ]);
    expect(refusal({ signingKeyFile: file('dsa.key'), keyFiles: [] })).toEqual([
      `--service-account-signing-key-file: ${file('dsa.key')}: tokens cannot be signed with ed25519 keys`,
      hint,
    ]);
    expect(refusal({ signingKeyFile: file('none'), keyFiles: [] })).toEqual([
      `--service-account-signing-key-file: cannot read ${file('none')}`,
      'name a PEM file that this user may read',
    ]);
  });
});
