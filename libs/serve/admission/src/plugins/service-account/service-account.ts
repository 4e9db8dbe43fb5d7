import type { corev1 } from '@reckon/api/types';
import type { Random, Timers } from '@reckon/kernel';
import { admissionForbidden } from '../../admission-forbidden';
import type { ObjectReader } from '../../object-reader';
import type { AdmissionAttributes, AdmissionPlugin } from '../../plugin';
import { isAbout, podOf } from '../../target';
import { ephemeralSecretProblem, isMountableEnforced, podSecretProblem } from './mountable-secrets';
import { mountToken } from './token-volume';

type Account = corev1.ServiceAccount;

const accounts = { group: '', resource: 'serviceaccounts' };
const defaultAccount = 'default';
const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** A new namespace's default account is a moment away: upstream looks ten times. */
const waits = 10;
const waitMs = 100;

export interface ServiceAccountParts {
  readonly objects: ObjectReader;
  readonly random: Random;
  readonly timers: Pick<Timers, 'sleep'>;
}

/** Every pod runs as a service account that is there, and sees its token (plugin/pkg/admission/serviceaccount). */
export function serviceAccount(parts: ServiceAccountParts): AdmissionPlugin {
  const { objects } = parts;

  const find = (namespace: string, name: string): Account | undefined =>
    objects.get<Account>(accounts, namespace, name);

  function admit(attributes: AdmissionAttributes): void | Promise<void> {
    const spec = attributes.operation === 'CREATE' ? podOf(attributes)?.spec : undefined;
    if (spec === undefined) return;
    if (isMirror(attributes)) {
      refuseMirror(attributes, spec);
      return;
    }
    const name = firstOf(spec.serviceAccountName, spec.serviceAccount, defaultAccount);
    spec.serviceAccountName = name;
    spec.serviceAccount = name;
    const account = find(attributes.namespace, name);
    if (account !== undefined) complete(spec, account);
    else if (name === defaultAccount) return awaitDefault(attributes, spec);
    else throw notFound(attributes, name);
  }

  async function awaitDefault(attributes: AdmissionAttributes, spec: corev1.PodSpec): Promise<void> {
    for (let i = 0; i < waits && !attributes.ctx.signal.aborted; i++) {
      await parts.timers.sleep(waitMs + parts.random.int(waitMs), attributes.ctx.signal);
      const account = find(attributes.namespace, defaultAccount);
      if (account === undefined) continue;
      complete(spec, account);
      return;
    }
    throw notFound(attributes, defaultAccount);
  }

  function complete(spec: corev1.PodSpec, account: Account): void {
    if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true)
      mountToken(spec, parts.random);
    const pullSecrets = account.imagePullSecrets ?? [];
    if ((spec.imagePullSecrets ?? []).length === 0 && pullSecrets.length > 0)
      spec.imagePullSecrets = pullSecrets.map(({ name }) => (name === undefined ? {} : { name }));
  }

  function validate(attributes: AdmissionAttributes): void {
    const { operation, subresource, namespace, object } = attributes;
    if (object === undefined || !isAbout(attributes, '', 'pods')) return;
    const isEphemeral = operation === 'UPDATE' && subresource === 'ephemeralcontainers';
    if (!isEphemeral && (operation !== 'CREATE' || subresource !== '')) return;
    const { spec } = object as corev1.Pod;
    if (spec === undefined) return;
    if (isMirror(attributes)) {
      refuseMirror(attributes, spec);
      return;
    }
    const name = spec.serviceAccountName ?? '';
    const account = find(namespace, name);
    if (account === undefined) throw notFound(attributes, name);
    if (!isMountableEnforced(account)) return;
    const problem = isEphemeral ? ephemeralSecretProblem(account, spec) : podSecretProblem(account, spec);
    if (problem !== undefined) throw admissionForbidden(attributes, problem);
  }

  return {
    name: 'ServiceAccount',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    admit,
    validate,
  };
}

const firstOf = (...texts: readonly (string | undefined)[]): string =>
  texts.find((text) => text !== undefined && text !== '') ?? '';

const notFound = (attributes: AdmissionAttributes, name: string): Error =>
  admissionForbidden(
    attributes,
    `error looking up service account ${attributes.namespace}/${name}: serviceaccount "${name}" not found`,
  );

const isMirror = ({ object }: AdmissionAttributes): boolean =>
  object?.metadata.annotations !== undefined && Object.hasOwn(object.metadata.annotations, mirrorAnnotation);

/** Mirror pods show what a kubelet runs by itself: they can have nothing of the API. */
function refuseMirror(attributes: AdmissionAttributes, spec: corev1.PodSpec): void {
  if (firstOf(spec.serviceAccountName) !== '')
    throw admissionForbidden(attributes, 'a mirror pod may not reference service accounts');
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const hasSecret =
    (spec.imagePullSecrets ?? []).length > 0 ||
    (spec.volumes ?? []).some(
      (v) => v.secret !== undefined || (v.projected?.sources ?? []).some((s) => s.secret !== undefined),
    ) ||
    containers.some(
      (c) =>
        (c.env ?? []).some((e) => e.valueFrom?.secretKeyRef !== undefined) ||
        (c.envFrom ?? []).some((e) => e.secretRef !== undefined),
    );
  if (hasSecret) throw admissionForbidden(attributes, 'a mirror pod may not reference secrets');
  if ((spec.volumes ?? []).some((v) => (v.projected?.sources ?? []).some((s) => s.serviceAccountToken !== undefined)))
    throw admissionForbidden(attributes, 'a mirror pod may not use ServiceAccountToken volume projections');
}
