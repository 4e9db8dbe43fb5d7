import {
  appArmorProfile,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostsOfProbes,
  privileged,
  procMount,
  seccompAnnotations,
  seccompProfile,
  seLinuxOptions,
  seLinuxTypesSince31,
  sysctls,
  sysctls27,
  sysctls29,
  sysctls32,
  usualCapabilities,
  windowsHostProcess,
} from './baseline-checks';
import { isInUserNamespace, isWindows, type PodCheck, unless } from './pod-check';
import {
  allowPrivilegeEscalation,
  fewCapabilities,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompProfileSet,
} from './restricted-checks';

export interface CheckRow {
  readonly id: string;
  /** Each from a minor version on, in rising order. */
  readonly since: readonly (readonly [minor: number, check: PodCheck])[];
  /** The check of the looser level that it asks for more than; that one is then not asked. */
  readonly instead?: string;
}

/** In the order in which violations are told (k8s.io/pod-security-admission/policy `DefaultChecks`, sorted by id). */
export const baselineChecks: readonly CheckRow[] = [
  { id: 'appArmorProfile', since: [[0, appArmorProfile]] },
  { id: 'capabilities_baseline', since: [[0, usualCapabilities]] },
  { id: 'hostNamespaces', since: [[0, hostNamespaces]] },
  { id: 'hostPathVolumes', since: [[0, hostPathVolumes]] },
  { id: 'hostPorts', since: [[0, hostPorts]] },
  { id: 'hostProbesAndHostLifecycle', since: [[34, hostsOfProbes]] },
  { id: 'privileged', since: [[0, privileged]] },
  {
    id: 'procMount',
    since: [
      [0, procMount],
      [35, unless(isInUserNamespace, procMount)],
    ],
  },
  {
    id: 'seLinuxOptions',
    since: [
      [0, seLinuxOptions()],
      [31, seLinuxOptions(seLinuxTypesSince31)],
    ],
  },
  {
    id: 'seccompProfile_baseline',
    since: [
      [0, seccompAnnotations],
      [19, seccompProfile],
    ],
  },
  {
    id: 'sysctls',
    since: [
      [0, sysctls()],
      [27, sysctls(sysctls27)],
      [29, sysctls(sysctls29)],
      [32, sysctls(sysctls32)],
    ],
  },
  { id: 'windowsHostProcess', since: [[0, windowsHostProcess]] },
];

/** What is asked beside them of restricted pods; told after them. */
export const restrictedChecks: readonly CheckRow[] = [
  {
    id: 'allowPrivilegeEscalation',
    since: [
      [8, allowPrivilegeEscalation],
      [25, unless(isWindows, allowPrivilegeEscalation)],
    ],
  },
  {
    id: 'capabilities_restricted',
    instead: 'capabilities_baseline',
    since: [
      [22, fewCapabilities],
      [25, unless(isWindows, fewCapabilities)],
    ],
  },
  { id: 'procMount_restricted', instead: 'procMount', since: [[35, procMount]] },
  { id: 'restrictedVolumes', instead: 'hostPathVolumes', since: [[0, restrictedVolumes]] },
  {
    id: 'runAsNonRoot',
    since: [
      [0, runAsNonRoot],
      [35, unless(isInUserNamespace, runAsNonRoot)],
    ],
  },
  {
    id: 'runAsUser',
    since: [
      [23, runAsUser],
      [35, unless(isInUserNamespace, runAsUser)],
    ],
  },
  {
    id: 'seccompProfile_restricted',
    instead: 'seccompProfile_baseline',
    since: [
      [19, seccompProfileSet],
      [25, unless(isWindows, seccompProfileSet)],
    ],
  },
];
