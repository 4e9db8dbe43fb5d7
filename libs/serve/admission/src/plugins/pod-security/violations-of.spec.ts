import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { baselineChecks, restrictedChecks } from './check-table';
import type { Level, PolicyVersion } from './policy';
import { detailsText, reasonsText, violationsOf } from './violations-of';

interface Given {
  readonly pod?: object;
  /** Of the only container, `a`. */
  readonly a?: object;
  /** Of a second, `b`. */
  readonly b?: object;
  readonly annotations?: Record<string, string>;
}

const good = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** Says what is wrong with an otherwise faultless pod. */
function wrong(level: Level, given: Given, version: PolicyVersion = 'latest'): string {
  const container = (name: string, more: object): object => ({
    name,
    image: 'i',
    ...more,
    securityContext: { ...good, ...(more as { securityContext?: object }).securityContext },
  });
  const containers = [container('a', given.a ?? {}), ...(given.b === undefined ? [] : [container('b', given.b)])];
  const spec = { containers, ...given.pod } as unknown as corev1.PodSpec;
  return detailsText(violationsOf({ level, version }, { annotations: given.annotations ?? {}, spec }));
}

const a = (securityContext: object): Given => ({ a: { securityContext } });
const both = (securityContext: object): Given => ({ a: { securityContext }, b: { securityContext } });
const pod = (securityContext: object): Given => ({ pod: { securityContext } });
const apparmor = 'container.apparmor.security.beta.kubernetes.io/';

describe('what a baseline pod may not be', () => {
  it.each<[string, Given, string]>([
    [
      'AppArmor that is off',
      { ...pod({ appArmorProfile: { type: 'Unconfined' } }), ...a({ appArmorProfile: { type: 'Odd' } }) },
      'forbidden AppArmor profiles (pod and container "a" must not set AppArmor profile type to "Odd", "Unconfined")',
    ],
    [
      'AppArmor that is off by annotation',
      { annotations: { [`${apparmor}a`]: 'unconfined', [`${apparmor}b`]: 'localhost/x', [`${apparmor}c`]: '' } },
      `forbidden AppArmor profile (annotation must not set AppArmor profile type to "${apparmor}a="unconfined"")`,
    ],
    [
      'capabilities',
      both({ capabilities: { add: ['SYS_ADMIN', 'NET_RAW', 'KILL'] } }),
      'non-default capabilities (containers "a", "b" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)',
    ],
    [
      'host namespaces',
      { pod: { hostNetwork: true, hostPID: true, hostIPC: true } },
      'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)',
    ],
    [
      'a host path',
      {
        pod: {
          volumes: [
            { name: 'v', hostPath: {} },
            { name: 'w', emptyDir: {} },
          ],
        },
      },
      'hostPath volumes (volume "v")',
    ],
    ['a host port', { a: { ports: [{ hostPort: 80 }, { hostPort: 0 }] } }, 'hostPort (container "a" uses hostPort 80)'],
    [
      'host ports',
      { a: { ports: [{ hostPort: 90 }] }, b: { ports: [{ hostPort: 80 }] } },
      'hostPort (containers "a", "b" use hostPorts 80, 90)',
    ],
    [
      'probes of other hosts',
      {
        a: { livenessProbe: { httpGet: { host: '10.0.0.1' } }, lifecycle: { preStop: { tcpSocket: { host: 'h' } } } },
        b: { startupProbe: { tcpSocket: { host: 'h' } }, readinessProbe: { httpGet: { host: '' } } },
      },
      'probe or lifecycle host (containers "a", "b" use probe or lifecycle hosts "10.0.0.1", "h")',
    ],
    ['privileged', a({ privileged: true }), 'privileged (container "a" must not set securityContext.privileged=true)'],
    [
      'proc',
      a({ procMount: 'Unmasked' }),
      'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      'SELinux',
      { ...pod({ seLinuxOptions: { user: 'u' } }), ...a({ seLinuxOptions: { type: 'spc_t', role: 'r' } }) },
      'seLinuxOptions (pod and container "a" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)',
    ],
    [
      'seccomp that is off',
      { ...pod({ seccompProfile: { type: 'Unconfined' } }), ...both({ seccompProfile: { type: 'Unconfined' } }) },
      'seccompProfile (pod and containers "a", "b" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'sysctls',
      pod({ sysctls: [{ name: 'kernel.msgmax' }, { name: 'net.ipv4.tcp_rmem' }, { name: 'a' }] }),
      'forbidden sysctls (kernel.msgmax, a)',
    ],
    [
      'Windows host processes',
      { ...pod({ windowsOptions: { hostProcess: true } }), ...a({ windowsOptions: { hostProcess: true } }) },
      'hostProcess (pod and container "a" must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      'init and ephemeral containers',
      {
        pod: {
          initContainers: [{ name: 'i', securityContext: { privileged: true } }],
          ephemeralContainers: [{ name: 'e', securityContext: { privileged: true } }],
        },
      },
      'privileged (containers "i", "e" must not set securityContext.privileged=true)',
    ],
  ])('%s', (_, given, problem) => {
    expect(wrong('baseline', given)).toBe(problem);
    expect(wrong('privileged', given)).toBe('');
  });

  it('is nothing of what it may be', () => {
    expect(
      wrong('baseline', { a: { securityContext: { capabilities: { add: ['CHOWN'] }, procMount: 'Default' } } }),
    ).toBe('');
    expect(wrong('baseline', pod({ seLinuxOptions: { type: 'container_engine_t', level: 's0' } }))).toBe('');
    const bare = { spec: { containers: [{ name: 'a' }] }, annotations: {} };
    expect(violationsOf({ level: 'baseline', version: 'latest' }, bare)).toEqual([]);
  });
});

