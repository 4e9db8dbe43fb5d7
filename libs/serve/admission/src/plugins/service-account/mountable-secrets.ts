import type { corev1 } from '@reckon/api/types';

const enforceMountable = 'kubernetes.io/enforce-mountable-secrets';

/** strconv.ParseBool */
const trueTexts: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

/** Whether pods of the account may only use what it lists. */
export const isMountableEnforced = (account: corev1.ServiceAccount): boolean =>
  trueTexts.has(account.metadata.annotations?.[enforceMountable] ?? '');

interface Listed {
  readonly account: string;
  readonly secrets: ReadonlySet<string>;
}

const listedBy = (account: corev1.ServiceAccount): Listed => ({
  account: account.metadata.name ?? '',
  secrets: new Set((account.secrets ?? []).map((secret) => secret.name ?? '')),
});

/** Why a pod may not have what it asks for; undefined if it may (`limitSecretReferences`). */
export function podSecretProblem(account: corev1.ServiceAccount, spec: corev1.PodSpec): string | undefined {
  const listed = listedBy(account);
  for (const { secret } of spec.volumes ?? [])
    if (secret !== undefined && !listed.secrets.has(secret.secretName ?? ''))
      return `volume with ${notListed(listed, secret.secretName)}`;
  const problem =
    containerProblem(listed, 'init container', spec.initContainers) ??
    containerProblem(listed, 'container', spec.containers);
  if (problem !== undefined) return problem;
  const pullable = new Set((account.imagePullSecrets ?? []).map((secret) => secret.name ?? ''));
  for (const [index, { name = '' }] of (spec.imagePullSecrets ?? []).entries())
    if (!pullable.has(name))
      return `imagePullSecrets[${index}].name="${name}" is not allowed because service account ${listed.account} does not reference that imagePullSecret`;
  return undefined;
}

/** The same for ephemeral containers, which come later. */
export function ephemeralSecretProblem(account: corev1.ServiceAccount, spec: corev1.PodSpec): string | undefined {
  return containerProblem(listedBy(account), 'ephemeral container', spec.ephemeralContainers);
}

function containerProblem(
  listed: Listed,
  kind: string,
  containers: readonly Pick<corev1.Container, 'name' | 'env' | 'envFrom'>[] | undefined,
): string | undefined {
  for (const { name, env, envFrom } of containers ?? []) {
    for (const variable of env ?? []) {
      const ref = variable.valueFrom?.secretKeyRef;
      if (ref !== undefined && !listed.secrets.has(ref.name ?? ''))
        return `${kind} ${name} with envVar ${variable.name} referencing ${notListed(listed, ref.name)}`;
    }
    for (const { secretRef } of envFrom ?? [])
      if (secretRef !== undefined && !listed.secrets.has(secretRef.name ?? ''))
        return `${kind} ${name} with envFrom referencing ${notListed(listed, secretRef.name)}`;
  }
  return undefined;
}

const notListed = ({ account }: Listed, secret = ''): string =>
  `secret.secretName="${secret}" is not allowed because service account ${account} does not reference that secret`;
