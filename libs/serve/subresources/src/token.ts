import type { KubeObject } from '@reckon/api/machinery';
import type { authenticationv1 } from '@reckon/api/types';
import { type TokenRequestParts, requestToken } from '@reckon/serve/authn';
import type { SubresourceHandler } from '@reckon/serve/http';

/** `serviceaccounts/token`: signs a token for the account (registry/core/serviceaccount/storage.TokenREST). */
export function tokenHandler(parts: TokenRequestParts): SubresourceHandler {
  return async (call) => {
    const request = call.object as KubeObject & authenticationv1.TokenRequest;
    await call.options.admission.mutate(request, undefined);
    const object = await requestToken(parts, call.ctx, { namespace: call.namespace, name: call.name }, request, () =>
      call.options.admission.validate(request, undefined),
    );
    return { code: 201, object };
  };
}
