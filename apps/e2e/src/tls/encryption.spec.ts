import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, type Ran, type ReckonProcess, eventually, reckonProgram, run, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'reckon-encryption-'));
const dataDir = join(folder, 'data');
const config = join(folder, 'encryption.yaml');
const flags = ['--nodes', '0', '--encryption-provider-config', config];
const keys = {
  aesgcm: { aesgcm: { keys: [{ name: 'one', secret: randomBytes(32).toString('base64') }] } },
  secretbox: { secretbox: { keys: [{ name: 'two', secret: randomBytes(32).toString('base64') }] } },
};

/** JSON is YAML. */
const configure = (...providers: object[]): void => {
  const resources = [{ resources: ['secrets'], providers }];
  writeFileSync(
    config,
    JSON.stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'EncryptionConfiguration', resources }),
  );
};

/** Names of the files of the data directory that hold the text, or its base64. */
function holding(text: string): string[] {
  const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(dataDir, name)).isFile(),
  );
  return files.filter((name) => {
    // By another program: the test may not open what SQLite has locked.
    const bytes = execFileSync('cat', [join(dataDir, name)], { maxBuffer: 2 ** 28 });
    return bytes.includes(text) || bytes.includes(Buffer.from(text).toString('base64'));
  });
}

const reckon = (...args: string[]): Promise<Ran> => run(process.execPath, [reckonProgram, ...args]);

let life: ReckonProcess;
let kubectl: Kubectl;
const live = async (...more: string[]): Promise<void> => {
  life = await startReckon({ dataDir, flags: [...flags, ...more] });
  kubectl = new Kubectl(life.kubeconfig);
};
const password = async (name: string): Promise<string> =>
  Buffer.from(await kubectl.run(`get secret ${name} -o jsonpath={.data.password}`), 'base64').toString();

