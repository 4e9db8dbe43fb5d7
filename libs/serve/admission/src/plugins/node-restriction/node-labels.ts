type Labels = Readonly<Record<string, string>>;

const restricted = 'node-restriction.kubernetes.io';

/** Labels under kubernetes.io and k8s.io that kubelets set (k8s.io/kubelet/pkg/apis `IsKubeletLabel`). */
const kubeletLabels: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);
const kubeletDomains = ['kubelet.kubernetes.io', 'node.kubernetes.io'];
const kubernetesDomains = ['kubernetes.io', 'k8s.io'];

/** Labels that differ and that a node has no say in, sorted: by them it could draw pods to itself. */
export function forbiddenLabels(now: Labels = {}, before: Labels = {}): string[] {
  const keys = new Set([...Object.keys(now), ...Object.keys(before)]);
  return [...keys].filter((key) => valueOf(now, key) !== valueOf(before, key) && isForbidden(key)).sort();
}

const valueOf = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

function isForbidden(key: string): boolean {
  const slash = key.indexOf('/');
  const domain = slash === -1 ? '' : key.slice(0, slash);
  if (isWithin(domain, restricted)) return true;
  if (!kubernetesDomains.some((each) => isWithin(domain, each))) return false;
  return !kubeletLabels.has(key) && !kubeletDomains.some((each) => isWithin(domain, each));
}

const isWithin = (domain: string, parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`);
