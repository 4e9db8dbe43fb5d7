import { parseObject, stringifyObject } from '@reckon/api/kinds';
import type { KubeObject } from '@reckon/api/machinery';
import type { StoredObject } from '@reckon/store/contract';
import type { StoreParts } from './store-parts';

/** The object as it is shown. Kinds without a decorator (nearly all) show the stored bytes. */
export function decorated(parts: StoreParts, stored: StoredObject): StoredObject {
  const { decorate } = parts.strategy;
  if (decorate === undefined) return stored;
  const object = stored.parse() as KubeObject;
  decorate(object);
  const bytes = Buffer.from(stringifyObject(object));
  return {
    key: stored.key,
    revision: stored.revision,
    labels: stored.labels,
    fields: stored.fields,
    bytes,
    parse: () => parseObject(bytes),
  };
}
