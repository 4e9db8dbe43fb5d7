import { X509Certificate, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { type Kubectl, eventually, foreignAuthority } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApartCluster } from './apart-cluster';
import type { ProgramProcess } from './program-process';

const cluster = new ApartCluster();
/** What kubeadm has below /etc/kubernetes and /var/lib/kubelet. */
const etc = (name: string): string => join(cluster.folder, 'etc', name);
const lib = (name: string): string => join(cluster.folder, 'lib', name);
const pki = (name: string): string => etc(join('pki', name));

const ca = foreignAuthority('kubernetes');
const token = 'abcdef.0123456789abcdef';
const bootstrappers = 'system:bootstrappers:kubeadm:default-node-token';

/** `kubeadm init phase certs all`. */
function writeCertificates(): void {
  for (const folder of [etc('pki/etcd'), etc('manifests'), lib('pki')]) mkdirSync(folder, { recursive: true });
  const write = (name: string, { certPem, keyPem }: { certPem: string; keyPem: string }): void => {
    writeFileSync(pki(`${name}.crt`), certPem);
    writeFileSync(pki(`${name}.key`), keyPem);
  };
  const client = { usages: ['client'] } as const;
  write('ca', ca);
  const dnsNames = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc.cluster.local'];
  const ipAddresses = ['10.96.0.1', '127.0.0.1'];
  write('apiserver', ca.issue({ commonName: 'kube-apiserver', dnsNames, ipAddresses, usages: ['server'] }));
  const organizations = ['kubeadm:cluster-admins'];
  write(
    'apiserver-kubelet-client',
    ca.issue({ commonName: 'kube-apiserver-kubelet-client', organizations, ...client }),
  );
  const proxies = foreignAuthority('front-proxy-ca');
  write('front-proxy-ca', proxies);
  write('front-proxy-client', proxies.issue({ commonName: 'front-proxy-client', ...client }));
  const stores = foreignAuthority('etcd-ca');
  write('etcd/ca', stores);
  write('apiserver-etcd-client', stores.issue({ commonName: 'kube-apiserver-etcd-client', ...client }));
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(pki('sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(pki('sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** `kubeadm init phase kubeconfig`: everything is in the file itself. */
function writeKubeconfig(name: string, { port }: ProgramProcess, user: object): void {
  const server = `https://127.0.0.1:${String(port)}`;
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'kubernetes', cluster: { 'certificate-authority-data': base64(ca.certPem), server } }],
    users: [{ name, user }],
    contexts: [{ name: `${name}@kubernetes`, context: { cluster: 'kubernetes', user: name } }],
    'current-context': `${name}@kubernetes`,
    preferences: {},
  };
  writeFileSync(etc(name), JSON.stringify(content));
}

function clientOf(commonName: string): object {
  const { certPem, keyPem } = ca.issue({ commonName, usages: ['client'] });
  return { 'client-certificate-data': base64(certPem), 'client-key-data': base64(keyPem) };
}

/** cmd/kubeadm/app/phases/controlplane `getAPIServerCommand`. */
const apiserverFlags = (): string[] => [
  '--advertise-address=172.18.0.2',
  '--allow-privileged=true',
  '--authorization-mode=Node,RBAC',
  `--client-ca-file=${pki('ca.crt')}`,
  '--enable-admission-plugins=NodeRestriction',
  '--enable-bootstrap-token-auth=true',
  `--etcd-cafile=${pki('etcd/ca.crt')}`,
  `--etcd-certfile=${pki('apiserver-etcd-client.crt')}`,
  `--etcd-keyfile=${pki('apiserver-etcd-client.key')}`,
  '--etcd-servers=https://127.0.0.1:2379',
  `--kubelet-client-certificate=${pki('apiserver-kubelet-client.crt')}`,
  `--kubelet-client-key=${pki('apiserver-kubelet-client.key')}`,
  '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
  `--proxy-client-cert-file=${pki('front-proxy-client.crt')}`,
  `--proxy-client-key-file=${pki('front-proxy-client.key')}`,
  '--requestheader-allowed-names=front-proxy-client',
  `--requestheader-client-ca-file=${pki('front-proxy-ca.crt')}`,
  '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  '--requestheader-group-headers=X-Remote-Group',
  '--requestheader-username-headers=X-Remote-User',
  '--secure-port=0',
  '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
  `--service-account-key-file=${pki('sa.pub')}`,
  `--service-account-signing-key-file=${pki('sa.key')}`,
  '--service-cluster-ip-range=10.96.0.0/12',
  `--tls-cert-file=${pki('apiserver.crt')}`,
  `--tls-private-key-file=${pki('apiserver.key')}`,
];

