import { timeText } from '@reckon/api/machinery';
import type { authenticationv1 } from '@reckon/api/types';
import type { RequestContext } from '@reckon/registry/generic';
import { userInfoObject } from './user-info-object';

/** POST selfsubjectreviews (`kubectl auth whoami`): who the server takes the caller for, after impersonation. */
export function selfSubjectReview(ctx: Pick<RequestContext, 'user' | 'nowMs'>): authenticationv1.SelfSubjectReview {
  return {
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: timeText(ctx.nowMs) },
    status: { userInfo: userInfoObject(ctx.user) },
  };
}
