import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFlags } from '../flags/parse-flags';
import { schedulerFlags } from '../flags/scheduler-flags';
import { controllerManagerConfig } from './controller-manager-config';
import { kubeletConfig } from './kubelet-config';
import { type ConfigKind, overlaid, readConfigFile } from './read-config-file';
import { schedulerConfig } from './scheduler-config';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-config-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function read<T>(kind: ConfigKind<T>, content: string): Promise<{ values: T; warnings: string[] }> {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, content);
  const warnings: string[] = [];
  const values = await readConfigFile(file, kind, (line) => warnings.push(line.replace(`${file}: `, '')));
  return { values, warnings };
}

const schedulerHead = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

describe('a configuration file', () => {
  it('of the scheduler is read as values of its flags', async () => {
    const content = `${schedulerHead}leaderElection: {leaderElect: false, leaseDuration: 20s, resourceName: mine}
clientConnection: {kubeconfig: /etc/scheduler.conf, qps: 50}
parallelism: 16
profiles: [{schedulerName: default-scheduler}]
`;
    expect(await read(schedulerConfig, content)).toEqual({
      values: {
        'leader-elect': false,
        'leader-elect-lease-duration': 20_000,
        'leader-elect-resource-name': 'mine',
        kubeconfig: '/etc/scheduler.conf',
      },
      warnings: ['reckon: parallelism: it has no effect here'],
    });
  });

  it('of the kubelet too', async () => {
    const content = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
port: 10251
authentication: {anonymous: {enabled: false}, webhook: {enabled: true, cacheTTL: 0s}, x509: {clientCAFile: /ca.crt}}
authorization: {mode: Webhook}
cgroupDriver: systemd
registerWithTaints: [{key: a, value: b, effect: NoSchedule}, {key: c, effect: NoExecute}]
`;
    const { values, warnings } = await read(kubeletConfig, content);
    expect(values).toEqual({
      port: 10_251,
      'anonymous-auth': false,
      'authentication-token-webhook': true,
      'authentication-token-webhook-cache-ttl': 0,
      'client-ca-file': '/ca.crt',
      'authorization-mode': 'Webhook',
      'register-with-taints': ['a=b:NoSchedule', 'c=:NoExecute'],
    });
    expect(warnings).toEqual(['reckon: cgroupDriver: it has no effect here']);
  });

  it('of the controller manager too', async () => {
    const content = `{"apiVersion": "kubecontrollermanager.config.k8s.io/v1alpha1", "kind": "KubeControllerManagerConfiguration",
      "Generic": {"Controllers": ["*", "-ttl-controller"], "LeaderElection": {"retryPeriod": "1s"}},
      "SAController": {"RootCAFile": "/ca.crt"}, "JobController": {"ConcurrentJobSyncs": 5}}`;
    expect((await read(controllerManagerConfig, content)).values).toEqual({
      controllers: ['*', '-ttl-controller'],
      'leader-elect-retry-period': 1_000,
      'root-ca-file': '/ca.crt',
    });
  });

  it('gives way to flags that were given', async () => {
    const { values } = await read(
      schedulerConfig,
      `${schedulerHead}leaderElection: {leaderElect: false, retryPeriod: 1s}`,
    );
    const flags = overlaid(parseFlags(schedulerFlags, ['--leader-elect-retry-period=3s']), values);
    expect(flags).toMatchObject({
      'leader-elect': false,
      'leader-elect-retry-period': 3_000,
      'leader-elect-lease-duration': 15_000,
    });
  });

  it.each([
    [`${schedulerHead}leaderElections: {}`, 'Unrecognized key: "leaderElections"'],
    [`${schedulerHead}leaderElection: {leaderElects: true}`, 'leaderElection: Unrecognized key: "leaderElects"'],
    [`${schedulerHead}leaderElection: {leaseDuration: long}`, 'leaderElection.leaseDuration: must be a duration'],
    [`${schedulerHead}profiles: [{schedulerName: other}]`, 'profiles.0.schedulerName: Invalid input'],
    [schedulerHead.replace('/v1', '/v1beta3'), 'is kubescheduler.config.k8s.io/v1beta3 KubeSchedulerConfiguration'],
    ['kind: Pod', 'is of no version or kind Pod'],
    ['[1', 'cannot read'],
    ['just text', 'holds no object'],
  ])('that says %j is refused by name', async (content, message) => {
    await expect(read(schedulerConfig, content)).rejects.toThrow(
      expect.objectContaining({
        code: 'Option',
        message: expect.stringContaining(message) as string,
        hint: 'it must hold a KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1, in YAML or JSON',
      }),
    );
  });

  it('that is not there is named', async () => {
    await expect(readConfigFile('/none.yaml', schedulerConfig, () => undefined)).rejects.toThrow(
      '--config: cannot read /none.yaml',
    );
  });
});
