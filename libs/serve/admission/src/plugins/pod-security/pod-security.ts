import { aggregateMessage, goQuote, type KubeObject, statusErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { admissionForbidden } from '../../admission-forbidden';
import type { ObjectReader } from '../../object-reader';
import type { AdmissionAttributes, AdmissionPlugin } from '../../plugin';
import { isAbout } from '../../target';
import { existingPodWarnings } from './existing-pods';
import type { CheckedPod } from './pod-check';
import type { PodSecuritySettings } from './pod-security-configuration';
import type { PodSecurityMetrics } from './pod-security-metrics';
import { podTemplateOf } from './pod-template-of';
import {
  isOpen,
  isSame,
  isSamePolicy,
  isStricter,
  labelPrefix,
  levelText,
  type LevelVersion,
  modes,
  type Policy,
  policyOf,
  type ReadPolicy,
} from './policy';
import { detailsText, violationsOf } from './violations-of';

const namespaces = { group: '', resource: 'namespaces' };
const pods = { group: '', resource: 'pods' };

/** These cannot change what a pod runs; whatever else there may be is looked at. */
const harmless: ReadonlySet<string> = new Set([
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
]);

export interface PodSecurityParts {
  readonly objects: ObjectReader;
  readonly settings: PodSecuritySettings;
  readonly metrics?: PodSecurityMetrics | undefined;
}

/**
 * Keeps pods to the Pod Security Standards that their namespace's labels ask for (k8s.io/pod-security-admission/admission): refuses
 * pods, warns of controllers whose pods would be refused, and of pods that are there already when a namespace becomes stricter.
 */
export function podSecurity({
  objects,
  settings: { defaults, exemptions },
  metrics,
}: PodSecurityParts): AdmissionPlugin {
  // Every pod asks, and namespaces seldom change.
  const policies = new WeakMap<corev1.Namespace, ReadPolicy>();

  function policyIn(name: string): ReadPolicy {
    const namespace = objects.get<corev1.Namespace>(namespaces, '', name);
    if (namespace === undefined) return { policy: defaults, errors: [] };
    let read = policies.get(namespace);
    if (read === undefined) {
      read = policyOf(namespace.metadata.labels, defaults);
      policies.set(namespace, read);
    }
    return read;
  }

  /** Notes what excuses the request; false if nothing does. */
  function isExempt(attributes: AdmissionAttributes, runtimeClass: string | undefined): boolean {
    const { ctx, namespace } = attributes;
    const by = exemptions.namespaces.has(namespace)
      ? 'namespace'
      : exemptions.usernames.has(ctx.user.name)
        ? 'user'
        : runtimeClass !== undefined && exemptions.runtimeClasses.has(runtimeClass)
          ? 'runtimeClass'
          : undefined;
    if (by === undefined) return false;
    ctx.annotate?.(`${labelPrefix}exempt`, by);
    metrics?.exempted(attributes);
    return true;
  }

  function validateNamespace(attributes: AdmissionAttributes): void {
    const { ctx, operation, object, oldObject, subresource, row, name } = attributes;
    if (subresource !== '' || object === undefined) return;
    const { policy, errors } = policyOf(object.metadata.labels, defaults);
    const before = operation === 'UPDATE' ? policyOf(oldObject?.metadata.labels, defaults) : undefined;
    // What was wrong before stays as it is.
    if (errors.length > 0 && errors.join('\n') !== before?.errors.join('\n'))
      throw statusErrors.invalid({ group: row.group, kind: row.kind }, name, errors);
    const namespace = object.metadata.name ?? name;
    if (before !== undefined && !isTightened(policy.enforce, before.policy.enforce)) return;
    if (exemptions.namespaces.has(namespace)) {
      const warning = ignoredPolicyWarning(namespace, policy, defaults, object.metadata.labels ?? {});
      if (warning !== undefined) ctx.warn(warning);
    } else if (before !== undefined) {
      const concerned = objects
        .list<corev1.Pod>(pods, namespace)
        .filter(({ spec }) => !exemptions.runtimeClasses.has(spec?.runtimeClassName ?? ''));
      for (const warning of existingPodWarnings(namespace, concerned, policy.enforce)) ctx.warn(warning);
    }
  }

  function validatePod(attributes: AdmissionAttributes): void {
    const { operation, subresource, namespace, object, oldObject, ctx } = attributes;
    const pod = object as corev1.Pod | undefined;
    if (harmless.has(subresource) || pod === undefined || isExempt(attributes, undefined)) return;
    const read = policyIn(namespace);
    if (read.errors.length === 0 && isOpen(read.policy)) {
      ctx.annotate?.(`${labelPrefix}enforce-policy`, levelText(read.policy.enforce));
      metrics?.passed(attributes);
      return;
    }
    if (operation === 'UPDATE' && !isSignificant(pod, oldObject)) return;
    judge(attributes, read, pod, true);
  }

  function validateController(
    attributes: AdmissionAttributes,
    templateOf: (object: KubeObject) => corev1.PodTemplateSpec | undefined,
  ): void {
    const { subresource, namespace, object } = attributes;
    if (subresource !== '' || object === undefined || isExempt(attributes, undefined)) return;
    const read = policyIn(namespace);
    const { warn, audit } = read.policy;
    if (read.errors.length === 0 && warn.level === 'privileged' && audit.level === 'privileged') return;
    const template = templateOf(object);
    if (template != null) judge(attributes, read, template, false);
  }

  function judge(
    attributes: AdmissionAttributes,
    { policy, errors }: ReadPolicy,
    { metadata, spec }: Pick<corev1.PodTemplateSpec, 'metadata' | 'spec'>,
    isEnforced: boolean,
  ): void {
    if (spec === undefined || isExempt(attributes, spec.runtimeClassName)) return;
    const { ctx } = attributes;
    const pod: CheckedPod = { annotations: metadata?.annotations ?? {}, spec };
    const told = new Map<string, string>();
    const problemsAt = (level: LevelVersion): string => {
      const key = levelText(level);
      const known = told.get(key) ?? detailsText(violationsOf(level, pod));
      told.set(key, known);
      return known;
    };
    const text = (level: LevelVersion, problems: string): string =>
      `violate PodSecurity ${goQuote(levelText(level))}: ${problems}`;

    if (errors.length > 0) {
      ctx.annotate?.(`${labelPrefix}error`, `Failed to parse policy: ${aggregateMessage(errors.map(String))}`);
      metrics?.failed(attributes, false);
    }
    if (isEnforced) ctx.annotate?.(`${labelPrefix}enforce-policy`, levelText(policy.enforce));
    const refused = isEnforced ? problemsAt(policy.enforce) : '';
    if (isEnforced) metrics?.evaluated(attributes, refused === '', 'enforce', policy.enforce);
    const audited = problemsAt(policy.audit);
    if (audited !== '') {
      ctx.annotate?.(`${labelPrefix}audit-violations`, `would ${text(policy.audit, audited)}`);
      metrics?.evaluated(attributes, false, 'audit', policy.audit);
    }
    if (refused !== '')
      throw admissionForbidden(attributes, `violates PodSecurity ${goQuote(levelText(policy.enforce))}: ${refused}`);
    const warned = problemsAt(policy.warn);
    if (warned === '') return;
    ctx.warn(`would ${text(policy.warn, warned)}`);
    metrics?.evaluated(attributes, false, 'warn', policy.warn);
  }

  return {
    name: 'PodSecurity',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    validate(attributes) {
      if (isAbout(attributes, '', 'pods')) {
        validatePod(attributes);
        return;
      }
      if (isAbout(attributes, '', 'namespaces')) {
        validateNamespace(attributes);
        return;
      }
      const templateOf = podTemplateOf(attributes.row.group, attributes.row.resource);
      if (templateOf !== undefined) validateController(attributes, templateOf);
    },
  };
}

/** Whether pods that were good may not be so any more. */
function isTightened(after: LevelVersion, before: LevelVersion): boolean {
  if (isSame(after, before) || after.level === 'privileged') return false;
  return after.version !== before.version || isStricter(after.level, before.level);
}

/** Labels that somebody meant to have an effect, on a namespace that is not looked at. */
function ignoredPolicyWarning(
  namespace: string,
  policy: Policy,
  defaults: Policy,
  labels: Readonly<Record<string, string>>,
): string | undefined {
  if (isOpen(policy) || isSamePolicy(policy, defaults)) return undefined;
  const isSet = (name: string): boolean => Object.hasOwn(labels, labelPrefix + name);
  const parts = modes
    .filter((mode) => policy[mode].level !== 'privileged' && (isSet(mode) || isSet(`${mode}-version`)))
    .map((mode) => `${mode}=${levelText(policy[mode])}`);
  return `namespace ${goQuote(namespace)} is exempt from Pod Security, and the policy (${parts.join(', ')}) will be ignored`;
}

/** Images, and containers that were not there: all of a pod that can be changed and matters. */
function isSignificant({ spec }: corev1.Pod, old: corev1.Pod | undefined): boolean {
  const before = old?.spec;
  if (spec === undefined || before === undefined) return true;
  const isChanged = (now: readonly corev1.Container[] = [], then: readonly corev1.Container[] = []): boolean =>
    now.length !== then.length || now.some(({ image }, i) => image !== then[i]?.image);
  if (isChanged(spec.containers, before.containers) || isChanged(spec.initContainers, before.initContainers))
    return true;
  return (spec.ephemeralContainers ?? []).some(({ name, image }) => {
    const known = before.ephemeralContainers?.find((container) => container.name === name);
    return known === undefined || known.image !== image;
  });
}
