import type { KubeObject } from '@reckon/api/machinery';
import type { StoredJson, StoredObject } from '@reckon/store/contract';
import type { StoreParts } from './store-parts';

/** The object as it is shown. Kinds without a decorator (nearly all) show the stored bytes. */
export function decorated(parts: StoreParts, stored: StoredObject): StoredObject {
  const { decorate } = parts.strategy;
  if (decorate === undefined) return stored;
  const object = stored.parse() as KubeObject;
  decorate(object);
  const bytes = Buffer.from(JSON.stringify(object));
  return {
    key: stored.key,
    revision: stored.revision,
    labels: stored.labels,
    fields: stored.fields,
    bytes,
    parse: () => JSON.parse(bytes.toString()) as StoredJson,
  };
}