describe('what a restricted pod must be', () => {
  it('is told of a plain pod all at once', () => {
    const spec = { containers: [{ name: 'a' }] };
    expect(detailsText(violationsOf({ level: 'restricted', version: 'latest' }, { spec, annotations: {} }))).toBe(
      'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
  });

  it.each<[string, Given, string]>([
    [
      'few capabilities',
      a({ capabilities: { add: ['NET_BIND_SERVICE', 'CHOWN'] } }),
      'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; container "a" must not include "CHOWN" in securityContext.capabilities.add)',
    ],
    [
      'plain volumes',
      {
        pod: {
          volumes: [{ name: 'v', hostPath: {} }, { name: 'w', nfs: {} }, { name: 'x' }, { name: 'i', image: {} }],
        },
      },
      'restricted volume types (volumes "v", "w", "x" use restricted volume types "hostPath", "nfs", "unknown")',
    ],
    [
      'not root',
      { ...pod({ runAsNonRoot: false }), ...a({ runAsNonRoot: false }) },
      'runAsNonRoot != true (pod and container "a" must not set securityContext.runAsNonRoot=false)',
    ],
    [
      'not user 0',
      { ...pod({ runAsUser: 0 }), ...a({ runAsUser: 0 }) },
      'runAsUser=0 (pod and container "a" must not set runAsUser=0)',
    ],
    [
      'a seccomp profile',
      a({ seccompProfile: { type: 'Unconfined' } }),
      'seccompProfile (container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'baseline, told first',
      { pod: { hostPID: true }, a: { securityContext: { runAsUser: 0 } } },
      'host namespaces (hostPID=true), runAsUser=0 (container "a" must not set runAsUser=0)',
    ],
  ])('%s', (_, given, problem) => {
    expect(wrong('restricted', given)).toBe(problem);
  });

  it('can be said for the pod as a whole, where it can', () => {
    const silent = { runAsNonRoot: undefined, seccompProfile: undefined };
    const said = { runAsNonRoot: true, seccompProfile: { type: 'Localhost' } };
    expect(wrong('restricted', { ...pod(said), ...a(silent) })).toBe('');
    expect(wrong('restricted', a(silent))).toMatch(/^runAsNonRoot != true .*, seccompProfile /);
  });
});

describe('a version', () => {
  it.each<[string, Level, Given, PolicyVersion, PolicyVersion]>([
    ['probe hosts', 'baseline', { a: { livenessProbe: { httpGet: { host: 'h' } } } }, 34, 33],
    ['seccomp fields', 'baseline', a({ seccompProfile: { type: 'Unconfined' } }), 19, 18],
    ['sysctls of 1.27', 'baseline', pod({ sysctls: [{ name: 'net.ipv4.ip_local_reserved_ports' }] }), 26, 27],
    ['sysctls of 1.29', 'baseline', pod({ sysctls: [{ name: 'net.ipv4.tcp_fin_timeout' }] }), 28, 29],
    ['sysctls of 1.32', 'baseline', pod({ sysctls: [{ name: 'net.ipv4.tcp_wmem' }] }), 31, 32],
    ['SELinux types of 1.31', 'baseline', pod({ seLinuxOptions: { type: 'container_engine_t' } }), 30, 31],
    ['privilege escalation', 'restricted', a({ allowPrivilegeEscalation: true }), 8, 7],
    ['capabilities to drop', 'restricted', a({ capabilities: {} }), 22, 21],
    ['user 0', 'restricted', a({ runAsUser: 0 }), 23, 22],
    ['a profile to be named', 'restricted', a({ seccompProfile: undefined }), 19, 18],
    [
      'root in a user namespace',
      'restricted',
      { pod: { hostUsers: false }, a: { securityContext: { runAsNonRoot: false, runAsUser: 0 } } },
      34,
      35,
    ],
    [
      'Windows',
      'restricted',
      {
        pod: { os: { name: 'windows' } },
        a: {
          securityContext: { capabilities: undefined, seccompProfile: undefined, allowPrivilegeEscalation: undefined },
        },
      },
      24,
      25,
    ],
  ])('asks for %s or not', (_, level, given, asks, doesNot) => {
    expect(wrong(level, given, asks)).not.toBe('');
    expect(wrong(level, given, doesNot)).toBe('');
  });

  it('asks for notes before there were fields', () => {
    const annotations = {
      'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
      'container.seccomp.security.alpha.kubernetes.io/a': 'docker/default',
    };
    expect(wrong('baseline', { annotations }, 18)).toBe(
      'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
    );
    expect(wrong('baseline', { annotations }, 19)).toBe('');
  });

  it('of the future is the latest', () => {
    expect(wrong('restricted', pod({ runAsUser: 0 }), 99)).toBe(wrong('restricted', pod({ runAsUser: 0 })));
  });

  it('keeps proc masked for restricted pods in a user namespace, as baseline does not', () => {
    const given = { pod: { hostUsers: false }, a: { securityContext: { procMount: 'Unmasked' } } };
    expect([wrong('baseline', given), wrong('baseline', given, 34)]).toEqual(['', expect.stringMatching(/^procMount/)]);
    expect(wrong('restricted', given)).toMatch(/^procMount/);
  });
});

describe('the table of checks', () => {
  it('is in order, and replaces what there is', () => {
    for (const rows of [baselineChecks, restrictedChecks]) {
      expect(rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).sort());
      for (const { since } of rows)
        expect(since.map(([from]) => from)).toEqual([...since.map(([from]) => from)].sort((x, y) => x - y));
    }
    const known = baselineChecks.map(({ id }) => id);
    for (const { instead } of restrictedChecks) if (instead !== undefined) expect(known).toContain(instead);
  });

  it('can be told in short', () => {
    expect(
      reasonsText([
        { reason: 'a', detail: 'x' },
        { reason: 'b', detail: '' },
      ]),
    ).toBe('a, b');
    expect(
      detailsText([
        { reason: 'a', detail: 'x' },
        { reason: 'b', detail: '' },
      ]),
    ).toBe('a (x), b');
  });
});
