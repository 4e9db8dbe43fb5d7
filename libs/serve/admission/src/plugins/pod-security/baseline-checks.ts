import { goQuote } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import {
  type CheckedPod,
  containerList,
  containersOf,
  namesWhere,
  plural,
  type PodCheck,
  quoted,
  settersText,
  sorted,
  type Violation,
} from './pod-check';

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
const isConfined = (type: string | undefined): boolean => type === 'RuntimeDefault' || type === 'Localhost';
const isConfinedNote = (text: string): boolean =>
  text === '' || text === 'runtime/default' || text.startsWith('localhost/');

export function appArmorProfile({ annotations, spec }: CheckedPod): Violation | undefined {
  const own = spec.securityContext?.appArmorProfile;
  const isPodBad = own != null && !isConfined(own.type);
  const isBad = ({ securityContext }: corev1.Container): boolean =>
    securityContext?.appArmorProfile != null && !isConfined(securityContext.appArmorProfile.type);
  const bad = containersOf(spec).filter(isBad);
  const notes = Object.entries(annotations)
    .filter(([key, value]) => key.startsWith(appArmorPrefix) && !isConfinedNote(value))
    .map(([key, value]) => `${key}=${goQuote(value)}`);
  const values = [
    ...sorted([
      ...(isPodBad ? [own.type] : []),
      ...bad.map(({ securityContext }) => securityContext?.appArmorProfile?.type ?? ''),
    ]),
    ...notes.sort(),
  ];
  if (values.length === 0) return undefined;
  const setters = settersText(
    isPodBad,
    bad.map(({ name }) => name),
  );
  const all = [...(setters === '' ? [] : [setters]), ...(notes.length > 0 ? [plural(notes.length, 'annotation')] : [])];
  return {
    reason: plural(values.length, 'forbidden AppArmor profile'),
    detail: `${all.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  };
}

const usual: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

export function usualCapabilities({ spec }: CheckedPod): Violation | undefined {
  const added = ({ securityContext }: corev1.Container): string[] =>
    (securityContext?.capabilities?.add ?? []).filter((name) => !usual.has(name));
  const bad = namesWhere(spec, (container) => added(container).length > 0);
  if (bad.length === 0) return undefined;
  const names = quoted(sorted(containersOf(spec).flatMap(added)));
  return {
    reason: 'non-default capabilities',
    detail: `${containerList(bad)} must not include ${names} in securityContext.capabilities.add`,
  };
}

export function hostNamespaces({ spec }: CheckedPod): Violation | undefined {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name] === true);
  if (shared.length === 0) return undefined;
  return { reason: 'host namespaces', detail: shared.map((name) => `${name}=true`).join(', ') };
}

export function hostPathVolumes({ spec }: CheckedPod): Violation | undefined {
  const bad = (spec.volumes ?? []).filter(({ hostPath }) => hostPath != null).map(({ name }) => name);
  if (bad.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: `${plural(bad.length, 'volume')} ${quoted(bad)}` };
}

export function hostPorts({ spec }: CheckedPod): Violation | undefined {
  const taken = ({ ports }: corev1.Container): string[] =>
    (ports ?? []).flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : String(hostPort)));
  const bad = namesWhere(spec, (container) => taken(container).length > 0);
  if (bad.length === 0) return undefined;
  const ports = sorted(containersOf(spec).flatMap(taken));
  return {
    reason: 'hostPort',
    detail: `${containerList(bad)} ${plural(bad.length, 'uses', 'use')} ${plural(ports.length, 'hostPort')} ${ports.join(', ')}`,
  };
}

export function hostsOfProbes({ spec }: CheckedPod): Violation | undefined {
  const named = (container: corev1.Container): string[] =>
    [
      container.livenessProbe,
      container.readinessProbe,
      container.startupProbe,
      container.lifecycle?.postStart,
      container.lifecycle?.preStop,
    ]
      .flatMap((handler) => [handler?.httpGet?.host ?? '', handler?.tcpSocket?.host ?? ''])
      .filter((host) => host !== '');
  const bad = sorted(namesWhere(spec, (container) => named(container).length > 0));
  if (bad.length === 0) return undefined;
  const hosts = sorted(containersOf(spec).flatMap(named));
  return {
    reason: 'probe or lifecycle host',
    detail: `${containerList(bad)} ${plural(bad.length, 'uses', 'use')} ${plural(hosts.length, 'probe or lifecycle host')} ${quoted(hosts)}`,
  };
}

export function privileged({ spec }: CheckedPod): Violation | undefined {
  const bad = namesWhere(spec, ({ securityContext }) => securityContext?.privileged === true);
  if (bad.length === 0) return undefined;
  return { reason: 'privileged', detail: `${containerList(bad)} must not set securityContext.privileged=true` };
}

export function procMount({ spec }: CheckedPod): Violation | undefined {
  const own = ({ securityContext }: corev1.Container): string => securityContext?.procMount ?? 'Default';
  const bad = containersOf(spec).filter((container) => own(container) !== 'Default');
  if (bad.length === 0) return undefined;
  const names = bad.map(({ name }) => name);
  return {
    reason: 'procMount',
    detail: `${containerList(names)} must not set securityContext.procMount to ${quoted(sorted(bad.map(own)))}`,
  };
}

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
export const seLinuxTypesSince31 = [...seLinuxTypes, 'container_engine_t'];

export const seLinuxOptions =
  (allowed: readonly string[] = seLinuxTypes): PodCheck =>
  ({ spec }) => {
    const isBad = (options: corev1.SELinuxOptions | null | undefined): options is corev1.SELinuxOptions =>
      options != null && (!allowed.includes(options.type ?? '') || Boolean(options.user) || Boolean(options.role));
    const own = spec.securityContext?.seLinuxOptions;
    const bad = containersOf(spec).filter(({ securityContext }) => isBad(securityContext?.seLinuxOptions));
    const all = [own, ...bad.map(({ securityContext }) => securityContext?.seLinuxOptions)].filter(isBad);
    if (all.length === 0) return undefined;
    const types = sorted(all.map(({ type = '' }) => type).filter((type) => !allowed.includes(type)));
    const what = [
      ...(types.length > 0 ? [`${plural(types.length, 'type')} ${quoted(types)}`] : []),
      ...(all.some(({ user }) => Boolean(user)) ? ['user may not be set'] : []),
      ...(all.some(({ role }) => Boolean(role)) ? ['role may not be set'] : []),
    ];
    const setters = settersText(
      isBad(own),
      bad.map(({ name }) => name),
    );
    return {
      reason: 'seLinuxOptions',
      detail: `${setters} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`,
    };
  };

const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before there were fields for it. */
export function seccompAnnotations({ annotations, spec }: CheckedPod): Violation | undefined {
  const keys = [seccompOfPod, ...containersOf(spec).map(({ name }) => seccompOfContainer + name)];
  const isGood = (value: string): boolean =>
    ['runtime/default', 'docker/default'].includes(value) || value.startsWith('localhost/');
  const bad = sorted(
    keys.flatMap((key) => {
      const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
      return value === undefined || isGood(value) ? [] : `${key}=${goQuote(value)}`;
    }),
  );
  if (bad.length === 0) return undefined;
  return { reason: 'seccompProfile', detail: `forbidden ${plural(bad.length, 'annotation')} ${bad.join(', ')}` };
}

/** What is said must be good; nothing need be said. */
export function seccompProfile({ spec }: CheckedPod): Violation | undefined {
  const isBad = (profile: corev1.SeccompProfile | null | undefined): profile is corev1.SeccompProfile =>
    profile != null && !isConfined(profile.type);
  const own = spec.securityContext?.seccompProfile;
  const bad = containersOf(spec).filter(({ securityContext }) => isBad(securityContext?.seccompProfile));
  const all = [own, ...bad.map(({ securityContext }) => securityContext?.seccompProfile)].filter(isBad);
  if (all.length === 0) return undefined;
  const setters = settersText(
    isBad(own),
    bad.map(({ name }) => name),
  );
  const values = quoted(sorted(all.map(({ type }) => type)));
  return {
    reason: 'seccompProfile',
    detail: `${setters} must not set securityContext.seccompProfile.type to ${values}`,
  };
}

const sysctls10 = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
export const sysctls27 = [...sysctls10, 'net.ipv4.ip_local_reserved_ports'];
export const sysctls29 = [
  ...sysctls27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
export const sysctls32 = [...sysctls29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

export const sysctls =
  (allowed: readonly string[] = sysctls10): PodCheck =>
  ({ spec }) => {
    const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.includes(name));
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  };

export function windowsHostProcess({ spec }: CheckedPod): Violation | undefined {
  const isPodBad = spec.securityContext?.windowsOptions?.hostProcess === true;
  const bad = namesWhere(spec, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true);
  if (!isPodBad && bad.length === 0) return undefined;
  return {
    reason: 'hostProcess',
    detail: `${settersText(isPodBad, bad)} must not set securityContext.windowsOptions.hostProcess=true`,
  };
}
