import { type FieldPath, fieldErrors, fieldPath, statusErrors } from '@reckon/api/machinery';
import type { corev1, metav1, resourcev1 } from '@reckon/api/types';
import type { Storage } from '@reckon/store/contract';

const label = 'resource.kubernetes.io/admin-access';

interface Named {
  readonly metadata: metav1.ObjectMeta;
}

/** Where a claim first asks for access beside its owner's. The path is upstream's, which leaves out `exactly`. */
export function adminRequestPath({ requests }: resourcev1.DeviceClaim): FieldPath | undefined {
  const index = (requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess === true);
  return index < 0 ? undefined : fieldPath('spec', 'devices', 'requests').index(index).child('adminAccess');
}

export function adminResultPath(status: resourcev1.ResourceClaimStatus | undefined): FieldPath | undefined {
  const results = status?.allocation?.devices?.results ?? [];
  const index = results.findIndex(({ adminAccess }) => adminAccess === true);
  return index < 0
    ? undefined
    : fieldPath('status', 'allocation', 'devices', 'results').index(index).child('adminAccess');
}

/**
 * pkg/registry/resource `AuthorizedForAdmin`: only namespaces that say so may look into devices that others use. Asked when the
 * write is decided, on the newest state of the namespace. Throws StatusError 422.
 */
export function requireAdminNamespace(storage: Storage, kind: string, object: Named, path: FieldPath): void {
  const { namespace = '', name = '' } = object.metadata;
  const stored = storage.newest({ group: '', resource: 'namespaces', namespace: '', name: namespace });
  const labels = (stored?.parse() as unknown as corev1.Namespace | undefined)?.metadata.labels;
  if (labels?.[label] === 'true') return;
  const error =
    stored === undefined
      ? fieldErrors.internal(
          path,
          `could not retrieve namespace to verify admin access: namespaces "${namespace}" not found`,
        )
      : fieldErrors.forbidden(
          path,
          `admin access to devices requires the \`${label}: true\` label on the containing namespace`,
        );
  throw statusErrors.invalid({ group: 'resource.k8s.io', kind }, name, [error]);
}
