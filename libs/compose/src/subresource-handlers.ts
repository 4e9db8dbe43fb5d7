import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import { type KubeObject, parseApiVersion } from '@reckon/api/machinery';
import type { authenticationv1, authorizationv1 } from '@reckon/api/types';
import {
  type ResourceStore,
  createManagedFieldsTypes,
  matchNamespace,
  recordManagedFields,
} from '@reckon/registry/generic';
import { type TokenRequestParts, type TokenReviewParts, reviewToken, selfSubjectReview } from '@reckon/serve/authn';
import { type Authorizer, type RuleResolver, accessReviews, reviewRules } from '@reckon/serve/authz';
import type { SubresourceHandler } from '@reckon/serve/http';
import { bindingHandler, evictionHandler, scaleHandler, tokenHandler } from '@reckon/serve/subresources';

export interface HandlerParts {
  readonly kinds: KindRegistry;
  readonly pods: ResourceStore;
  readonly storeOf: (row: ResourceRow) => ResourceStore | undefined;
  readonly authorizer: Authorizer;
  readonly resolvers: () => readonly RuleResolver[];
  readonly tokenReviews: TokenReviewParts;
  readonly tokenRequests: TokenRequestParts;
}

type Call = Parameters<SubresourceHandler>[0];

/** A review: checked by admission like any create, answered, never stored. */
function review<T>(answer: (call: Call, body: T) => object | Promise<object>): SubresourceHandler {
  return async (call) => {
    await call.options.admission.mutate(call.object, undefined);
    await call.options.admission.validate(call.object, undefined);
    return { code: 201, object: await answer(call, call.object as KubeObject & T) };
  };
}

/** The handlers of subresources and create-only resources that are not plain reads and writes of an object. */
export function subresourceHandlers(
  parts: HandlerParts,
): (row: ResourceRow, subresource: string) => SubresourceHandler | undefined {
  const reviews = accessReviews(parts.authorizer);
  const table: Readonly<Record<string, SubresourceHandler>> = {
    '/bindings/': bindingHandler(parts.pods),
    '/pods/binding': bindingHandler(parts.pods),
    '/pods/eviction': evictionHandler(parts.pods),
    '/serviceaccounts/token': tokenHandler(parts.tokenRequests),
    'authentication.k8s.io/selfsubjectreviews/': review((call) => selfSubjectReview(call.ctx)),
    'authentication.k8s.io/tokenreviews/': review<authenticationv1.TokenReview>((_, body) =>
      reviewToken(parts.tokenReviews, body),
    ),
    'authorization.k8s.io/localsubjectaccessreviews/': review<authorizationv1.LocalSubjectAccessReview>((call, body) =>
      reviews.local(body, call.namespace),
    ),
    'authorization.k8s.io/selfsubjectaccessreviews/': review<authorizationv1.SelfSubjectAccessReview>((call, body) =>
      reviews.self(call.ctx, body),
    ),
    'authorization.k8s.io/selfsubjectrulesreviews/': review<authorizationv1.SelfSubjectRulesReview>((call, body) =>
      reviewRules(parts.resolvers(), call.ctx, body),
    ),
    'authorization.k8s.io/subjectaccessreviews/': review<authorizationv1.SubjectAccessReview>((_, body) =>
      reviews.subject(body),
    ),
  };
  const managedFieldsTypes = createManagedFieldsTypes(parts.kinds);
  /** What a client created is told to be its own, stored or not, as upstream's create handler does. */
  const owned =
    (handler: SubresourceHandler): SubresourceHandler =>
    (call) => {
      const { object } = call;
      // Whether or not it says so, it is of the namespace of its path.
      if (object !== undefined) matchNamespace(object.metadata, call.row.namespaced ? call.namespace : '');
      const struct = object === undefined ? undefined : structOf(parts.kinds, object);
      if (object !== undefined && struct !== undefined)
        recordManagedFields(managedFieldsTypes(struct), undefined, object, {
          manager: call.ctx.fieldManager,
          subresource: call.subresource,
          apiVersion: object.apiVersion ?? '',
          nowMs: call.ctx.nowMs,
          resetFields: [],
        });
      return handler(call);
    };
  const known = Object.fromEntries(Object.entries(table).map(([key, handler]) => [key, owned(handler)]));

  const scales = new WeakMap<ResourceRow, SubresourceHandler>();
  return (row, subresource) => {
    const handler = known[`${row.group}/${row.resource}/${subresource}`];
    if (handler !== undefined || subresource !== 'scale') return handler;
    const store = parts.storeOf(row);
    if (store === undefined) return undefined;
    const scale = scales.get(row) ?? scaleHandler(store);
    scales.set(row, scale);
    return scale;
  };
}

function structOf(kinds: KindRegistry, { apiVersion = '', kind = '' }: KubeObject) {
  const version = parseApiVersion(apiVersion);
  return version === undefined ? undefined : kinds.structOf({ ...version, kind });
}
