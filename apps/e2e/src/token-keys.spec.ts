import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const headerOf = (token: string): object =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as object;

describe.each([['in one process', []] as const, ['--isolate', ['--isolate']] as const])(
  'up --service-account-signing-key-file, %s',
  (_, flags) => {
    const folder = mkdtempSync(join(tmpdir(), 'reckon-token-keys-'));
    let reckon: ReckonProcess;
    let kubectl: Kubectl;

    beforeAll(async () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const file = join(folder, 'sa.key');
      writeFileSync(file, privateKey.export({ type: 'pkcs1', format: 'pem' }));
      const further = ['--nodes', '0', '--service-account-signing-key-file', file];
      reckon = await startReckon({ dataDir: join(folder, 'data'), flags: [...further, ...flags] });
      kubectl = new Kubectl(reckon.kubeconfig);
    });
    const userOf = async (token: string): Promise<string | undefined> => {
      const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
      const answer = await kubectl.run('create -o json -f -', { stdin: JSON.stringify(review) });
      return (JSON.parse(answer) as { status: { user?: { username: string } } }).status.user?.username;
    };
    afterAll(async () => {
      await reckon.end();
      rmSync(folder, { recursive: true, force: true });
    });

    it('signs with the key, and says so to who verifies', async () => {
      const { keys } = JSON.parse(await kubectl.run('get --raw /openid/v1/jwks')) as { keys: { kid: string }[] };
      expect(keys).toEqual([expect.objectContaining({ kty: 'RSA', alg: 'RS256' })]);
      const configuration = JSON.parse(await kubectl.run('get --raw /.well-known/openid-configuration')) as object;
      expect(configuration).toMatchObject({ id_token_signing_alg_values_supported: ['RS256'] });
      const token = (await kubectl.run('create token default')).trim();
      expect(headerOf(token)).toEqual({ alg: 'RS256', kid: keys[0]?.kid });
      expect(await userOf(token)).toBe('system:serviceaccount:default:default');
    });

    it('has the controllers sign the tokens of Secrets with it too', async () => {
      const secrets = await eventually(async () => {
        const { items } = await kubectl.json<{ items: { data: { token: string } }[] }>(
          'get secrets --field-selector type=kubernetes.io/service-account-token',
        );
        expect(items).toHaveLength(1);
        return items;
      });
      const token = Buffer.from(secrets[0]?.data.token ?? '', 'base64').toString();
      expect(headerOf(token)).toMatchObject({ alg: 'RS256' });
      expect(await userOf(token)).toBe('system:serviceaccount:default:default');
    });
  },
);
