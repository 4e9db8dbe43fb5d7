import type { InspectedRequest } from '@reckon/pki';

/** The signers of Kubernetes itself that the controller manager plays. */
export const signerNames = {
  apiClient: 'kubernetes.io/kube-apiserver-client',
  kubeletClient: 'kubernetes.io/kube-apiserver-client-kubelet',
  kubeletServing: 'kubernetes.io/kubelet-serving',
  legacyUnknown: 'kubernetes.io/legacy-unknown',
} as const;

export type SignerName = (typeof signerNames)[keyof typeof signerNames];

const nodeGroup = 'system:nodes';
const nodePrefix = 'system:node:';

const texts = {
  organization: 'subject organization is not system:nodes',
  commonName: 'subject common name does not begin with system:node:',
  dns: 'DNS subjectAltNames are not allowed',
  email: 'Email subjectAltNames are not allowed',
  ip: 'IP subjectAltNames are not allowed',
  uri: 'URI subjectAltNames are not allowed',
  missingName: 'DNS or IP subjectAltName is required',
} as const;

type Asked = Pick<
  InspectedRequest,
  'commonName' | 'organizations' | 'dnsNames' | 'emailAddresses' | 'ipAddresses' | 'uris'
>;

/** What is wrong with a request for this signer; undefined: nothing. */
export const signerRules: Readonly<
  Record<SignerName, (asked: Asked, usages: readonly string[]) => string | undefined>
> = {
  [signerNames.apiClient]: (_asked, usages) => apiClientProblem(usages),
  [signerNames.kubeletClient]: kubeletClientProblem,
  [signerNames.kubeletServing]: kubeletServingProblem,
  // Only v1beta1 could ask for it, and it promises nothing.
  [signerNames.legacyUnknown]: () => undefined,
};

export const isSignerName = (name: string): name is SignerName => Object.hasOwn(signerRules, name);

/** pkg/controller/certificates/signer `validAPIServerClientUsages`. */
function apiClientProblem(usages: readonly string[]): string | undefined {
  const stranger = usages.find((usage) => !['digital signature', 'key encipherment', 'client auth'].includes(usage));
  if (stranger !== undefined) return `invalid usage for client certificate: ${stranger}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

/** pkg/apis/certificates `ValidateKubeletClientCSR`. */
export function kubeletClientProblem(asked: Asked, usages: readonly string[]): string | undefined {
  if (!isOfNodes(asked)) return texts.organization;
  if (asked.dnsNames.length > 0) return texts.dns;
  if (asked.emailAddresses.length > 0) return texts.email;
  if (asked.ipAddresses.length > 0) return texts.ip;
  if (asked.uris.length > 0) return texts.uri;
  if (!asked.commonName.startsWith(nodePrefix)) return texts.commonName;
  return usagesProblem(usages, ['client auth', 'digital signature', 'key encipherment']);
}

/** pkg/apis/certificates `ValidateKubeletServingCSR`. */
function kubeletServingProblem(asked: Asked, usages: readonly string[]): string | undefined {
  if (!isOfNodes(asked)) return texts.organization;
  if (asked.dnsNames.length === 0 && asked.ipAddresses.length === 0) return texts.missingName;
  if (asked.emailAddresses.length > 0) return texts.email;
  if (asked.uris.length > 0) return texts.uri;
  const problem = usagesProblem(usages, ['digital signature', 'key encipherment', 'server auth']);
  if (problem !== undefined) return problem;
  return asked.commonName.startsWith(nodePrefix) ? undefined : texts.commonName;
}

const isOfNodes = ({ organizations }: Asked): boolean => organizations.length === 1 && organizations[0] === nodeGroup;

/** `all`, sorted; keys that are no RSA keys do without encipherment. */
function usagesProblem(usages: readonly string[], all: readonly string[]): string | undefined {
  const asked = new Set(usages);
  const isExactly = (wanted: readonly string[]): boolean =>
    asked.size === wanted.length && wanted.every((usage) => asked.has(usage));
  const isRight = isExactly(all) || isExactly(all.filter((usage) => usage !== 'key encipherment'));
  return isRight ? undefined : `usages did not match [${all.join(' ')}]`;
}
