import { fieldErrors, fieldPath, statusErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Errors } from '../../../field-checks';
import { validateClusterIps } from './cluster-ips';
import { familyOf, type IpFamily, sameClusterIps, sameTexts } from './service-type';

type Spec = corev1.ServiceSpec;

/**
 * Settles `ipFamilies` and `ipFamilyPolicy` from what the client said and what the cluster has, or throws 422
 * (Allocators.initIPFamilyFields in pkg/registry/core/service/storage). It comes before validation and stops there: what
 * is left is consistent.
 */
export function settleIpFamilies(
  service: corev1.Service,
  old: corev1.Service | undefined,
  clusterFamilies: readonly IpFamily[],
): void {
  const spec = (service.spec ??= {});
  if (spec.type === 'ExternalName') return;
  const before = old?.spec;
  if (before && staysPreferDualStack(spec, before)) return;
  spec.ipFamilyPolicy ??= defaultPolicy(spec, before);
  refuse(service, validateClusterIps(spec, before));
  const errors: Errors = [];
  const policyPath = fieldPath('spec', 'ipFamilyPolicy');
  const wrongPolicy = (detail: string): void => {
    errors.push(fieldErrors.invalid(policyPath, spec.ipFamilyPolicy, detail));
  };
  if (before) followOldFamilies(spec, before, wrongPolicy);
  if (spec.ipFamilyPolicy === 'SingleStack') {
    if (spec.clusterIPs?.length === 2)
      wrongPolicy("must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified");
    if (spec.ipFamilies?.length === 2)
      wrongPolicy("must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified");
  }
  inferFamilies(errors, spec, clusterFamilies);
  refuse(service, errors);
  const primary = clusterFamilies[0] ?? 'IPv4';
  if (spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0) {
    // Nobody but the client knows the endpoints, so both families are fine even where the cluster has one.
    const families = (spec.ipFamilies ??= []);
    if (families.length === 0) families.push(primary);
    if (families.length < 2 && spec.ipFamilyPolicy !== 'SingleStack') families.push(otherFamily(families[0]));
    return;
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack' && clusterFamilies.length < 2)
    wrongPolicy('this cluster is not configured for dual-stack services');
  for (const [index, family] of (spec.ipFamilies ?? []).entries())
    if (!clusterFamilies.includes(family as IpFamily))
      errors.push(
        fieldErrors.invalid(fieldPath('spec', 'ipFamilies').index(index), family, 'not configured on this cluster'),
      );
  refuse(service, errors);
  const families = (spec.ipFamilies ??= []);
  if (families.length === 0) families.push(primary);
  if (spec.ipFamilyPolicy !== 'SingleStack' && families.length === 1 && clusterFamilies.length === 2)
    families.push(otherFamily(families[0]));
}

const otherFamily = (family: string | undefined): IpFamily => (family === 'IPv4' ? 'IPv6' : 'IPv4');

function defaultPolicy(spec: Spec, old: Spec | undefined): string {
  if (old?.ipFamilyPolicy !== undefined) return old.ipFamilyPolicy;
  const selectorless = Object.keys(spec.selector ?? {}).length === 0;
  return spec.clusterIP === 'None' && selectorless ? 'RequireDualStack' : 'SingleStack';
}

/** A service that merely prefers two families is never changed because the cluster did. */
function staysPreferDualStack(spec: Spec, old: Spec): boolean {
  return (
    spec.ipFamilyPolicy === 'PreferDualStack' &&
    (old.ipFamilyPolicy === undefined || old.ipFamilyPolicy === 'PreferDualStack') &&
    spec.type === old.type &&
    (spec.type === 'ClusterIP' || spec.type === 'NodePort' || spec.type === 'LoadBalancer') &&
    sameClusterIps(spec, old) &&
    sameTexts(spec.ipFamilies, old.ipFamilies)
  );
}

function followOldFamilies(spec: Spec, old: Spec, wrongPolicy: (detail: string) => void): void {
  const ips = spec.clusterIPs ?? [];
  const families = spec.ipFamilies ?? [];
  if (spec.ipFamilyPolicy === 'SingleStack') {
    // The policy alone is clear enough: the second address goes.
    if (sameClusterIps(old, spec) && ips.length > 1) spec.clusterIPs = ips.slice(0, 1);
    if (sameTexts(old.ipFamilies, families) && families.length > 1) spec.ipFamilies = families.slice(0, 1);
    return;
  }
  if (ips.length > 0 && ips.length < (old.clusterIPs ?? []).length)
    wrongPolicy("must be 'SingleStack' to release the secondary cluster IP");
  if (families.length > 0 && families.length < (old.ipFamilies ?? []).length)
    wrongPolicy("must be 'SingleStack' to release the secondary IP family");
}

/** An address that the client chose tells its family. */
function inferFamilies(errors: Errors, spec: Spec, clusterFamilies: readonly IpFamily[]): void {
  const given = (spec.ipFamilies ?? []).length;
  for (const [index, ip] of (spec.clusterIPs ?? []).entries()) {
    if (ip === 'None') return;
    if (index < given) continue;
    const family = familyOf(ip);
    if (clusterFamilies.includes(family)) (spec.ipFamilies ??= []).push(family);
    else
      errors.push(
        fieldErrors.invalid(
          fieldPath('spec', 'clusterIPs').index(index),
          spec.clusterIPs,
          `${family} is not configured on this cluster`,
        ),
      );
  }
}

function refuse(service: corev1.Service, errors: Errors): void {
  if (errors.length > 0)
    throw statusErrors.invalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', errors);
}
