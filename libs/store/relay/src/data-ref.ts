import { parseKey } from '@reckon/store/contract';
import type { Entry } from '@reckon/store/contract';
import * as z from 'zod';

const versioned = z.looseObject({ apiVersion: z.string().regex(/^([^/]+\/)?[^/]+$/) });

/**
 * Where the apiserver shows the object as the entry has it: `/at/<revision>/api/v1/namespaces/default/configmaps/big`. A deleted
 * object is shown as it was before: at the revision before its own delete.
 */
export function dataRefOf({ key, object, revision, previous, verb }: Entry): string {
  const { resource, namespace, name } = parseKey(key);
  const { apiVersion } = versioned.parse(JSON.parse(object.toString()));
  const root = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
  const scope = namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const at = verb === 'delete' ? previous : revision;
  return `/at/${at}/${root}${scope}/${encodeURIComponent(resource)}/${encodeURIComponent(name)}`;
}
