import { type FieldPath, fieldErrors, fieldPath } from '@reckon/api/machinery';
import { checkNonNegative, type Errors } from '../../field-checks';

/** What ReplicaSets and ReplicationControllers count. */
interface ReplicaCounts {
  readonly replicas: number;
  readonly fullyLabeledReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly terminatingReplicas?: number;
  readonly observedGeneration?: number;
}

const counts = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'terminatingReplicas',
  'observedGeneration',
] as const satisfies readonly (keyof ReplicaCounts)[];
const atMostAll = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const;

/** ValidateReplicaSetStatus, ValidateReplicationControllerStatus. */
export function validateReplicaCounts(status: ReplicaCounts): Errors {
  const errors: Errors = [];
  const path = fieldPath('status');
  for (const count of counts) checkNonNegative(errors, path.child(count), status[count]);
  for (const count of atMostAll) checkAtMostReplicas(errors, path, count, status[count], status.replicas);
  checkAvailableAreReady(errors, path, status);
  return errors;
}

export function checkAtMostReplicas(
  errors: Errors,
  path: FieldPath,
  field: string,
  value: number | undefined,
  replicas: number | undefined,
): void {
  if ((value ?? 0) > (replicas ?? 0))
    errors.push(fieldErrors.invalid(path.child(field), value ?? 0, 'cannot be greater than status.replicas'));
}

export function checkAvailableAreReady(
  errors: Errors,
  path: FieldPath,
  status: { readonly availableReplicas?: number; readonly readyReplicas?: number },
): void {
  if ((status.availableReplicas ?? 0) > (status.readyReplicas ?? 0))
    errors.push(
      fieldErrors.invalid(
        path.child('availableReplicas'),
        status.availableReplicas ?? 0,
        'cannot be greater than readyReplicas',
      ),
    );
}
