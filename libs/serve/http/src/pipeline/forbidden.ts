import { failure, goQuote, groupResourceName, StatusError } from '@reckon/api/machinery';
import type { AuthzAttributes } from '@reckon/serve/authz';
import { withoutMarkup } from './without-markup';

/** 403 with the texts of k8s.io/apiserver/pkg/endpoints/handlers/responsewriters `ForbiddenStatusError` and `forbiddenMessage`. */
export function forbidden(attributes: AuthzAttributes, reason: string): StatusError {
  const why = withoutMarkup(whatIsForbidden(attributes)) + (reason === '' ? '' : `: ${reason}`);
  if (!attributes.isResource)
    return new StatusError(failure({ reason: 'Forbidden', message: `forbidden: ${why}`, details: {} }));
  const { group, resource, name } = attributes;
  const subject = groupResourceName({ group, resource }) + (name === '' ? '' : ` ${goQuote(name)}`);
  return new StatusError(
    failure({
      reason: 'Forbidden',
      message: `${subject} is forbidden: ${why}`,
      details: { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: resource },
    }),
  );
}

function whatIsForbidden(a: AuthzAttributes): string {
  const who = `User ${goQuote(a.user.name)} cannot ${a.verb}`;
  if (!a.isResource) return `${who} path ${goQuote(a.path)}`;
  const resource = a.subresource === '' ? a.resource : `${a.resource}/${a.subresource}`;
  const scope = a.namespace === '' ? 'at the cluster scope' : `in the namespace ${goQuote(a.namespace)}`;
  return `${who} resource ${goQuote(resource)} in API group ${goQuote(a.group)} ${scope}`;
}
