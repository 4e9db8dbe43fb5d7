import type { KindRegistry, StructType, TypeMeta } from '@reckon/api/kinds';
import type { Status } from '@reckon/api/machinery';
import type { WatchEncoding, WatchEvent, WatchSink } from '@reckon/store/contract';
import { bookmarkMetadata } from './bookmark-metadata';

/** Events as length-delimited protobuf: what `application/vnd.kubernetes.protobuf;stream=watch` is. */
export function protobufEncoding(
  { protobuf }: KindRegistry,
  type: TypeMeta,
  struct: StructType,
  shown: (event: WatchEvent) => object,
): WatchEncoding {
  return {
    id: `protobuf ${type.apiVersion} ${type.kind}`,
    encode: (event) => protobuf.watchFrame(event.type, type, struct, shown(event) as Readonly<Record<string, unknown>>),
    encodeBookmark: (bookmark) =>
      protobuf.watchFrame('BOOKMARK', type, struct, { metadata: bookmarkMetadata(bookmark) }),
  };
}

const openBrace = 0x7b;

/**
 * The registry writes the ERROR event that ends a watch as a line of JSON, whatever the encoding: here it becomes a frame. It is
 * known by its first byte, which in a frame is the highest of a length, and no event is 2 GB long.
 */
export class ProtobufSink implements WatchSink {
  constructor(
    private readonly inner: WatchSink,
    private readonly kinds: KindRegistry,
  ) {}

  write(frame: Buffer): boolean {
    return this.inner.write(frame[0] === openBrace ? this.errorFrame(frame) : frame);
  }

  onDrain(listener: () => void): void {
    this.inner.onDrain(listener);
  }

  end(error?: Error): void {
    this.inner.end(error);
  }

  private errorFrame(line: Buffer): Buffer {
    const { type, object } = JSON.parse(line.toString('utf8')) as { readonly type: string; readonly object: Status };
    const { protobuf, types } = this.kinds;
    return protobuf.watchFrame(type, { apiVersion: 'v1', kind: 'Status' }, types.struct('meta/v1.Status'), {
      ...object,
    });
  }
}
