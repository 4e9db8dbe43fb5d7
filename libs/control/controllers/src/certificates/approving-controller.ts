import type { authorizationv1 } from '@reckon/api/types';
import { Controller, type Result, backoffRateLimiter, done, requeue } from '@reckon/control/runtime';
import type { RestClient } from '@reckon/client/rest';
import type { ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';
import {
  type CertificateRequest,
  certificateAccount,
  certificateRequests,
  hasCondition,
  isIssued,
  readRequest,
  requestBackoff,
  withCondition,
} from './certificate-request';
import { kubeletClientProblem, signerNames } from './signer-rules';

/** What a request must be, in this order, and the right that its author then needs. */
const rules = [
  {
    right: 'selfnodeclient',
    isOwn: true,
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
  },
  {
    right: 'nodeclient',
    isOwn: false,
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
  },
] as const;

/**
 * Approves client certificates of kubelets whose author may have them (pkg/controller/certificates/approver). Serving certificates are
 * left to people: nobody but them knows whether a node has the addresses that it names.
 */
export const certificateApprovingController: ControllerRow = {
  name: 'certificatesigningrequest-approving-controller',
  serviceAccount: certificateAccount,
  start(context) {
    const requests = context.informers.informer<CertificateRequest>(certificateRequests);
    const controller = new Controller(
      'certificate_approving',
      async (name) => {
        const request = requests.lister.byKey(name);
        return request === undefined ? done : decide(context.rest, request);
      },
      context,
      { limiter: backoffRateLimiter(context.clock, requestBackoff) },
    );
    const enqueue = ({ metadata }: CertificateRequest): void => {
      controller.enqueue(metadata.name ?? '');
    };
    requests.addHandler({
      add: enqueue,
      update: (_, request) => {
        enqueue(request);
      },
    });
    return startWhenSynced([controller], [requests]);
  },
};

async function decide(rest: RestClient, request: CertificateRequest): Promise<Result> {
  if (isIssued(request) || hasCondition(request, 'Approved') || hasCondition(request, 'Denied')) return done;
  if (request.spec.signerName !== signerNames.kubeletClient) return done;
  const asked = readRequest(request);
  if (kubeletClientProblem(asked, request.spec.usages ?? []) !== undefined) return done;
  for (const { right, isOwn, message } of rules) {
    if (isOwn && request.spec.username !== asked.commonName) continue;
    if (!(await mayHave(rest, request, right))) continue;
    const reason = 'AutoApproved';
    await rest
      .resource<CertificateRequest>(certificateRequests)
      .update(withCondition(request, { type: 'Approved', status: 'True', reason, message }), 'approval');
    return done;
  }
  // The right may be given later.
  return requeue;
}

async function mayHave(rest: RestClient, { spec }: CertificateRequest, subresource: string): Promise<boolean> {
  const { username, uid, groups, extra } = spec;
  const review = await rest.request<authorizationv1.SubjectAccessReview>(
    'POST',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: username,
          uid,
          groups,
          extra,
          resourceAttributes: {
            group: certificateRequests.group,
            resource: certificateRequests.resource,
            verb: 'create',
            subresource,
          },
        },
      },
    },
  );
  return review.status?.allowed === true;
}
