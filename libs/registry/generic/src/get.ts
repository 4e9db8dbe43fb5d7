import { statusErrors } from '@reckon/api/machinery';
import type { Revision, StoredObject } from '@reckon/store/contract';
import { decorated } from './decorate';
import { demandName } from './demand-name';
import { requestedRevision, resourceVersionProblem } from './resource-version-text';
import { plainFailure, storageToStatus } from './storage-to-status';
import { type StoreParts, keyOf } from './store-parts';

export interface GetOptions {
  readonly resourceVersion: string;
  readonly at?: Revision;
}

/**
 * GET: the durable state, not older than `resourceVersion` ('' and '0': whatever is there, which here is always the newest).
 * Synchronous when nothing has to be waited for.
 */
export function get(
  parts: StoreParts,
  namespace: string,
  name: string,
  options: GetOptions,
): Promise<StoredObject> | StoredObject {
  demandName(name);
  const problem = options.resourceVersion === '' ? undefined : resourceVersionProblem(options.resourceVersion);
  if (problem !== undefined)
    throw plainFailure(`resourceVersion: Invalid value: ${JSON.stringify(options.resourceVersion)}: ${problem}`);
  const key = keyOf(parts, namespace, name);
  const atLeast = requestedRevision(options.resourceVersion);
  try {
    const found =
      options.at !== undefined
        ? parts.storage.getAt(key, options.at)
        : parts.storage.get(key, atLeast === 0 ? undefined : { atLeast });
    return found instanceof Promise
      ? found.then(
          (stored) => shown(parts, name, stored),
          (error: unknown) => {
            throw storageToStatus(error, parts.resource, name);
          },
        )
      : shown(parts, name, found);
  } catch (error) {
    throw storageToStatus(error, parts.resource, name);
  }
}

function shown(parts: StoreParts, name: string, stored: StoredObject | undefined): StoredObject {
  if (stored === undefined) throw statusErrors.notFound(parts.resource, name);
  return decorated(parts, stored);
}
