import { type ColumnOptions, parseObject, type ResourceRow, stringifyObject, tableFor } from '@reckon/api/kinds';
import { apiVersionOf, type KubeObject } from '@reckon/api/machinery';
import { type ServedEncoding, errorLine } from '@reckon/registry/generic';
import type { WatchEvent, WatchSink } from '@reckon/store/contract';
import type { Representation } from '../response/negotiate';
import { partialMetadata } from '../response/partial-metadata';
import { isServedAsStored, servedObject } from '../response/served-form';
import { bookmarkMetadata } from './bookmark-metadata';
import { protobufEncoding } from './protobuf-encoding';
import type { ServerParts } from '../server-parts';

/** How events of a watch are written; undefined for the registry's own way, stored bytes spliced into JSON. */
export function watchEncoding(
  server: ServerParts,
  row: ResourceRow,
  representation: Representation,
  columns: ColumnOptions,
): ServedEncoding | undefined {
  const apiVersion = apiVersionOf(row);
  const isProtobuf = representation.format === 'protobuf';
  switch (representation.as) {
    case 'object':
      if (isProtobuf)
        return protobufEncoding(server.kinds, { kind: row.kind, apiVersion }, row.type, (event) =>
          servedObject(server, row, event.object.bytes),
        );
      return isServedAsStored(row)
        ? undefined
        : objectEncoding(`json ${apiVersion}`, row, (event) => servedObject(server, row, event.object.bytes));
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList': {
      const type = { kind: 'PartialObjectMetadata', apiVersion: representation.asVersion };
      if (isProtobuf)
        return protobufEncoding(
          server.kinds,
          type,
          server.kinds.types.struct('meta/v1.PartialObjectMetadata'),
          (event) => partialMetadata(parseObject(event.object.bytes), representation.asVersion),
        );
      return objectEncoding(`partial ${representation.asVersion} ${row.kind}`, type, (event) =>
        partialMetadata(parseObject(event.object.bytes), representation.asVersion),
      );
    }
    case 'Table':
      return tableEncoding(server, row, columns);
  }
}

function objectEncoding(
  id: string,
  kind: ResourceRow | { readonly kind: string; readonly apiVersion: string },
  shown: (event: WatchEvent) => object,
): ServedEncoding {
  const apiVersion = 'apiVersion' in kind ? kind.apiVersion : apiVersionOf(kind);
  return {
    id,
    encode: (event) => frameOf(event.type, shown(event)),
    encodeBookmark: (bookmark) =>
      frameOf('BOOKMARK', { kind: kind.kind, apiVersion, metadata: bookmarkMetadata(bookmark) }),
    encodeError: errorLine,
  };
}

const frameOf = (type: string, object: object): Buffer =>
  Buffer.from(`{"type":"${type}","object":${stringifyObject(object)}}\n`);

const noColumns = '"columnDefinitions":null';

/** Each event is a table of one row. The definitions come with a watcher's first table only, see `TableSink`. */
function tableEncoding(server: ServerParts, row: ResourceRow, columns: ColumnOptions): ServedEncoding {
  const table = (object: KubeObject, { includeObject }: Pick<ColumnOptions, 'includeObject'> = columns): object => {
    const whole = tableFor(row, [object], { ...columns, includeObject, nowMs: server.clock.nowMs() });
    const { resourceVersion } = object.metadata;
    return {
      kind: whole.kind,
      apiVersion: whole.apiVersion,
      metadata: resourceVersion === undefined ? {} : { resourceVersion },
      columnDefinitions: null,
      rows: whole.rows,
    };
  };
  return {
    id: `table ${columns.apiVersion} ${columns.includeObject} ${apiVersionOf(row)} ${row.kind}`,
    encode: (event) => frameOf(event.type, table(servedObject(server, row, event.object.bytes))),
    encodeBookmark: (bookmark) => {
      const object = { kind: row.kind, apiVersion: apiVersionOf(row), metadata: bookmarkMetadata(bookmark) };
      // The end of the state is told by an annotation, which even a client sees that wants no objects (endpoints/handlers `asTable`).
      const told = bookmark.initialEventsEnd && columns.includeObject === 'None' ? 'Metadata' : columns.includeObject;
      return frameOf('BOOKMARK', table(object, { includeObject: told }));
    },
    encodeError: errorLine,
  };
}

/** Frames are shared between watchers, the column definitions are sent to each once: put into the first frame on its way. */
export class TableSink implements WatchSink {
  private isFirst = true;

  constructor(
    private readonly inner: WatchSink,
    private readonly row: ResourceRow,
    private readonly columns: ColumnOptions,
  ) {}

  write(frame: Buffer): boolean {
    if (!this.isFirst) return this.inner.write(frame);
    const at = frame.indexOf(noColumns);
    if (at === -1) return this.inner.write(frame);
    this.isFirst = false;
    const { columnDefinitions } = tableFor(this.row, [], this.columns);
    const definitions = Buffer.from(`"columnDefinitions":${JSON.stringify(columnDefinitions)}`);
    return this.inner.write(Buffer.concat([frame.subarray(0, at), definitions, frame.subarray(at + noColumns.length)]));
  }

  onDrain(listener: () => void): void {
    this.inner.onDrain(listener);
  }

  end(error?: Error): void {
    this.inner.end(error);
  }
}
