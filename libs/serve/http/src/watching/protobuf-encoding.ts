import type { KindRegistry, StructType, TypeMeta } from '@reckon/api/kinds';
import type { ServedEncoding } from '@reckon/registry/generic';
import type { WatchEvent } from '@reckon/store/contract';
import { bookmarkMetadata } from './bookmark-metadata';

/** Events as length-delimited protobuf: what `application/vnd.kubernetes.protobuf;stream=watch` is. */
export function protobufEncoding(
  { protobuf, types }: KindRegistry,
  type: TypeMeta,
  struct: StructType,
  shown: (event: WatchEvent) => object,
): ServedEncoding {
  return {
    id: `protobuf ${type.apiVersion} ${type.kind}`,
    encode: (event) => protobuf.watchFrame(event.type, type, struct, shown(event) as Readonly<Record<string, unknown>>),
    encodeBookmark: (bookmark) =>
      protobuf.watchFrame('BOOKMARK', type, struct, { metadata: bookmarkMetadata(bookmark) }),
    encodeError: (status) =>
      protobuf.watchFrame('ERROR', { apiVersion: 'v1', kind: 'Status' }, types.struct('meta/v1.Status'), { ...status }),
  };
}