/** `getControllerManagerCommand`, with a subnet for pods. */
const controllerManagerFlags = (): string[] => [
  '--allocate-node-cidrs=true',
  `--authentication-kubeconfig=${etc('controller-manager.conf')}`,
  `--authorization-kubeconfig=${etc('controller-manager.conf')}`,
  '--bind-address=127.0.0.1',
  `--client-ca-file=${pki('ca.crt')}`,
  '--cluster-cidr=10.244.0.0/16',
  '--cluster-name=kubernetes',
  `--cluster-signing-cert-file=${pki('ca.crt')}`,
  `--cluster-signing-key-file=${pki('ca.key')}`,
  '--controllers=*,bootstrapsigner,tokencleaner',
  `--kubeconfig=${etc('controller-manager.conf')}`,
  '--leader-elect=true',
  `--requestheader-client-ca-file=${pki('front-proxy-ca.crt')}`,
  `--root-ca-file=${pki('ca.crt')}`,
  `--service-account-private-key-file=${pki('sa.key')}`,
  '--service-cluster-ip-range=10.96.0.0/12',
  '--use-service-account-credentials=true',
  '--secure-port=0',
];

/** `getSchedulerCommand`. */
const schedulerFlags = (): string[] => [
  `--authentication-kubeconfig=${etc('scheduler.conf')}`,
  `--authorization-kubeconfig=${etc('scheduler.conf')}`,
  '--bind-address=127.0.0.1',
  `--kubeconfig=${etc('scheduler.conf')}`,
  '--leader-elect=true',
  '--secure-port=0',
];

/** The unit file's drop-in and kubeadm-flags.env; the last line stands for KUBELET_EXTRA_ARGS. */
const kubeletFlags = (): string[] => [
  `--bootstrap-kubeconfig=${etc('bootstrap-kubelet.conf')}`,
  `--kubeconfig=${etc('kubelet.conf')}`,
  `--config=${lib('config.yaml')}`,
  '--container-runtime-endpoint=unix:///var/run/containerd/containerd.sock',
  '--pod-infra-container-image=registry.k8s.io/pause:3.10.1',
  '--hostname-override=worker',
  ...[`--cert-dir=${lib('pki')}`, '--address=127.0.0.1', '--port=0'],
];

/** /var/lib/kubelet/config.yaml: what is not said is written as Go's zero. */
const kubeletConfiguration = (): string => `apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  webhook:
    cacheTTL: 0s
    enabled: true
  x509:
    clientCAFile: ${pki('ca.crt')}
authorization:
  mode: Webhook
  webhook:
    cacheAuthorizedTTL: 0s
    cacheUnauthorizedTTL: 0s
cgroupDriver: systemd
clusterDNS:
- 10.96.0.10
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///var/run/containerd/containerd.sock
cpuManagerReconcilePeriod: 0s
crashLoopBackOff: {}
evictionPressureTransitionPeriod: 0s
fileCheckFrequency: 0s
healthzBindAddress: 127.0.0.1
healthzPort: 0
httpCheckFrequency: 0s
imageMaximumGCAge: 0s
imageMinimumGCAge: 0s
kind: KubeletConfiguration
logging:
  flushFrequency: 0
  options:
    json:
      infoBufferSize: "0"
    text:
      infoBufferSize: "0"
  verbosity: 0
memorySwap: {}
nodeStatusReportFrequency: 0s
nodeStatusUpdateFrequency: 0s
resolvConf: /run/systemd/resolve/resolv.conf
rotateCertificates: true
runtimeRequestTimeout: 0s
shutdownGracePeriod: 0s
shutdownGracePeriodCriticalPods: 0s
staticPodPath: ${etc('manifests')}
streamingConnectionIdleTimeout: 0s
syncFrequency: 0s
volumeStatsAggPeriod: 0s
`;

/** What `kubeadm init` makes in the cluster: rights of its administrators, a token, and what those who have it may do. */
function bootstrapObjects(): object[] {
  const [id = '', secret = ''] = token.split('.');
  const rbac = 'rbac.authorization.k8s.io';
  const binding = (name: string, role: string, group: string): object => ({
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: rbac, kind: 'Group', name: group }],
  });
  const requests = 'system:certificates.k8s.io:certificatesigningrequests';
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
      type: 'bootstrap.kubernetes.io/token',
      stringData: {
        'token-id': id,
        'token-secret': secret,
        'usage-bootstrap-authentication': 'true',
        'usage-bootstrap-signing': 'true',
        'auth-extra-groups': bootstrappers,
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cluster-info', namespace: 'kube-public' },
      data: { kubeconfig: 'apiVersion: v1\nkind: Config\n' },
    },
    binding('kubeadm:cluster-admins', 'cluster-admin', 'kubeadm:cluster-admins'),
    binding('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', bootstrappers),
    binding('kubeadm:node-autoapprove-bootstrap', `${requests}:nodeclient`, bootstrappers),
    binding('kubeadm:node-autoapprove-certificate-rotation', `${requests}:selfnodeclient`, 'system:nodes'),
  ];
}

/** What a program says without effect of: the flag or field at the start of a line of warning. */
const idleIn = (program: ProgramProcess): string[] =>
  program
    .output()
    .split('\n')
    .flatMap((line) => /^reckon: (?:\S+\.yaml: )?(\S+): /.exec(line)?.[1] ?? []);

