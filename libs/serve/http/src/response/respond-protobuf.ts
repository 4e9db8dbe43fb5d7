import type { StructType, TypeMeta } from '@reckon/api/kinds';
import { type ListMeta, parseApiVersion } from '@reckon/api/machinery';
import { nextTurn } from '@reckon/kernel';
import type { Exchange } from '../exchange';
import { protobufType } from './negotiate';
import { respondParts } from './respond';

/** Some milliseconds of work. */
const itemsPerTurn = 250;

/** A document as protobuf; undefined when it has no such form, as documents of no known kind. */
export function protobufBody(exchange: Exchange, document: object): Buffer | undefined {
  const { kinds } = exchange.server;
  const { apiVersion = '', kind = '' } = document as Partial<TypeMeta>;
  const version = parseApiVersion(apiVersion);
  const struct = version === undefined ? undefined : kinds.structOf({ ...version, kind });
  if (struct === undefined || struct.open) return undefined;
  return kinds.protobuf.body({ apiVersion, kind }, struct, document as Readonly<Record<string, unknown>>);
}

/**
 * Answers with a list. Each item is made when the one before is written, so that never more than one is there as an object; a long
 * list is written in several turns, so that others are served in between.
 */
export function respondProtobufList(
  exchange: Exchange,
  type: TypeMeta,
  metadata: ListMeta,
  itemType: StructType,
  items: Iterator<object>,
): void | Promise<void> {
  const { protobuf } = exchange.server.kinds;
  const written: Buffer[] = [];
  return writeTurn();

  function writeTurn(): void | Promise<void> {
    for (let i = 0; i < itemsPerTurn; i++) {
      const item = items.next();
      if (item.done === true) return send();
      written.push(protobuf.item(itemType, item.value as Readonly<Record<string, unknown>>));
    }
    return new Promise<void>(nextTurn).then(() => (exchange.response.destroyed ? undefined : writeTurn()));
  }

  function send(): void | Promise<void> {
    const { parts, length } = protobuf.list(type, { ...metadata }, written);
    return respondParts(exchange, 200, protobufType, parts, length);
  }
}
