import { type GroupResource, StatusError, failure, statusErrors } from '@reckon/api/machinery';
import { StorageError } from '@reckon/store/contract';

/**
 * What a client sees of a storage failure: the only place where the two meet (upstream: apiserver/pkg/registry/generic/registry
 * and pkg/storage/errors `Interpret…Error`). Anything that is no StorageError passes unchanged.
 */
export function storageToStatus(error: unknown, resource: GroupResource, name: string): unknown {
  if (!(error instanceof StorageError)) return error;
  switch (error.code) {
    case 'Conflict':
      return statusErrors.conflict(resource, name, optimisticLockText);
    case 'Exists':
      return statusErrors.alreadyExists(resource, name);
    case 'NotFound':
      return statusErrors.notFound(resource, name);
    case 'Compacted':
      return statusErrors.expired(listTooOldText);
    case 'TooLarge':
      return tooLargeResourceVersion(error);
    case 'LogWriteFailed':
    case 'LogUnusable':
      return statusErrors.internal(error.message, error);
    case 'Closed':
      return statusErrors.serviceUnavailable('the server is shutting down');
  }
}

/** apiserver/pkg/registry/generic/registry `OptimisticLockErrorMsg` */
export const optimisticLockText =
  'the object has been modified; please apply your changes to the latest version and try again';

/** apiserver/pkg/storage/etcd3 `interpretListError` */
const listTooOldText = 'The resourceVersion for the provided list is too old.';

/** apiserver/pkg/storage `NewTooLargeResourceVersionError` */
function tooLargeResourceVersion(error: StorageError): StatusError {
  return statusErrors.timeout(
    `Too large resource version: ${String(error.data['requested'])}, current: ${String(error.data['current'])}`,
    1,
    [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
  );
}

/** An error that upstream gives without a reason: 500 with only its text. */
export const plainFailure = (message: string, code = 500): StatusError => new StatusError(failure({ message, code }));
