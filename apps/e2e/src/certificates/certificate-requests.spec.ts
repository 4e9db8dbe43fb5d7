import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, RawClient, type ReckonProcess, eventually, readKubeconfig, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opensslRequest, requestObject } from './openssl';

interface Csr {
  readonly status: {
    readonly certificate?: string;
    readonly conditions?: readonly { readonly type: string; readonly reason?: string; readonly message?: string }[];
  };
}

const apiClient = 'kubernetes.io/kube-apiserver-client';
const kubeletClient = 'kubernetes.io/kube-apiserver-client-kubelet';
const kubeletServing = 'kubernetes.io/kubelet-serving';

describe.each([['in one process', []] as const, ['--isolate', ['--isolate']] as const])(
  'W23: client certificates by request, %s',
  (_, flags) => {
    const folder = mkdtempSync(join(tmpdir(), 'reckon-csr-'));
    let reckon: ReckonProcess;
    let kubectl: Kubectl;
    let admin: RawClient;
    beforeAll(async () => {
      const tokens = join(folder, 'tokens.csv');
      writeFileSync(tokens, 'carol-token,carol,u-3,"approvers"\n');
      reckon = await startReckon({ flags: ['--nodes', '0', '--token-auth-file', tokens, ...flags] });
      kubectl = new Kubectl(reckon.kubeconfig);
      admin = RawClient.of(reckon.kubeconfig);
    });
    afterAll(async () => {
      admin.close();
      await reckon.dispose();
      rmSync(folder, { recursive: true, force: true });
    });

    const make = (
      name: string,
      requestPem: string,
      signerName = apiClient,
      usages: readonly string[] = ['client auth'],
      seconds?: number,
    ) =>
      kubectl.try(['create', '-f', '-'], {
        stdin: requestObject(name, requestPem, {
          signerName,
          usages,
          ...(seconds === undefined ? {} : { expirationSeconds: seconds }),
        }),
      });
    const read = (name: string): Promise<Csr> => kubectl.json<Csr>(`get csr ${name}`);
    const issued = (name: string): Promise<string> =>
      eventually(async () => {
        const { certificate = '' } = (await read(name)).status;
        expect(certificate).not.toBe('');
        return Buffer.from(certificate, 'base64').toString();
      });
    const failure = (name: string): Promise<string | undefined> =>
      eventually(async () => {
        const { conditions = [] } = (await read(name)).status;
        const failed = conditions.find(({ type }) => type === 'Failed');
        expect(failed?.reason).toBe('SignerValidationFailure');
        return failed?.message;
      });

    it.each(['rsa:2048', 'ec', 'ed25519'])(
      'what is approved works as the user and the groups that it names: %s',
      async (newKey) => {
        const name = `jane-${newKey.replace(':', '-')}`;
        const { keyPem, requestPem } = await opensslRequest('/O=dev/O=ops/CN=jane', { newKey });
        expect((await make(name, requestPem, apiClient, ['client auth'], 3600)).code).toBe(0);
        expect(await kubectl.run(`get csr ${name}`)).toMatch(/ 60m +Pending/);
        expect(await kubectl.run(`certificate approve ${name}`)).toBe(
          `certificatesigningrequest.certificates.k8s.io/${name} approved\n`,
        );
        const certPem = await issued(name);
        expect(await kubectl.run(`get csr ${name}`)).toMatch(/ Approved,Issued/);
        const { caPem, server } = readKubeconfig(reckon.kubeconfig);
        const certificate = new X509Certificate(certPem);
        expect(certificate.checkIssued(new X509Certificate(caPem))).toBe(true);
        expect(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)).toBe((3600 + 300) * 1000);

        const jane = new RawClient(server, { caPem, certPem, keyPem });
        const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
        const { body: review } = await jane.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body });
        expect(review).toMatchObject({
          status: { userInfo: { username: 'jane', groups: ['dev', 'ops', 'system:authenticated'] } },
        });
        const refused = await jane.send('GET', '/api/v1/namespaces/default/secrets');
        expect(refused.body).toMatchObject({
          code: 403,
          message:
            'secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "default"',
        });
        jane.close();
      },
    );

    it('what is denied gets nothing, not even when it is approved afterwards', async () => {
      const { requestPem } = await opensslRequest('/CN=mallory');
      await make('mallory', requestPem);
      expect(await kubectl.run('certificate deny mallory')).toContain('/mallory denied');
      expect(await kubectl.run('get csr mallory')).toMatch(/ Denied/);
      const late = await kubectl.try(['certificate', 'approve', 'mallory']);
      expect(late.stderr).toContain('certificate signing request "mallory" is already Denied');
      // Nor by who speaks to the API himself.
      const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests/mallory/approval';
      const { body } = await admin.send('GET', path);
      const { status } = body as Csr;
      const conditions = [...(status.conditions ?? []), { type: 'Approved', status: 'True' }];
      const refused = await admin.send('PUT', path, { body: { ...(body as object), status: { conditions } } });
      expect(refused.body).toMatchObject({
        code: 422,
        message: expect.stringContaining('Approved and Denied conditions are mutually exclusive') as string,
      });
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect((await read('mallory')).status.certificate).toBeUndefined();
    });

    it('nobody becomes an administrator by it', async () => {
      const { requestPem } = await opensslRequest('/O=system:masters/CN=mallory');
      const refused = await make('masters', requestPem);
      expect(refused.stderr).toContain(
        'certificatesigningrequests.certificates.k8s.io "masters" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
      );
      // Other signers of the same authority are no way round.
      await make('masters-kubelet', requestPem, kubeletClient, ['digital signature', 'client auth']);
      await kubectl.run('certificate approve masters-kubelet');
      expect(await failure('masters-kubelet')).toBe('subject organization is not system:nodes');
      const legacy = await make('masters-legacy', requestPem, 'kubernetes.io/legacy-unknown');
      expect(legacy.stderr).toContain('the legacy signerName is not allowed via this API version');
    });

    it.each<[string, string, string, readonly string[], readonly string[], string]>([
      [
        'a name that is no node',
        '/O=system:nodes/CN=admin',
        kubeletClient,
        ['digital signature', 'client auth'],
        [],
        'subject common name does not begin with system:node:',
      ],
      [
        'too few usages',
        '/O=system:nodes/CN=system:node:n',
        kubeletClient,
        ['client auth'],
        [],
        'usages did not match [client auth digital signature key encipherment]',
      ],
      [
        'names of hosts',
        '/O=system:nodes/CN=system:node:n',
        kubeletClient,
        ['digital signature', 'client auth'],
        ['-addext', 'subjectAltName=DNS:a'],
        'DNS subjectAltNames are not allowed',
      ],
      [
        'no names of hosts',
        '/O=system:nodes/CN=system:node:n',
        kubeletServing,
        ['digital signature', 'server auth'],
        [],
        'DNS or IP subjectAltName is required',
      ],
      [
        'usages of a server',
        '/CN=jane',
        apiClient,
        ['server auth'],
        [],
        'invalid usage for client certificate: server auth',
      ],
    ])('a signer refuses %s, and says so', async (what, subject, signerName, usages, further, message) => {
      const name = what.replaceAll(' ', '-');
      const { requestPem } = await opensslRequest(subject, { further });
      expect((await make(name, requestPem, signerName, usages)).stderr).toBe('');
      await kubectl.run(`certificate approve ${name}`);
      expect(await failure(name)).toBe(message);
      expect(await kubectl.run(`get csr ${name}`)).toMatch(/ Approved,Failed/);
    });

    it('only who may approve for the signer approves', async () => {
      const { requestPem } = await opensslRequest('/CN=dave');
      await make('dave', requestPem);
      const rules =
        'create clusterrole csr-updater --verb=get,list,update --resource=certificatesigningrequests,certificatesigningrequests/approval';
      await kubectl.run(rules);
      await kubectl.run('create clusterrolebinding csr-updater --clusterrole=csr-updater --user=carol');
      const asCarol = ['--token', 'carol-token', '--server', readKubeconfig(reckon.kubeconfig).server];
      const file = join(folder, 'carol.kubeconfig');
      writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Config' }));
      const ca = ['--certificate-authority', join(reckon.dataDir, 'pki/ca.crt')];
      const approve = () => kubectl.try(['--kubeconfig', file, ...asCarol, ...ca, 'certificate', 'approve', 'dave']);
      expect((await approve()).stderr).toContain(
        'user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
      );
      await kubectl.run(
        'create clusterrolebinding csr-approver --clusterrole=system:certificates.k8s.io:kube-apiserver-client-approver --user=carol',
      );
      expect((await approve()).stdout).toContain('/dave approved');
      await issued('dave');
    });

    it('who asks cannot say who he is, nor change what he asked for', async () => {
      const { requestPem } = await opensslRequest('/CN=erin');
      const lies = JSON.parse(
        requestObject('erin', requestPem, { signerName: apiClient, usages: ['client auth'] }),
      ) as { spec: object };
      const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
      const body = { ...lies, spec: { ...lies.spec, username: 'system:node:n1', groups: ['system:nodes'] } };
      const made = await admin.send('POST', path, { body });
      expect(made.body).toMatchObject({ spec: { username: 'kubernetes-admin' } });
      const headers = { 'content-type': 'application/merge-patch+json' };
      const patched = await admin.send('PATCH', `${path}/erin`, {
        headers,
        body: { spec: { signerName: kubeletClient, username: 'x' }, status: { certificate: 'eA==' } },
      });
      expect(patched.body).toMatchObject({ spec: { username: 'kubernetes-admin', signerName: apiClient }, status: {} });
    });
  },
);
