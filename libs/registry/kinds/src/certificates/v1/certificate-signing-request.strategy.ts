import type { certificatesv1 } from '@reckon/api/types';
import type { RequestContext, Strategy } from '@reckon/registry/generic';
import { keepSpec, keepStatus } from '../../status-keeping';
import type { CertificateReaders } from './certificate-readers';
import { validateRequest, validateRequestUpdate } from './certificate-signing-request.validation';
import { conditionsOf, keepDecisions, stampConditions } from './csr-conditions';

type Request = certificatesv1.CertificateSigningRequest;

/** The strategies of certificate signing requests: what was asked never changes; approval and status answer it. */
export function certificateSigningRequestStrategies(readers: CertificateReaders): {
  readonly strategy: Strategy<Request>;
  readonly status: Strategy<Request>;
  readonly approval: Strategy<Request>;
} {
  return {
    strategy: {
      resetFields: [['spec'], ['status']],
      nameRule: () => [],
      defaults: (request) => {
        request.spec ??= { signerName: '' };
      },
      prepareForCreate: (ctx, request) => {
        setRequestor(request, ctx);
        request.status = {};
      },
      validate: (_ctx, request) => validateRequest(readers, request, undefined),
      prepareForUpdate: (_ctx, request, old) => {
        keepSpec(request, old);
        keepStatus(request, old);
      },
      validateUpdate: (_ctx, request, old) => validateRequestUpdate(readers, request, old, 'other'),
    },
    status: {
      resetFields: [['spec'], ['status', 'conditions']],
      prepareForUpdate: (ctx, request, old) => {
        keepSpec(request, old);
        const conditions = keepDecisions(conditionsOf(request), old);
        if (conditions.length > 0)
          request.status = { ...request.status, conditions: stampConditions(conditions, old, ctx.nowMs) };
      },
      validateUpdate: (_ctx, request, old) => validateRequestUpdate(readers, request, old, 'other'),
    },
    approval: {
      resetFields: [['spec'], ['status', 'certificate']],
      prepareForUpdate: (ctx, request, old) => {
        const conditions = stampConditions(conditionsOf(request), old, ctx.nowMs);
        keepSpec(request, old);
        request.status = { ...old.status, conditions };
        if (conditions.length === 0) delete request.status.conditions;
      },
      validateUpdate: (_ctx, request, old) => validateRequestUpdate(readers, request, old, 'approval'),
    },
  };
}

/** Nobody asks in another's name. */
function setRequestor({ spec }: Request, { user }: RequestContext): void {
  delete spec.username;
  delete spec.uid;
  delete spec.groups;
  delete spec.extra;
  if (user.name !== '') spec.username = user.name;
  if (user.uid !== undefined && user.uid !== '') spec.uid = user.uid;
  if (user.groups.length > 0) spec.groups = [...user.groups];
  const extra = Object.entries(user.extra ?? {});
  if (extra.length > 0) spec.extra = Object.fromEntries(extra.map(([key, values]) => [key, [...values]]));
}
