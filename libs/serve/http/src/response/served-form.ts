import { parseObject, type ResourceRow, stringifyObject } from '@reckon/api/kinds';
import { apiVersionOf, type KubeObject } from '@reckon/api/machinery';
import type { StoredObject } from '@reckon/store/contract';
import type { ServerParts } from '../server-parts';

/** True when the stored bytes are what is served: the path that copies nothing. */
export const isServedAsStored = (row: ResourceRow): boolean =>
  row.storage.group === row.group && row.storage.version === row.version;

/** Bytes of a stored object in the row's version. */
export function servedBytes(server: ServerParts, row: ResourceRow, stored: Pick<StoredObject, 'bytes'>): Buffer {
  if (isServedAsStored(row)) return stored.bytes;
  return Buffer.from(stringifyObject(servedObject(server, row, stored.bytes)));
}

/** A fresh, mutable object in the row's version. */
export function servedObject(server: ServerParts, row: ResourceRow, bytes: Buffer): KubeObject {
  return toServed(server, row, parseObject(bytes));
}

export function toServed(server: ServerParts, row: ResourceRow, object: KubeObject): KubeObject {
  return isServedAsStored(row) ? object : server.kinds.converters.convert(object, row);
}

export function toStored(server: ServerParts, row: ResourceRow, object: KubeObject): KubeObject {
  return isServedAsStored(row) ? object : server.kinds.converters.convert(object, row.storage);
}

/** What stored bytes of a row begin with; lists cut it off their items. */
export function typePrefix(row: ResourceRow): Buffer {
  return Buffer.from(`{"kind":"${row.kind}","apiVersion":"${apiVersionOf(row)}",`);
}
