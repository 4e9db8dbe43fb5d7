import {
  type FieldPath,
  fieldErrors,
  fieldPath,
  parseIp,
  validateDns1123Label,
  validateDns1123Subdomain,
  validatePortName,
  validateWildcardDns1123Subdomain,
} from '@reckon/api/machinery';
import type { networkingv1 } from '@reckon/api/types';
import { checkRequiredText, checkText, type Errors } from '../../field-checks';
import { checkPortNumber } from '../../port-checks';
import { legacyIpMessages } from './ip-format';
import { validateTypedReference } from './typed-reference';

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const badSequences = ['//', '/./', '/../', '%2f', '%2F'];
const badEndings = ['/..', '/.'];

/** What an update tolerates because the stored object has it already. */
interface Tolerated {
  readonly secretNames: boolean;
  readonly wildcardRules: boolean;
}

/** ValidateIngressCreate and, with `old`, ValidateIngressUpdate. */
export function validateIngress(ingress: networkingv1.Ingress, old: networkingv1.Ingress | undefined): Errors {
  const errors: Errors = [];
  const tolerated: Tolerated = {
    secretNames: (old?.spec?.tls ?? []).some(({ secretName }) => secretMessages(secretName).length > 0),
    wildcardRules: (old?.spec?.rules ?? []).some((rule) => (rule.host ?? '').includes('*') && hasBadPaths(rule)),
  };
  validateSpec(errors, fieldPath('spec'), ingress.spec ?? {}, tolerated);
  return errors;
}

function validateSpec(errors: Errors, path: FieldPath, spec: networkingv1.IngressSpec, tolerated: Tolerated): void {
  const rules = spec.rules ?? [];
  if (rules.length === 0 && spec.defaultBackend === undefined)
    errors.push(fieldErrors.invalid(path, spec.rules, 'either `defaultBackend` or `rules` must be specified'));
  if (spec.defaultBackend !== undefined) validateBackend(errors, path.child('defaultBackend'), spec.defaultBackend);
  for (const [index, rule] of rules.entries())
    validateRule(errors, path.child('rules').index(index), rule, tolerated.wildcardRules);
  for (const [index, tls] of (spec.tls ?? []).entries()) {
    const tlsPath = path.child('tls').index(index);
    for (const [i, host] of (tls.hosts ?? []).entries()) checkHost(errors, tlsPath.child('hosts').index(i), host);
    if (!tolerated.secretNames) checkText(errors, tlsPath.child('secretName'), tls.secretName ?? '', secretMessages);
  }
  if (spec.ingressClassName !== undefined)
    checkText(errors, path.child('ingressClassName'), spec.ingressClassName, validateDns1123Subdomain);
}

const secretMessages = (name: string | undefined): string[] => (name ? validateDns1123Subdomain(name) : []);

const checkHost = (errors: Errors, path: FieldPath, host: string): void =>
  checkText(errors, path, host, host.includes('*') ? validateWildcardDns1123Subdomain : validateDns1123Subdomain);

function validateRule(
  errors: Errors,
  path: FieldPath,
  rule: networkingv1.IngressRule,
  toleratesWildcards: boolean,
): void {
  const host = rule.host ?? '';
  if (host !== '') {
    const hostPath = path.child('host');
    checkIsNoAddress(errors, hostPath, host);
    checkHost(errors, hostPath, host);
  }
  if (host.includes('*') && toleratesWildcards) return;
  if (rule.http !== undefined) validatePaths(errors, path.child('http', 'paths'), rule.http.paths ?? []);
}

function checkIsNoAddress(errors: Errors, path: FieldPath, host: string): void {
  if (parseIp(host) !== undefined)
    errors.push(fieldErrors.invalid(path, host, 'must be a DNS name, not an IP address'));
}

function hasBadPaths(rule: networkingv1.IngressRule): boolean {
  const errors: Errors = [];
  if (rule.http !== undefined) validatePaths(errors, fieldPath(''), rule.http.paths ?? []);
  return errors.length > 0;
}

function validatePaths(errors: Errors, path: FieldPath, paths: readonly networkingv1.HTTPIngressPath[]): void {
  if (paths.length === 0) errors.push(fieldErrors.required(path));
  for (const [index, one] of paths.entries()) validatePath(errors, path.index(index), one);
}

function validatePath(
  errors: Errors,
  path: FieldPath,
  { path: text = '', pathType, backend }: networkingv1.HTTPIngressPath,
): void {
  const textPath = path.child('path');
  // A required pointer that a body leaves out is null.
  switch (pathType ?? undefined) {
    case undefined:
      errors.push(fieldErrors.required(path.child('pathType'), 'pathType must be specified'));
      return;
    case 'Exact':
    case 'Prefix':
      if (!text.startsWith('/')) errors.push(fieldErrors.invalid(textPath, text, 'must be an absolute path'));
      for (const sequence of badSequences)
        if (text.includes(sequence)) errors.push(fieldErrors.invalid(textPath, text, `must not contain '${sequence}'`));
      for (const ending of badEndings)
        if (text.endsWith(ending)) errors.push(fieldErrors.invalid(textPath, text, `cannot end with '${ending}'`));
      break;
    case 'ImplementationSpecific':
      if (text !== '' && !text.startsWith('/'))
        errors.push(fieldErrors.invalid(textPath, text, 'must be an absolute path'));
      break;
    default:
      errors.push(fieldErrors.notSupported(path.child('pathType'), pathType, pathTypes));
  }
  validateBackend(errors, path.child('backend'), backend ?? {});
}

/** validateIngressBackend. */
function validateBackend(errors: Errors, path: FieldPath, { resource, service }: networkingv1.IngressBackend): void {
  if (resource !== undefined && service !== undefined)
    errors.push(fieldErrors.invalid(path, '', 'cannot set both resource and service backends'));
  else if (resource !== undefined) validateTypedReference(errors, path.child('resource'), resource);
  else if (service !== undefined) validateService(errors, path, service);
  else errors.push(fieldErrors.invalid(path, '', 'resource or service backend is required'));
}

function validateService(errors: Errors, path: FieldPath, service: networkingv1.IngressServiceBackend): void {
  checkRequiredText(errors, path.child('service', 'name'), service.name, validateDns1123Label);
  const { name = '', number = 0 } = service.port ?? {};
  if (name !== '' && number !== 0)
    errors.push(fieldErrors.invalid(path, '', 'cannot set both port name & port number'));
  else if (name !== '') checkText(errors, path.child('service', 'port', 'name'), name, validatePortName);
  else if (number !== 0) checkPortNumber(errors, path.child('service', 'port', 'number'), number);
  else errors.push(fieldErrors.required(path, 'port name or number is required'));
}

/** ValidateIngressStatusUpdate. */
export function validateIngressStatus(ingress: networkingv1.Ingress, old: networkingv1.Ingress): Errors {
  const errors: Errors = [];
  const existing = (old.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []));
  for (const [index, { ip, hostname }] of (ingress.status?.loadBalancer?.ingress ?? []).entries()) {
    const path = fieldPath('status', 'loadBalancer', 'ingress').index(index);
    if (ip) checkText(errors, path.child('ip'), ip, (text) => legacyIpMessages(text, existing));
    if (!hostname) continue;
    checkText(errors, path.child('hostname'), hostname, validateDns1123Subdomain);
    checkIsNoAddress(errors, path.child('hostname'), hostname);
  }
  return errors;
}
