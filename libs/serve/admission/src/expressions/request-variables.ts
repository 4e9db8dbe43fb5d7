import { type CelDecision, type CelVariables, celAuthorizer } from '@reckon/api/cel';
import { parseFieldSelector, parseLabelSelector } from '@reckon/api/machinery';
import type { GroupVersionKind } from '@reckon/api/machinery';
import type { UserInfo } from '@reckon/registry/generic';
import type { Authorizer, AuthzAttributes } from '@reckon/serve/authz';
import type { MatchedResource } from '../matching/rule-matching';
import { namespaceOf } from '../matching/selectors';
import type { AdmissionAttributes } from '../plugin';
import type { VersionedRequest } from '../versioned-request';

export interface VariableParts {
  readonly request: VersionedRequest;
  readonly matched: MatchedResource;
  readonly authorizer: Pick<Authorizer, 'authorize'> | undefined;
}

/** `object`, `oldObject`, `request`, `authorizer` and what stands beside them (plugin/cel `newActivation`). */
export function requestVariables(
  { request, matched, authorizer }: VariableParts,
  beside: Readonly<Record<string, unknown>> = {},
): CelVariables {
  const { attributes } = request;
  return {
    object: request.objectIn(matched.kind) ?? null,
    oldObject: request.oldObjectIn(matched.kind) ?? null,
    request: admissionRequest(request, matched),
    namespaceObject: null,
    params: null,
    ...(authorizer === undefined ? {} : { authorizer: authorizerOf(authorizer, attributes) }),
    ...beside,
  };
}

/** An AdmissionRequest without its objects (plugin/cel `CreateAdmissionRequest`). */
export function admissionRequest(request: VersionedRequest, matched: MatchedResource): Record<string, unknown> {
  const { attributes, kind } = request;
  const { ctx, row, subresource, name, operation, dryRun, options } = attributes;
  const sub = (field: string): object => (subresource === '' ? {} : { [field]: subresource });
  const namespace = namespaceOf(attributes);
  return {
    kind: kindRecord(matched.kind),
    resource: resourceRecord(matched.row),
    ...sub('subResource'),
    requestKind: kindRecord(kind),
    requestResource: resourceRecord(row),
    ...sub('requestSubResource'),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: userRecord(ctx.user),
    dryRun,
    // A connection has none.
    options: Object.keys(options).length === 0 ? null : options,
  };
}

const kindRecord = ({ group, version, kind }: GroupVersionKind): object => ({ group, version, kind });

const resourceRecord = ({ group, version, resource }: MatchedResource['row']): object => ({ group, version, resource });

/** authentication/v1.UserInfo */
const userRecord = ({ name, uid = '', groups, extra = {} }: UserInfo): object => ({
  ...(name === '' ? {} : { username: name }),
  ...(uid === '' ? {} : { uid }),
  ...(groups.length === 0 ? {} : { groups }),
  ...(Object.keys(extra).length === 0 ? {} : { extra }),
});

/** The library of `authorizer` on our authorizers; for the user of the request, or a service account that the expression names. */
function authorizerOf(authorizer: Pick<Authorizer, 'authorize'>, attributes: AdmissionAttributes): unknown {
  const { ctx, row, subresource, name } = attributes;
  const decide = (asked: AuthzAttributes): CelDecision | Promise<CelDecision> => authorizer.authorize(asked);
  return celAuthorizer({
    requestResource: {
      group: row.group,
      resource: row.resource,
      subresource,
      namespace: namespaceOf(attributes),
      name,
    },
    authorize({ verb, serviceAccount, path, resource }) {
      const user = serviceAccount === undefined ? ctx.user : accountUser(serviceAccount);
      const isResource = resource !== undefined;
      const {
        group = '',
        resource: plural = '',
        subresource: sub = '',
        namespace = '',
        name: of = '',
      } = resource ?? {};
      return decide({
        user,
        verb,
        isResource,
        group,
        version: isResource ? '*' : '',
        resource: plural,
        subresource: sub,
        namespace,
        name: of,
        path: path ?? '',
        ...(resource?.fieldSelector ? { fieldSelector: parseFieldSelector(resource.fieldSelector).requirements } : {}),
        ...(resource?.labelSelector ? { labelSelector: parseLabelSelector(resource.labelSelector).requirements } : {}),
      });
    },
  });
}

const accountUser = ({ namespace, name }: { readonly namespace: string; readonly name: string }): UserInfo => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
});
