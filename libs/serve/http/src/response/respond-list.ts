import { type ResourceRow, tableFor } from '@reckon/api/kinds';
import { apiVersionOf, type KubeObject, type ListMeta, statusErrors } from '@reckon/api/machinery';
import type { ListResult } from '@reckon/registry/generic';
import { noRevision, revisionText } from '@reckon/store/contract';
import type { Exchange } from '../exchange';
import type { ServerParts } from '../server-parts';
import { isPretty, type Representation } from './negotiate';
import { partialMetadata } from './partial-metadata';
import { respondParts } from './respond';
import { respondProtobufList } from './respond-protobuf';
import { columnOptions, respondDocument } from './respond-object';
import { servedBytes, servedObject, typePrefix } from './served-form';

const comma = Buffer.from(',');
const open = Buffer.from('{');
const commaOpen = Buffer.from(',{');
const end = Buffer.from(']}\n');

/** Answers with a list. As plain JSON the stored bytes of its items are spliced, not parsed. */
export function respondList(
  exchange: Exchange,
  row: ResourceRow,
  result: ListResult,
  representation: Representation,
): void | Promise<void> {
  const { server } = exchange;
  const metadata = listMetadata(result);
  const { items } = result.page;
  const fresh = (): KubeObject[] => items.map((item) => servedObject(server, row, item.bytes));
  switch (representation.as) {
    case 'object':
      if (representation.format === 'protobuf') {
        const type = { kind: row.listKind, apiVersion: apiVersionOf(row) };
        if (exchange.audit?.keepsResponse === true)
          exchange.audit.responseDocument({ ...type, metadata, items: [...eachObject(server, row, result)] });
        return respondProtobufList(exchange, type, metadata, row.type, eachObject(server, row, result));
      }
      if (representation.format === 'json' && !isPretty(exchange, representation))
        return spliceList(exchange, row, result, metadata);
      return respondDocument(
        exchange,
        200,
        {
          kind: row.listKind,
          apiVersion: apiVersionOf(row),
          metadata,
          items: fresh().map(({ kind: _kind, apiVersion: _apiVersion, ...rest }) => rest),
        },
        representation,
      );
    case 'Table':
      return respondDocument(
        exchange,
        200,
        { ...tableFor(row, fresh(), columnOptions(exchange, representation)), metadata },
        representation,
      );
    case 'PartialObjectMetadataList':
      if (representation.format === 'protobuf') {
        const type = { kind: representation.as, apiVersion: representation.asVersion };
        const itemType = server.kinds.types.struct('meta/v1.PartialObjectMetadata');
        return respondProtobufList(
          exchange,
          type,
          metadata,
          itemType,
          eachAlone(eachObject(server, row, result), type.apiVersion),
        );
      }
      return respondDocument(
        exchange,
        200,
        {
          kind: 'PartialObjectMetadataList',
          apiVersion: representation.asVersion,
          metadata,
          items: fresh().map((object) => partialMetadata(object, representation.asVersion)),
        },
        representation,
      );
    case 'PartialObjectMetadata':
      throw statusErrors.notAcceptable(
        `you requested PartialObjectMetadata, but the requested object is a list (*${row.version}.${row.listKind})`,
      );
  }
}

function* eachObject(server: ServerParts, row: ResourceRow, result: ListResult): IterableIterator<KubeObject> {
  for (const item of result.page.items) yield servedObject(server, row, item.bytes);
}

function* eachAlone(objects: Iterable<KubeObject>, apiVersion: string): Iterator<KubeObject> {
  for (const object of objects) yield partialMetadata(object, apiVersion);
}

function listMetadata(result: ListResult): ListMeta {
  return {
    // What is made for the answer is of no revision.
    ...(result.page.revision === noRevision ? {} : { resourceVersion: revisionText(result.page.revision) }),
    ...(result.continueToken === '' ? {} : { continue: result.continueToken }),
    ...(result.remainingItemCount === undefined || result.remainingItemCount === 0
      ? {}
      : { remainingItemCount: result.remainingItemCount }),
  };
}

/**
 * Items of a list name no kind and apiVersion: the list does. Stored bytes begin with both (registry's `canonicalObject`), so that
 * they are cut off by length; bytes that begin otherwise (written by a stranger to the log) go out whole, which clients accept.
 */
function spliceList(
  exchange: Exchange,
  row: ResourceRow,
  result: ListResult,
  metadata: ListMeta,
): void | Promise<void> {
  const prefix = typePrefix(row);
  const head = Buffer.from(
    `{"kind":"${row.listKind}","apiVersion":"${apiVersionOf(row)}","metadata":${JSON.stringify(metadata)},"items":[`,
  );
  const parts: Buffer[] = [head];
  let length = head.length;
  let isFirst = true;
  const push = (part: Buffer): void => {
    parts.push(part);
    length += part.length;
  };
  for (const item of result.page.items) {
    const bytes = servedBytes(exchange.server, row, item);
    if (bytes.length > prefix.length && bytes.compare(prefix, 0, prefix.length, 0, prefix.length) === 0) {
      push(isFirst ? open : commaOpen);
      push(bytes.subarray(prefix.length));
    } else {
      if (!isFirst) push(comma);
      push(bytes);
    }
    isFirst = false;
  }
  push(end);
  return respondParts(exchange, 200, 'application/json', parts, length);
}