describe('a cluster started as kubeadm starts it (W21)', () => {
  let kubectl: Kubectl;
  let apiserver: ProgramProcess;
  let controllerManager: ProgramProcess;
  let scheduler: ProgramProcess;
  let kubelet: ProgramProcess;

  beforeAll(async () => {
    writeCertificates();
    apiserver = await cluster.start(['apiserver', `--data-dir=${cluster.dataDir}`, ...apiserverFlags()]);
    kubectl = cluster.kubectl();
    writeKubeconfig('controller-manager.conf', apiserver, clientOf('system:kube-controller-manager'));
    writeKubeconfig('scheduler.conf', apiserver, clientOf('system:kube-scheduler'));
    writeKubeconfig('bootstrap-kubelet.conf', apiserver, { token });
    writeFileSync(lib('config.yaml'), kubeletConfiguration());
    [controllerManager, scheduler] = await Promise.all([
      cluster.start(['controller-manager', ...controllerManagerFlags()]),
      cluster.start(['scheduler', ...schedulerFlags()]),
    ]);
    await kubectl.run('apply -f -', {
      stdin: bootstrapObjects()
        .map((object) => JSON.stringify(object))
        .join('\n---\n'),
    });
    kubelet = await cluster.start(['kubelet', ...kubeletFlags()]);
  });
  afterAll(() => cluster.dispose());

  it('has a kubelet that joined by its token', async () => {
    await kubectl.run('wait --for=create node/worker --timeout=60s');
    await kubectl.run('wait --for=condition=Ready node/worker --timeout=60s');
    const certificate = new X509Certificate(readFileSync(lib('pki/kubelet-client-current.pem')));
    expect(certificate.subject).toBe('O=system:nodes\nCN=system:node:worker');
    expect(certificate.verify(new X509Certificate(ca.certPem).publicKey)).toBe(true);
  });

  it('runs a Deployment', async () => {
    await kubectl.run('create deployment web --image=nginx --replicas=2');
    await kubectl.run('rollout status deployment/web --timeout=60s');
    expect(await kubectl.run('get pods -l app=web -o jsonpath={.items[*].status.phase}')).toBe('Running Running');
  });

  it('runs the controllers that are asked for by their old names', async () => {
    await eventually(async () => {
      expect(await kubectl.run('get configmap cluster-info -n kube-public -o json')).toContain('jws-kubeconfig-abcdef');
    });
    const expired = JSON.stringify({ stringData: { expiration: '2020-01-01T00:00:00Z' } });
    await kubectl.run(['patch', 'secret', '-n', 'kube-system', 'bootstrap-token-abcdef', '-p', expired]);
    await kubectl.run('wait --for=delete secret/bootstrap-token-abcdef -n kube-system --timeout=60s');
  });

  it('takes every flag, and says of those without effect that they have none', () => {
    expect(idleIn(controllerManager).sort()).toEqual([
      '--allocate-node-cidrs',
      '--cluster-cidr',
      '--cluster-name',
      '--requestheader-client-ca-file',
      '--service-cluster-ip-range',
    ]);
    expect(idleIn(scheduler)).toEqual([]);
    expect(idleIn(kubelet)).toEqual(expect.arrayContaining(['--container-runtime-endpoint', 'cgroupDriver']));
    for (const program of [apiserver, controllerManager, scheduler, kubelet])
      expect(program.output()).not.toMatch(/unknown|forbidden|unauthorized/i);
  });

  it('takes controllers that have no work here, and says so; strangers are refused', async () => {
    const flags = ['controller-manager', ...controllerManagerFlags()];
    const candidate = await cluster.start([...flags, '--controllers=attachdetach,-route']);
    expect(candidate.output().match(/^reckon: --controllers: .*$/gm)).toEqual([
      'reckon: --controllers: persistentvolume-attach-detach-controller: it has no work here, and is not started',
    ]);
    await expect(cluster.start([...flags, '--controllers=dance'])).rejects.toThrow(
      '--controllers: "dance" is not in the list of known controllers',
    );
  });

  it('gives a kubelet upstream’s default where its file says zero', async () => {
    const [cert, key] = ['crt', 'key'].map((end) => readFileSync(pki(`apiserver-kubelet-client.${end}`)));
    const reply = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { ...{ host: '127.0.0.1', port: kubelet.port, path: '/configz' }, ...{ cert, key } };
      // Its certificate it made itself.
      get({ ...options, rejectUnauthorized: false }, resolve).on('error', reject);
    });
    const { kubeletconfig } = (await json(reply)) as { kubeletconfig: object };
    expect(kubeletconfig).toMatchObject({
      authentication: { webhook: { enabled: true, cacheTTL: '2m0s' }, anonymous: { enabled: false } },
      authorization: { mode: 'Webhook', webhook: { cacheAuthorizedTTL: '5m0s', cacheUnauthorizedTTL: '30s' } },
    });
  });
});