describe('encryption at rest', () => {
  beforeAll(async () => {
    configure(keys.aesgcm, { identity: {} });
    await live();
  });
  afterAll(async () => {
    await life.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('leaves no Secret in any file: while it runs, after a kill, after an ordinary end', async () => {
    await kubectl.run('create secret generic db --from-literal=password=hunter-in-the-dark');
    await kubectl.run('create configmap plain --from-literal=word=plain-for-all-to-see');
    expect(holding('plain-for-all-to-see')).not.toEqual([]);
    expect(holding('hunter-in-the-dark')).toEqual([]);
    await life.end('SIGKILL');
    expect(holding('hunter-in-the-dark')).toEqual([]);
    await live();
    expect(await password('db')).toBe('hunter-in-the-dark');
    await kubectl.run('patch secret db -p {"stringData":{"password":"second-hunter"}}');
    await life.end();
    expect([...holding('hunter-in-the-dark'), ...holding('second-hunter')]).toEqual([]);
  });

  it('has the history of a Secret, online and offline, for those with the keys', async () => {
    const log = ['log', 'secret/db', '--show-secrets', '-o', 'json', '--data-dir', dataDir];
    const without = await reckon(...log);
    expect(without.code).toBe(1);
    expect(without.stderr).toMatch(
      /revision \d+ \(\/core\/secrets\/default\/db\): it is encrypted with the aesgcm key "one"/,
    );
    expect(without.stderr).toContain('--encryption-provider-config');
    const withKeys = await reckon(...log, '--encryption-provider-config', config);
    expect(withKeys.stdout).toContain(Buffer.from('hunter-in-the-dark').toString('base64'));
    expect((await reckon('log', 'configmap/plain', '--data-dir', dataDir)).stdout).toContain('configmap/plain');
    await live();
    const history = await kubectl.run('get --raw /history/api/v1/namespaces/default/secrets');
    for (const text of ['hunter-in-the-dark', 'second-hunter'])
      expect(history).toContain(Buffer.from(text).toString('base64'));
  });

  it('is proved by reckon check, contents too where the keys are given', async () => {
    await life.end();
    const without = await reckon('check', '--data-dir', dataDir);
    expect(without.stdout).toMatch(/not read: \d+ entries encrypted with the aesgcm key "one"/);
    expect(without.stdout).toMatch(/^sound: /m);
    const withKeys = await reckon('check', '--data-dir', dataDir, '--encryption-provider-config', config);
    expect(withKeys.stdout).toMatch(/^sound: /);
    expect([without.code, withKeys.code]).toEqual([0, 0]);
  });

  it('does not start without the keys in use, and says how many entries they have', async () => {
    const refused = await reckon('up', '--data-dir', dataDir, '--port', '0', '--nodes', '0');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/encrypted entries whose keys are not there: \d+ entries with the aesgcm key "one"/);
    configure(keys.secretbox);
    const other = await reckon('up', '--data-dir', dataDir, '--port', '0', ...flags);
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('the aesgcm key "one"');
    expect(other.stderr).toContain('Put the keys back');
  });

  it('rotates: a new first key takes over while the server runs, then the old one can go', async () => {
    configure(keys.aesgcm);
    await live('--encryption-provider-config-automatic-reload', '-v', '1');
    writeFileSync(config, 'kind: [');
    await eventually(() => {
      expect(life.output()).toContain('changed files cannot be used, what was before stays');
    });
    configure(keys.secretbox);
    await eventually(() => {
      expect(life.output()).toContain('encrypted entries whose keys are not there');
    });
    configure(keys.secretbox, keys.aesgcm);
    await eventually(async () => {
      const used = JSON.parse(await kubectl.run('get --raw /debug/encryption')) as { key: string }[];
      expect(used.map(({ key }) => key)).toEqual(['the secretbox key "two"']);
    });
    await kubectl.run('create secret generic late --from-literal=password=late-hunter');
    configure(keys.secretbox);
    await life.end();
    await live();
    expect([await password('db'), await password('late')]).toEqual(['second-hunter', 'late-hunter']);
    expect([...holding('late-hunter'), ...holding('second-hunter')]).toEqual([]);
  });

  it('keeps the keys and the log for this user alone', async () => {
    for (const name of readdirSync(dataDir).filter((file) => file.startsWith('log.db') || file === 'kubeconfig'))
      expect([name, statSync(join(dataDir, name)).mode & 0o077]).toEqual([name, 0]);
    expect(statSync(dataDir).mode & 0o077).toBe(0);
    for (const name of readdirSync(join(dataDir, 'pki')).filter((file) => file.endsWith('.key')))
      expect([name, statSync(join(dataDir, 'pki', name)).mode & 0o077]).toEqual([name, 0]);
  });

  it('can be carried to another data directory by an export and an import that encrypts', async () => {
    await life.end();
    const exported = join(folder, 'export.jsonl');
    const to = join(folder, 'copy');
    const keysOf = ['--encryption-provider-config', config];
    expect((await reckon('export', '--data-dir', dataDir, ...keysOf, '-o', exported)).code).toBe(0);
    expect((await reckon('import', exported, '--data-dir', to, ...keysOf)).code).toBe(0);
    const bytes = execFileSync('cat', [join(to, 'log.db')], { maxBuffer: 2 ** 28 });
    expect(bytes.includes(Buffer.from('second-hunter').toString('base64'))).toBe(false);
    const log = await reckon('log', 'secret/db', '--show-secrets', '-o', 'json', '--data-dir', to, ...keysOf);
    expect(log.stdout).toContain(Buffer.from('second-hunter').toString('base64'));
  });
});

describe('encryption that is switched on late', () => {
  const later = mkdtempSync(join(tmpdir(), 'reckon-encryption-later-'));
  const file = join(later, 'encryption.yaml');
  let late: ReckonProcess;
  const logHolds = (text: string): boolean =>
    readdirSync(later)
      .filter((name) => name.startsWith('log.db'))
      .some((name) => execFileSync('cat', [join(later, name)], { maxBuffer: 2 ** 28 }).includes(text));
  const password = Buffer.from('plain-in-the-beginning').toString('base64');

  afterAll(async () => {
    await late.end('SIGKILL');
    rmSync(later, { recursive: true, force: true });
  });

  it('encrypts what is written again, and compaction takes what was plain', async () => {
    late = await startReckon({ dataDir: later, flags: ['--nodes', '0'] });
    await new Kubectl(late.kubeconfig).run('create secret generic db --from-literal=password=plain-in-the-beginning');
    await late.end();
    expect(logHolds(password)).toBe(true);
    writeFileSync(
      file,
      JSON.stringify({
        apiVersion: 'apiserver.config.k8s.io/v1',
        kind: 'EncryptionConfiguration',
        resources: [{ resources: ['secrets'], providers: [keys.aesgcm, { identity: {} }] }],
      }),
    );
    const more = ['--nodes', '0', '--encryption-provider-config', file, '--retention', 'secrets=2s'];
    late = await startReckon({ dataDir: later, flags: more });
    const kubectlOfLate = new Kubectl(late.kubeconfig);
    expect(logHolds(password)).toBe(true);
    const versionOf = (): Promise<string> => kubectlOfLate.run('get secret db -o jsonpath={.metadata.resourceVersion}');
    const before = await versionOf();
    await kubectlOfLate.run('replace -f -', { stdin: await kubectlOfLate.run('get secrets -A -o json') });
    const written = await versionOf();
    expect(Number(written)).toBeGreaterThan(Number(before));
    // Once is enough: what changes nothing is no write any more.
    await kubectlOfLate.run('replace -f -', { stdin: await kubectlOfLate.run('get secrets -A -o json') });
    expect(await versionOf()).toBe(written);
    await eventually(() => {
      expect(logHolds(password)).toBe(false);
    });
    const shown = await kubectlOfLate.run('get secret db -o jsonpath={.data.password}');
    expect(shown).toBe(password);
  });
});

describe('a configuration that cannot be used', () => {
  it.each([
    ['no file', undefined, 'cannot read'],
    ['a KMS', JSON.stringify({ kms: {} }), 'KMS providers are not supported by Reckon'],
    [
      'a short key',
      JSON.stringify({ aesgcm: { keys: [{ name: 'a', secret: 'c2hvcnQ=' }] } }),
      'got 5, expected one of',
    ],
  ])('is told by flag and file, before anything is made: %s', async (_, provider, problem) => {
    const scratch = mkdtempSync(join(tmpdir(), 'reckon-encryption-bad-'));
    const file = join(scratch, 'bad.yaml');
    if (provider !== undefined)
      writeFileSync(
        file,
        `apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources: [{resources: [secrets], providers: [${provider}]}]\n`,
      );
    for (const command of [
      ['up', '--port', '0'],
      ['apiserver', '--secure-port', '0'],
    ]) {
      const refused = await reckon(
        ...command,
        '--data-dir',
        join(scratch, 'data'),
        '--encryption-provider-config',
        file,
      );
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain(
        `--encryption-provider-config: ${provider === undefined ? 'cannot read ' : ''}${file}`,
      );
      expect(refused.stderr).toContain(problem);
      expect(readdirSync(scratch)).not.toContain('data');
    }
    rmSync(scratch, { recursive: true });
  });
});
