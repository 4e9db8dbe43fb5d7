import type { authenticationv1, corev1 } from '@reckon/api/types';
import { goQuote } from '@reckon/api/machinery';
import { admissionForbidden } from '../../admission-forbidden';
import type { NodeRequest } from './node-restriction';
import { isOn, podNamed } from './pods';
import { audienceUse } from './token-audiences';

const audienceVerb = 'request-serviceaccounts-token-audience';

/** Tokens for pods of its own, bound to them, for audiences that they use or that an administrator allowed. */
export function admitToken(request: NodeRequest): void | Promise<void> {
  const { node, attributes, objects } = request;
  if (attributes.operation !== 'CREATE' || attributes.subresource !== 'token') return;
  const { spec } = attributes.object as unknown as authenticationv1.TokenRequest;
  const { apiVersion, kind, name = '', uid = '' } = spec.boundObjectRef ?? {};
  if (apiVersion !== 'v1' || kind !== 'Pod' || name === '')
    throw admissionForbidden(attributes, 'node requested token not bound to a pod');
  if (uid === '') throw admissionForbidden(attributes, 'node requested token with a pod binding without a uid');
  const pod = podNamed(objects, attributes.namespace, name);
  if (pod.metadata.uid !== uid)
    throw admissionForbidden(
      attributes,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  if (!isOn(pod, node))
    throw admissionForbidden(attributes, 'node requested token bound to a pod scheduled on a different node');
  // kubectl sends null for no audiences.
  const audiences = spec.audiences as string[] | null | undefined;
  return admitAudience(request, pod, audiences ?? []);
}

function admitAudience(
  { attributes, objects, authorizer }: NodeRequest,
  pod: corev1.Pod,
  audiences: readonly string[],
): void | Promise<void> {
  const [audience = ''] = audiences;
  if (audiences.length > 1) throw admissionForbidden(attributes, 'node may only request 0 or 1 audiences');
  const use = audienceUse(objects, pod, audience);
  if (use === 'used') return;
  if (use !== 'unused')
    throw admissionForbidden(attributes, `error validating audience ${goQuote(audience)}: ${use.problem}`);
  const { user } = attributes.ctx;
  const refusal = admissionForbidden(
    attributes,
    `audience ${goQuote(audience)} not found in pod spec volume, ${user.name} is not authorized to request tokens for this audience`,
  );
  const decision = authorizer?.authorize({
    user,
    verb: audienceVerb,
    isResource: true,
    group: '',
    version: 'v1',
    resource: audience,
    subresource: '',
    namespace: attributes.namespace,
    name: attributes.name,
    path: '',
  });
  if (decision instanceof Promise)
    return decision.then(({ allowed }) => {
      if (!allowed) throw refusal;
    });
  if (decision?.allowed !== true) throw refusal;
}
