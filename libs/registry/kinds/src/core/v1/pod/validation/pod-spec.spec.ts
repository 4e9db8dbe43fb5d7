import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../../../testing/run-strategy';

const pod = {
  metadata: { name: 'p', namespace: 'team' },
  spec: { containers: [{ name: 'app', image: 'registry.example/app:3' }] },
};

const label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'";
const subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'";
const qualified = "name part must consist of alphanumeric characters, '-', '_' or '.'";

const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
const huge = (name: string): object => ({
  name,
  image: 'i',
  resources: { limits: { 'hugepages-2Mi': '2Mi', cpu: '1' } },
});

const podTerms = 'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution';
const nodeTerms = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';

/** What is refused: a change of the pod, then the start of every message in order. */
type Row = [Readonly<Record<string, unknown>>, ...string[]];
const refused: Row[] = [
  [{ 'spec.containers': [] }, 'spec.containers: Required value'],
  [{ 'spec.containers.0.name': 'A_b' }, `spec.containers[0].name: Invalid value: "A_b": ${label}`],
  [{ 'spec.containers.0.name': '' }, 'spec.containers[0].name: Required value'],
  [{ 'spec.containers.0.image': '' }, 'spec.containers[0].image: Required value'],
  [
    { 'spec.containers.0.image': ' app' },
    'spec.containers[0].image: Invalid value: " app": must not have leading or trailing whitespace',
  ],
  [{ 'spec.containers.1': { name: 'app', image: 'b' } }, 'spec.containers[1].name: Duplicate value: "app"'],
  [
    { 'spec.containers.0.imagePullPolicy': 'Often' },
    'spec.containers[0].imagePullPolicy: Unsupported value: "Often": supported values: "Always", "IfNotPresent", "Never"',
  ],
  [
    { 'spec.containers.0.terminationMessagePolicy': 'Loud' },
    'spec.containers[0].terminationMessagePolicy: Unsupported value: "Loud": supported values: "File", "FallbackToLogsOnError"',
  ],
  [{ 'spec.containers.0.ports': [{ name: 'web' }] }, 'spec.containers[0].ports[0].containerPort: Required value'],
  [
    { 'spec.containers.0.ports': [{ containerPort: 99999 }] },
    'spec.containers[0].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive',
  ],
  [
    { 'spec.containers.0.ports': [{ containerPort: 1, hostPort: -1 }] },
    'spec.containers[0].ports[0].hostPort: Invalid value: -1: must be between 1 and 65535, inclusive',
  ],
  [
    { 'spec.containers.0.ports': [{ containerPort: 1, protocol: 'QUIC' }] },
    'spec.containers[0].ports[0].protocol: Unsupported value: "QUIC": supported values: "SCTP", "TCP", "UDP"',
  ],
  [
    {
      'spec.containers.0.ports': [
        { name: 'a', containerPort: 1 },
        { name: 'a', containerPort: 2 },
      ],
    },
    'spec.containers[0].ports[1].name: Duplicate value: "a"',
  ],
  [
    {
      'spec.containers.0.ports': [
        { containerPort: 1, hostPort: 7 },
        { containerPort: 2, hostPort: 7 },
      ],
    },
    'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//7"',
  ],
  [{ 'spec.containers.0.env': [{ value: 'x' }] }, 'spec.containers[0].env[0].name: Required value'],
  [
    { 'spec.containers.0.env': [{ name: 'A=B' }] },
    'spec.containers[0].env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters',
  ],
  [
    { 'spec.containers.0.env': [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } }] },
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name"',
  ],
  [
    { 'spec.containers.0.env': [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "spec.x['a']" } } }] },
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.x[\'a\']": error converting fieldPath: field label does not support subscript: spec.x',
  ],
  [
    { 'spec.containers.0.env': [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a b']" } } }] },
    `spec.containers[0].env[0].valueFrom.fieldRef: Invalid value: "a b": ${qualified}`,
  ],
  [
    { 'spec.containers.0.env': [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.gpu' } } }] },
    'spec.containers[0].env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.gpu": supported values: "limits.cpu"',
  ],
  [
    {
      'spec.containers.0.env': [
        { name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } } },
      ],
    },
    'spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
  ],
  [
    { 'spec.containers.0.env': [{ name: 'A', valueFrom: { secretKeyRef: { name: 's' } } }] },
    'spec.containers[0].env[0].valueFrom.secretKeyRef.key: Required value',
  ],
  [
    {
      'spec.containers.0.env': [
        {
          name: 'A',
          valueFrom: { secretKeyRef: { name: 's', key: 'k' }, configMapKeyRef: { name: 'c', key: 'k' } },
        },
      ],
    },
    'spec.containers[0].env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time',
  ],
  [
    { 'spec.containers.0.envFrom': [{}] },
    'spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
  ],
  [
    { 'spec.containers.0.envFrom': [{ secretRef: {} }] },
    'spec.containers[0].envFrom[0].secretRef.name: Required value',
  ],
  [
    { 'spec.containers.0.resources': { requests: { cpu: '3' }, limits: { cpu: '2' } } },
    'spec.containers[0].resources.requests: Invalid value: "3": must be less than or equal to cpu limit of 2',
  ],
  [
    { 'spec.containers.0.resources': { requests: { 'example.com/fpga': '1' } } },
    'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
  ],
  [
    { 'spec.containers.0.resources': { limits: { memory: '-1Gi' } } },
    'spec.containers[0].resources.limits[memory]: Invalid value: "-1Gi": must be greater than or equal to 0',
    'spec.containers[0].resources.requests[memory]: Invalid value: "-1Gi": must be greater than or equal to 0',
  ],
  [
    { 'spec.containers.0.resources': { limits: { pods: '1' } } },
    'spec.containers[0].resources.limits[pods]: Invalid value: "pods": must be a standard resource for containers',
    'spec.containers[0].resources.requests[pods]',
  ],
  [
    { 'spec.containers.0.resources': { limits: { 'hugepages-2Mi': '3Mi', cpu: '1' } } },
    'spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
    'spec.containers[0].resources.requests[hugepages-2Mi]',
  ],
  [
    { 'spec.containers.0.resources': { limits: { 'hugepages-2Mi': '4Mi' } } },
    'spec.containers[0].resources: Forbidden: HugePages require cpu or memory',
  ],
  [
    { 'spec.containers.0.resources': { claims: [{ name: 'gpu' }] } },
    'spec.containers[0].resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty',
  ],
  [
    { 'spec.containers.0.resizePolicy': [{ resourceName: 'disk', restartPolicy: 'NotRequired' }] },
    'spec.containers[0].resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"',
  ],
  [
    { 'spec.containers.0.livenessProbe': {} },
    'spec.containers[0].livenessProbe: Required value: must specify a handler type',
  ],
  [
    { 'spec.containers.0.livenessProbe': { exec: {}, tcpSocket: { port: 1 } } },
    'spec.containers[0].livenessProbe.exec.command: Required value',
    'spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
  ],
  [
    { 'spec.containers.0.readinessProbe': { httpGet: { port: 0, scheme: 'FTP' } } },
    'spec.containers[0].readinessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
    'spec.containers[0].readinessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"',
  ],
  [
    { 'spec.containers.0.startupProbe': { tcpSocket: { port: 1 }, successThreshold: 2, failureThreshold: -1 } },
    'spec.containers[0].startupProbe.failureThreshold: Invalid value: -1: must be greater than or equal to 0',
    'spec.containers[0].startupProbe.successThreshold: Invalid value: 2: must be 1',
  ],
  [
    { 'spec.containers.0.readinessProbe': { grpc: { port: 1 }, terminationGracePeriodSeconds: 5 } },
    'spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes',
  ],
  [
    { 'spec.containers.0.lifecycle': { preStop: { sleep: { seconds: 31 } } } },
    'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
  ],
  [
    { 'spec.containers.0.restartPolicyRules': [{ action: 'Restart' }] },
    'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
    'spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified',
  ],
  [
    { 'spec.initContainers': [{ name: 'app', image: 'i', readinessProbe: { exec: { command: ['x'] } } }] },
    'spec.initContainers[0].name: Duplicate value: "app"',
    'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
  ],
  [
    { 'spec.ephemeralContainers': [{ name: 'debug', image: 'i', ports: [{ containerPort: 1 }] }] },
    'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
    'spec.ephemeralContainers: Forbidden: cannot be set on create',
  ],
  [
    { 'spec.containers.0.securityContext': { runAsUser: -1, procMount: 'Half' } },
    'spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 4294967295, inclusive',
    'spec.containers[0].securityContext.procMount: Unsupported value: "Half": supported values: "Default", "Unmasked"',
  ],
  [
    { 'spec.containers.0.securityContext': { seccompProfile: { type: 'Localhost' } } },
    'spec.containers[0].securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
  ],
  [
    { 'spec.containers.0.securityContext': { appArmorProfile: { type: 'Unconfined', localhostProfile: 'x' } } },
    'spec.containers[0].securityContext.appArmorProfile.localhostProfile: Invalid value: "x": can only be set when AppArmor type is Localhost',
  ],
  [
    { 'spec.containers.0.securityContext': { windowsOptions: { runAsUserName: 'a\\b\\c' } } },
    'spec.containers[0].securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash',
  ],
  [
    {
      'spec.containers.0.securityContext': {
        allowPrivilegeEscalation: false,
        capabilities: { add: ['CAP_SYS_ADMIN'] },
      },
    },
    'spec.containers[0].securityContext: Invalid value: {"Capabilities":{"Add":["CAP_SYS_ADMIN"],"Drop":null},"Privileged":null',
  ],
  [
    { 'spec.containers.0.volumeMounts': [{ name: 'v', mountPath: '/a' }] },
    'spec.containers[0].volumeMounts[0].name: Not found: "v"',
  ],
  [
    { 'spec.restartPolicy': 'Sometimes' },
    'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
  ],
  [{ 'spec.dnsPolicy': 'Mine' }, 'spec.dnsPolicy: Unsupported value: "Mine"'],
  [{ 'spec.dnsPolicy': 'None' }, 'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
  [
    { 'spec.dnsConfig': { nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', 'x'] } },
    'spec.dnsConfig.nameservers: Invalid value: ["10.0.0.1","10.0.0.2","10.0.0.3","x"]: must not have more than 3 nameservers',
    'spec.dnsConfig.nameservers[3]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  [{ 'spec.dnsConfig': { options: [{}] } }, 'spec.dnsConfig.options[0]: Required value: must not be empty'],
  [
    { 'spec.activeDeadlineSeconds': -3 },
    'spec.activeDeadlineSeconds: Invalid value: -3: must be between 1 and 2147483647, inclusive',
  ],
  [{ 'spec.nodeName': 'N1' }, `spec.nodeName: Invalid value: "N1": ${subdomain}`],
  [{ 'spec.hostname': 'a.b' }, 'spec.hostname: Invalid value: "a.b": must not contain dots'],
  [{ 'spec.subdomain': '-' }, `spec.subdomain: Invalid value: "-": ${label}`],
  [{ 'spec.priorityClassName': 'X' }, `spec.priorityClassName: Invalid value: "X": ${subdomain}`],
  [{ 'spec.runtimeClassName': 'X' }, `spec.runtimeClassName: Invalid value: "X": ${subdomain}`],
  [
    { 'spec.preemptionPolicy': 'Maybe' },
    'spec.preemptionPolicy: Unsupported value: "Maybe": supported values: "PreemptLowerPriority", "Never"',
  ],
  [
    { 'spec.hostAliases': [{ ip: 'h', hostnames: ['A'] }] },
    'spec.hostAliases[0].ip: Invalid value: "h": must be a valid IP address',
    `spec.hostAliases[0].hostnames[0]: Invalid value: "A": ${subdomain}`,
  ],
  [
    { 'spec.tolerations': [{ operator: 'Equal', value: 'v' }] },
    'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
  ],
  [
    { 'spec.tolerations': [{ key: 'k', effect: 'NoSchedule', tolerationSeconds: 1 }] },
    'spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
  ],
  [
    { 'spec.tolerations': [{ key: 'k', operator: 'Near' }] },
    'spec.tolerations[0].operator: Unsupported value: "Near": supported values: "Equal", "Exists"',
  ],
  [
    {
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms': [
        { matchExpressions: [{ key: 'k', operator: 'Gt', values: [] }] },
      ],
    },
    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified single value when `operator` is 'Lt' or 'Gt'",
  ],
  [
    {
      'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution': [
        { weight: 101, preference: { matchFields: [{ key: 'spec.x', operator: 'Exists' }] } },
      ],
    },
    'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100',
    'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchFields[0].operator: Invalid value: "Exists": not a valid selector operator',
    'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchFields[0].key: Invalid value: "spec.x": not a valid field selector key',
  ],
  [
    {
      'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution': [
        { topologyKey: 'zone', matchLabelKeys: ['app'] },
      ],
    },
    'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
  ],
  [
    {
      'spec.topologySpreadConstraints': [
        { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 0 },
      ],
    },
    'spec.topologySpreadConstraints[0].minDomains: Invalid value: 0: must be greater than zero',
    'spec.topologySpreadConstraints[0].minDomains: Invalid value: 0: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
  ],
  [
    {
      'spec.topologySpreadConstraints': [
        { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' },
        { maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', nodeTaintsPolicy: 'x' },
      ],
    },
    'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"',
    'spec.topologySpreadConstraints[1].nodeTaintsPolicy: Unsupported value: "x": supported values: "Honor", "Ignore"',
  ],
  [
    { 'spec.schedulingGates': [{ name: 'example.com/a' }], 'spec.nodeName': 'n1' },
    'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
  ],
  [{ 'spec.os': { name: '' } }, 'spec.os.name: Required value: cannot be empty'],
  [
    { 'spec.os': { name: 'windows' }, 'spec.securityContext': { fsGroup: 5 } },
    'spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod',
  ],
  [
    { 'spec.os': { name: 'linux' }, 'spec.securityContext': { windowsOptions: {} } },
    'spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
  ],
  [
    { 'spec.securityContext': { windowsOptions: { hostProcess: true } } },
    'spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers',
  ],
  [{ 'spec.hostUsers': false, 'spec.hostPID': true }, 'spec.HostPID: Forbidden: when `hostUsers` is false'],
  [
    { 'spec.hostPID': true, 'spec.shareProcessNamespace': true },
    'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
  ],
  [
    { 'spec.hostNetwork': true, 'spec.securityContext': { sysctls: [{ name: 'net.core.somaxconn', value: '1' }] } },
    'spec.securityContext.sysctls[0].name: Invalid value: "net.core.somaxconn": may not be specified when \'hostNetwork\' is true',
  ],
  [
    { 'spec.hostNetwork': true, 'spec.containers.0.ports': [{ containerPort: 1, hostPort: 2 }] },
    'spec.containers[0].ports[0].hostPort: Invalid value: 2: must match `containerPort` when `hostNetwork` is true',
  ],
  [
    { 'spec.resourceClaims': [{ name: 'c' }] },
    'spec.resourceClaims[0]: Invalid value: {"Name":"c","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
  ],
  [
    { 'spec.resources': { limits: { cpu: '1', 'ephemeral-storage': '1Gi' } } },
    'spec.resources.limits[ephemeral-storage]: Unsupported value: "ephemeral-storage"',
  ],
  [
    { 'spec.resources': { requests: { cpu: '1' } }, 'spec.containers.0.resources': { requests: { cpu: '2' } } },
    'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
  ],
  [
    { 'spec.resources': { limits: { 'hugepages-2Mi': '2Mi', cpu: '2' } }, 'spec.containers': [huge('a'), huge('b')] },
    'spec.resources.requests[hugepages-2Mi]: Invalid value: "2Mi": must be greater than or equal to aggregate container requests of 4Mi',
    'spec.resources.limits[hugepages-2Mi]: Invalid value: "2Mi": must be greater than or equal to aggregate container limits of 4Mi',
  ],
  [
    { 'spec.os': { name: 'windows' }, 'spec.resources': { limits: { 'ephemeral-storage': '1Gi' } } },
    'spec.resources: Forbidden: may not be set for a windows pod',
  ],
  [
    { 'spec.dnsConfig': { nameservers: ['010.1.1.1'] } },
    'spec.dnsConfig.nameservers[0]: Invalid value: "010.1.1.1": must not have leading 0s',
  ],
  [
    { 'spec.hostAliases': [{ ip: '::ffff:1.2.3.4', hostnames: ['h'] }] },
    'spec.hostAliases[0].ip: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address',
  ],
  [
    {
      'spec.containers.0.env': [
        { name: 'A', valueFrom: { fileKeyRef: { key: 'a=b', volumeName: 'V', path: '../x' } } },
      ],
    },
    'spec.containers[0].env[0].valueFrom.fileKeyRef.key: Invalid value: "a=b"',
    `spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "V": ${label}`,
    'spec.containers[0].env[0].valueFrom.fileKeyRef.path: Invalid value: "../x": must not contain \'..\'',
    'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Not found: "V"',
  ],
  [
    {
      'spec.volumes': [{ name: 'v', hostPath: { path: '/v' } }],
      'spec.containers.0.env': [{ name: 'A', valueFrom: { fileKeyRef: { key: 'a', volumeName: 'v', path: 'x' } } }],
    },
    'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "v": referenced volume must be of type emptyDir',
  ],
  [
    { 'spec.topologySpreadConstraints': [{ ...spread, matchLabelKeys: ['a', 'b c'] }] },
    'spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
  ],
  [
    {
      'metadata.labels': { a: '1' },
      'spec.topologySpreadConstraints': [
        { ...spread, matchLabelKeys: ['x', 'a'], labelSelector: { matchLabels: { a: '1' } } },
      ],
    },
    // Upstream says neither which list it is nor whose index.
    'spec.topologySpreadConstraints[0][1]: Invalid value: "a": exists in both matchLabelKeys and labelSelector',
  ],
  [
    { 'spec.securityContext': { seLinuxChangePolicy: 'MountOption' } },
    'spec.securityContext.seLinuxChangePolicy: Unsupported value: "MountOption": supported values: "Recursive"',
  ],
  [
    {
      'spec.hostUsers': false,
      'spec.volumes': [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }],
      'spec.containers.0.volumeDevices': [{ name: 'v', devicePath: '/dev/x' }],
    },
    'spec.containers[0].volumeDevices: Forbidden: when `hostUsers` is false',
  ],
  [
    {
      'spec.containers.0.env': [
        { name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } } },
        { name: 'B', valueFrom: { resourceFieldRef: { resource: 'requests.odd', divisor: '2' } } },
      ],
    },
    'spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
    'spec.containers[0].env[1].valueFrom.resourceFieldRef.resource: Unsupported value: "requests.odd"',
  ],
  [
    {
      'metadata.annotations': { 'scheduler.alpha.kubernetes.io/tolerations': '[{"key":"a b","effect":"NoSchedule"}]' },
    },
    `metadata.annotations.scheduler.alpha.kubernetes.io/tolerations[0].key: Invalid value: "a b": ${qualified}`,
  ],
  [
    { 'metadata.annotations': { 'scheduler.alpha.kubernetes.io/tolerations': '{}' } },
    'metadata.annotations: Invalid value: "scheduler.alpha.kubernetes.io/tolerations": json: cannot unmarshal object into Go value of type []core.Toleration',
  ],
  [
    { 'metadata.annotations': { 'kubernetes.io/config.mirror': 'x' } },
    'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
  ],
  [
    { 'metadata.annotations': { 'controller.kubernetes.io/pod-deletion-cost': '+1' } },
    'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer',
  ],
  [{ 'spec.hostnameOverride': 'a'.repeat(65) }, 'spec.hostnameOverride: Too long: may not be more than 64 bytes'],
  [{ 'spec.hostnameOverride': 'A' }, `spec.hostnameOverride: Invalid value: "A": ${subdomain}`],
  [
    { 'spec.hostnameOverride': 'a.b', 'spec.setHostnameAsFQDN': true },
    'spec.setHostnameAsFQDN: Forbidden: may not be true when `hostnameOverride` is specified',
  ],
  [
    { 'spec.hostnameOverride': 'a.b', 'spec.hostNetwork': true },
    'spec.hostnameOverride: Forbidden: may not be specified when `hostNetwork` is true',
  ],
  [
    { [podTerms]: [{ topologyKey: 'zone', mismatchLabelKeys: ['team'] }] },
    `${podTerms}[0].mismatchLabelKeys: Forbidden: must not be specified when labelSelector is not set`,
  ],
  [
    { [podTerms]: [{ topologyKey: 'zone', labelSelector: {}, mismatchLabelKeys: ['a b'] }] },
    `${podTerms}[0].mismatchLabelKeys[0]: Invalid value: "a b": ${qualified}`,
  ],
  [
    { [podTerms]: [{ topologyKey: 'zone', labelSelector: {}, matchLabelKeys: ['b', 'a'], mismatchLabelKeys: ['a'] }] },
    `${podTerms}[0].matchLabelKeys[1]: Invalid value: "a": exists in both matchLabelKeys and mismatchLabelKeys`,
  ],
  [
    { [nodeTerms]: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a', 'b'] }] }] },
    `${nodeTerms}[0].matchFields[0].values: Required value: must be only one value when \`operator\` is 'In' or 'NotIn' for node field selector`,
  ],
  [
    { [nodeTerms]: [{ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['A'] }] }] },
    `${nodeTerms}[0].matchFields[0].values[0]: Invalid value: "A": ${subdomain}`,
  ],
  [
    { 'spec.dnsPolicy': 'None', 'spec.dnsConfig': {} },
    'spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None',
  ],
  [{ 'spec.dnsConfig': { searches: Array<string>(33).fill('s') } }, '"s"]: must not have more than 32 search paths'],
  [
    { 'spec.dnsConfig': { searches: [...Array<string>(16).fill('a'.repeat(62) + '.' + 'b'.repeat(64)), 'c'] } },
    'must not have more than 2048 characters (including spaces) in the search list',
  ],
  [
    { 'spec.tolerations': [{ key: 'k', operator: 'Exists', value: 'v' }] },
    'spec.tolerations[0].operator: Invalid value: "v": value must be empty when `operator` is \'Exists\'',
  ],
  [
    { 'spec.tolerations': [{ key: 'k', value: 'v w' }] },
    'spec.tolerations[0].operator: Invalid value: "v w": a valid label must be an empty string or consist of',
  ],
  [
    { 'spec.tolerations': [{ key: 'k', effect: 'Never' }] },
    'spec.tolerations[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
  ],
  [
    { 'spec.resourceClaims': [{ name: 'c', resourceClaimName: 'a', resourceClaimTemplateName: 'b' }] },
    'spec.resourceClaims[0]: Invalid value: {"Name":"c","ResourceClaimName":"a","ResourceClaimTemplateName":"b"}: at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
  ],
  [
    {
      'spec.resourceClaims': [
        { name: 'c', resourceClaimName: 'A' },
        { name: 'c', resourceClaimTemplateName: 'B' },
        { name: '', resourceClaimName: 'a' },
      ],
    },
    `spec.resourceClaims[0].resourceClaimName: Invalid value: "A": ${subdomain}`,
    'spec.resourceClaims[1].name: Duplicate value: "c"',
    `spec.resourceClaims[1].resourceClaimTemplateName: Invalid value: "B": ${subdomain}`,
    'spec.resourceClaims[2].name: Required value',
  ],
  [
    {
      'spec.restartPolicy': 'Never',
      'spec.containers.0.resizePolicy': [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
    },
    "spec.containers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when `restartPolicy` is 'Never'",
  ],
  [
    {
      'spec.containers.0.resizePolicy': [
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'cpu', restartPolicy: 'Sometimes' },
      ],
    },
    'spec.containers[0].resizePolicy[1]: Duplicate value: "cpu"',
    'spec.containers[0].resizePolicy: Unsupported value: "Sometimes": supported values: "NotRequired", "RestartContainer"',
  ],
  [
    { 'spec.containers.0.env': [{ name: 'A', valueFrom: {} }] },
    'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
  ],
  [
    { 'spec.containers.0.env': [{ name: 'A', value: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
    'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
  ],
  [
    {
      'spec.containers.0.env': [
        { name: 'A', valueFrom: { fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } } },
      ],
    },
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2',
  ],
  [
    {
      'spec.containers.0.env': [
        { name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.ephemeral-storage', divisor: '2' } } },
      ],
    },
    'spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.ephemeral-storage": only divisor\'s values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the local ephemeral storage resource',
  ],
  [
    { 'spec.containers.0.securityContext': { procMount: 'Unmasked' } },
    'spec.containers[0].securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`',
  ],
  [
    { 'spec.containers.0.securityContext': { allowPrivilegeEscalation: false, privileged: true } },
    'cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
  ],
  [
    {
      'spec.securityContext': {
        sysctls: ['A b', '', 'kernel.sem', 'kernel.sem', 'a'.repeat(254)].map((name) => ({ name, value: '1' })),
      },
    },
    'spec.securityContext.sysctls[0].name: Invalid value: "A b": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
    'spec.securityContext.sysctls[1].name: Required value',
    'spec.securityContext.sysctls[3].name: Duplicate value: "kernel.sem"',
    'must have at most 253 characters and match regex',
  ],
  [
    { 'spec.hostIPC': true, 'spec.securityContext': { sysctls: [{ name: 'kernel/shmmax', value: '1' }] } },
    'spec.securityContext.sysctls[0].name: Invalid value: "kernel/shmmax": may not be specified when \'hostIPC\' is true',
  ],
  [
    { 'spec.resources': { claims: [] } },
    'spec.resources.claims: Forbidden: claims cannot be set for Resources at pod-level',
  ],
  [
    {
      'spec.resources': { requests: { cpu: '1' }, limits: { cpu: '1' } },
      'spec.containers.0.resources': { requests: { cpu: '1' }, limits: { cpu: '2' } },
    },
    // Upstream mixes the pod's path with its containers'.
    'spec.resources.containers[0][cpu].limits: Invalid value: "2": must be less than or equal to pod limits of 1',
  ],
  [{ 'spec.os': { name: 'plan9' } }, 'spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
  [
    {
      'spec.os': { name: 'windows' },
      'spec.hostUsers': true,
      'spec.hostPID': true,
      'spec.hostIPC': true,
      'spec.shareProcessNamespace': false,
      'spec.securityContext': {
        appArmorProfile: { type: 'Unconfined' },
        seLinuxOptions: {},
        runAsUser: 1,
        sysctls: [],
      },
      'spec.containers.0.securityContext': { capabilities: {}, privileged: false },
    },
    ...[
      'securityContext.appArmorProfile',
      'securityContext.seLinuxOptions',
      'hostUsers',
      'hostPID',
      'hostIPC',
      'shareProcessNamespace',
      'securityContext.runAsUser',
      'containers[0].securityContext.capabilities',
      'containers[0].securityContext.privileged',
    ].map((field) => `spec.${field}: Forbidden: cannot be set for a windows pod`),
  ],
  [
    { 'spec.os': { name: 'linux' }, 'spec.containers.0.securityContext': { windowsOptions: {} } },
    'spec.containers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
  ],
  [
    { 'spec.hostUsers': false, 'spec.hostNetwork': true, 'spec.hostIPC': true },
    'spec.hostNetwork: Forbidden: when `hostUsers` is false',
    'spec.HostIPC: Forbidden: when `hostUsers` is false',
  ],
  [
    { 'metadata.finalizers': ['mine'] },
    'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  ],
];

describe('a pod', () => {
  it.each<Row>(refused)('with %j is refused', (changes, ...messages) => {
    const { refusals } = runCreate('/pods', changed(pod, changes));
    expect(refusals).toHaveLength(messages.length);
    for (const [index, message] of messages.entries()) expect(refusals[index]).toContain(message);
  });

  it.each<[Readonly<Record<string, unknown>>]>([
    [{}],
    [{ 'spec.containers.0.env': [{ name: 'my.odd name', value: '' }] }],
    [
      {
        'spec.containers.0.env': [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['a/b']" } } }],
      },
    ],
    [{ 'spec.containers.0.resources': { limits: { 'example.com/fpga': '2', cpu: '1' } } }],
    [
      {
        'spec.initContainers': [
          { name: 'side', image: 'i', restartPolicy: 'Always', lifecycle: { preStop: { sleep: { seconds: 0 } } } },
        ],
      },
    ],
    [{ 'spec.tolerations': [{ operator: 'Exists' }] }],
    [{ 'spec.securityContext': { seLinuxChangePolicy: 'Recursive' } }],
    [{ 'metadata.annotations': { 'scheduler.alpha.kubernetes.io/tolerations': '[{"key":"a","operator":"Exists"}]' } }],
    [
      {
        'spec.volumes': [{ name: 'v', emptyDir: {} }],
        'spec.containers.0.env': [{ name: 'A', valueFrom: { fileKeyRef: { key: 'a', volumeName: 'v', path: '..x' } } }],
      },
    ],
    [
      {
        'spec.initContainers': [
          { name: 'i', image: 'i', resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] },
        ],
      },
    ],
    // What the pod as a whole does not ask for is no bound for its containers.
    [{ 'spec.resources': { requests: { cpu: '1' } }, 'spec.containers.0.resources': { requests: { memory: '1Gi' } } }],
    [{ 'spec.dnsPolicy': 'None', 'spec.dnsConfig': { nameservers: ['::1'], searches: ['.', 'a_b.c.'] } }],
    [
      {
        'spec.os': { name: 'windows' },
        'spec.hostNetwork': true,
        'spec.securityContext': { windowsOptions: { hostProcess: true } },
      },
    ],
    [
      {
        'spec.resources': { limits: { cpu: '3' }, requests: { cpu: '2' } },
        'spec.containers.0.resources': { requests: { cpu: '2' } },
      },
    ],
    [{ 'metadata.finalizers': ['orphan', 'example.com/x'] }],
    [{ 'spec.hostnameOverride': `${'a'.repeat(62)}.b`, 'spec.setHostnameAsFQDN': false }],
    [{ [podTerms]: [{ topologyKey: 'zone', labelSelector: {}, matchLabelKeys: ['b'], mismatchLabelKeys: ['a'] }] }],
    [{ [nodeTerms]: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }] }],
    [{ 'spec.dnsConfig': { searches: [...Array<string>(31).fill('s'.repeat(63)), 's'.repeat(64)] } }],
    [{ 'spec.tolerations': [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 }] }],
    [{ 'spec.tolerations': [{ key: 'k', value: 'v', effect: 'PreferNoSchedule' }] }],
    [
      {
        'spec.resourceClaims': [
          { name: 'c', resourceClaimName: 'a' },
          { name: 'd', resourceClaimTemplateName: 'b' },
        ],
      },
    ],
    [
      {
        'spec.restartPolicy': 'Never',
        'spec.containers.0.resizePolicy': [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
      },
    ],
    [{ 'spec.containers.0.env': [{ name: 'A', value: '', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }],
    [
      {
        'spec.containers.0.env': [{ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.host' } } }],
      },
    ],
    [
      {
        'spec.containers.0.env': [
          { name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.ephemeral-storage', divisor: '1Mi' } } },
        ],
      },
    ],
    [{ 'spec.hostUsers': false, 'spec.containers.0.securityContext': { procMount: 'Unmasked' } }],
    [{ 'spec.containers.0.securityContext': { allowPrivilegeEscalation: true, privileged: true } }],
    [{ 'spec.hostNetwork': true, 'spec.securityContext': { sysctls: [{ name: 'kernel/shmmax', value: '1' }] } }],
    [{ 'spec.hostIPC': true, 'spec.securityContext': { sysctls: [{ name: 'net.core.somaxconn', value: '1' }] } }],
    [{ 'spec.resources': { limits: { cpu: '2' } }, 'spec.containers.0.resources': { limits: { cpu: '2' } } }],
    [
      {
        'spec.os': { name: 'windows' },
        'spec.containers.0.securityContext': { windowsOptions: {}, runAsNonRoot: true },
      },
    ],
    [{ 'spec.os': { name: 'linux' }, 'spec.hostUsers': false, 'spec.securityContext': { fsGroup: 5 } }],
  ])('with %j is accepted', (changes) => {
    expect(runCreate('/pods', changed(pod, changes)).refusals).toEqual([]);
  });

  it('forgets what gates that are off keep for themselves', () => {
    const { object, refusals } = runCreate(
      '/pods',
      changed(pod, {
        'spec.schedulingGroup': { podGroupName: 'NOT valid' },
        'spec.containers.0.lifecycle': { stopSignal: 'SIGNOPE' },
      }),
    );
    expect(refusals).toEqual([]);
    expect((object as corev1.Pod).spec).not.toHaveProperty('schedulingGroup');
    expect((object as corev1.Pod).spec?.containers[0]).not.toHaveProperty('lifecycle');
  });

  it('keeps addresses in the form that they have, where a newer object would need a better one', () => {
    const odd = changed(runCreate('/pods', pod).object as corev1.Pod, {
      'spec.dnsConfig': { nameservers: ['010.1.1.1'] },
      'spec.hostAliases': [{ ip: '::ffff:1.2.3.4' }],
    });
    expect(runUpdate('/pods', odd, changed(odd, { 'metadata.labels': { a: 'b' } })).refusals).toEqual([]);
  });
});
