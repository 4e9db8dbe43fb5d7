import { failure, groupResourceName, StatusError } from '@reckon/api/machinery';
import type { AuthzAttributes } from '@reckon/serve/authz';

/** 403 with the texts of k8s.io/apiserver/pkg/endpoints/handlers/responsewriters `Forbidden` and `forbiddenMessage`. */
export function forbidden(attributes: AuthzAttributes, reason: string): StatusError {
  const why = whatIsForbidden(attributes) + (reason === '' ? '' : `: ${reason}`);
  if (!attributes.isResource)
    return new StatusError(failure({ reason: 'Forbidden', message: `forbidden: ${why}`, details: {} }));
  const { group, resource, name } = attributes;
  const subject = groupResourceName({ group, resource }) + (name === '' ? '' : ` ${JSON.stringify(name)}`);
  return new StatusError(
    failure({
      reason: 'Forbidden',
      message: `${subject} is forbidden: ${why}`,
      details: { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: resource },
    }),
  );
}

function whatIsForbidden(a: AuthzAttributes): string {
  const who = `User ${JSON.stringify(a.user.name)} cannot ${a.verb}`;
  if (!a.isResource) return `${who} path ${JSON.stringify(a.path)}`;
  const resource = a.subresource === '' ? a.resource : `${a.resource}/${a.subresource}`;
  const scope = a.namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(a.namespace)}`;
  return `${who} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(a.group)} ${scope}`;
}
