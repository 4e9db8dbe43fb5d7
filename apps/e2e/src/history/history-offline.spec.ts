import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, kubectlPath, type Ran, type ReckonProcess, reckonProgram, run, startReckon } from '@reckon/testkit';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('the past of a data directory', () => {
  let folder: string;
  let temporary: string;
  let keys: string;
  let reckon: ReckonProcess;
  let before = '';
  let environment: Record<string, string>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reckon-offline-'));
    temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    environment = { HOME: folder, TMPDIR: temporary, KUBECONFIG: '' };
    keys = join(folder, 'keys.yaml');
    const key = { name: 'k1', secret: Buffer.alloc(32, 7).toString('base64') };
    writeFileSync(
      keys,
      stringify({
        apiVersion: 'apiserver.config.k8s.io/v1',
        kind: 'EncryptionConfiguration',
        resources: [{ resources: ['secrets', 'configmaps'], providers: [{ secretbox: { keys: [key] } }] }],
      }),
    );
    reckon = await startReckon({ flags: ['--nodes', '1', '--encryption-provider-config', keys] });
    const kubectl = new Kubectl(reckon.kubeconfig);
    await kubectl.run('create configmap app --from-literal=level=info');
    before = await kubectl.run('get configmap app -o jsonpath={.metadata.resourceVersion}');
    await kubectl.run(['patch', 'configmap', 'app', '-p', '{"data":{"level":"debug"}}']);
  });
  afterAll(async () => {
    await reckon.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const source = (): string[] => ['--data-dir', reckon.dataDir, '--encryption-provider-config', keys];
  const at = (moment: string, command: readonly string[], flags: readonly string[] = source()): Promise<Ran> =>
    run(process.execPath, [reckonProgram, 'at', ...flags, moment, '--', ...command], { env: environment });
  const level = [kubectlPath(), 'get', 'configmap', 'app', '-o', 'jsonpath={.data.level}'];

  it('is refused while a cluster runs on it', async () => {
    const { code, stdout, stderr } = await at(before, level);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`the data directory ${reckon.dataDir} is in use by another Reckon`);
    expect(readdirSync(temporary)).toEqual([]);
    expect(await reckon.end()).toBe(0);
  });

  it('is served to one command as long as it runs, and nothing in the directory changes', async () => {
    const files = filesIn(reckon.dataDir);
    expect(await at(before, level)).toEqual({ code: 0, stdout: 'info', stderr: '' });
    expect(await at('0s', level)).toEqual({ code: 0, stdout: 'debug', stderr: '' });
    const long = await at('1h', level);
    expect([long.code, long.stderr]).toEqual([1, expect.stringContaining('configmaps "app" not found')]);
    const refused = await at(before, [kubectlPath(), 'delete', 'configmap', 'app']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('the past is read only')]);
    expect(filesIn(reckon.dataDir)).toEqual(files);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('is for whoever has the certificate, in a folder of this user alone', async () => {
    const look = [
      'stat -c %a "$TMPDIR" "$TMPDIR"/reckon-past-* "$TMPDIR"/reckon-past-*/log.db',
      'server=$(sed -n \'s/.*server": "\\(.*\\)".*/\\1/p; s/.*server: //p\' "$KUBECONFIG" | head -1)',
      'echo "$server"',
      `node -e 'process.env.NODE_TLS_REJECT_UNAUTHORIZED="0"; fetch(process.argv[1] + "/api").then((r) => console.log(r.status))' "$server"`,
      'exit 7',
    ].join('\n');
    const { code, stdout } = await at(before, ['sh', '-c', look]);
    const [, past, log, server, status] = stdout.split('\n');
    expect([code, past, log]).toEqual([7, '700', '600']);
    expect(server?.replace(/:\d+/, ':<port>')).toBe(`https://127.0.0.1:<port>/at/${before}`);
    expect(status).toBe('401');
  });

  it('goes away with a command that is ended', async () => {
    const args = [reckonProgram, 'at', ...source(), before, '--', 'sh', '-c', 'echo here; exec sleep 60'];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(readdirSync(temporary)).toHaveLength(2);
    child.kill('SIGTERM');
    expect(await ended).toBe(128 + 15);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('is told what is missing', async () => {
    const refusals: readonly (readonly [string, string, string[]])[] = [
      [`revision 999999 is not there yet`, '999999', source()],
      ['holds no event log', before, ['--data-dir', join(folder, 'none')]],
      ['--encryption-provider-config', before, ['--data-dir', reckon.dataDir]],
    ];
    for (const [message, moment, flags] of refusals) {
      const { code, stdout, stderr } = await at(moment, ['echo', 'ran'], flags);
      expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining(message)]);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
    expect(readdirSync(temporary)).toEqual([]);
  });
});

/** Each file of a folder with what is in it. */
function filesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.flatMap((name) => {
      const file = join(folder, name);
      if (!statSync(file).isFile()) return [];
      return [[name, createHash('sha256').update(readFileSync(file)).digest('hex')]];
    }),
  );
}
