import { type ColumnOptions, parseObject, type ResourceRow, tableFor } from '@reckon/api/kinds';
import { fieldErrors, fieldPath, statusErrors, stringifyJson } from '@reckon/api/machinery';
import type { Exchange } from '../exchange';
import { isPretty, protobufType, type Representation } from './negotiate';
import { partialMetadata } from './partial-metadata';
import { type Extra, respond } from './respond';
import { protobufBody } from './respond-protobuf';

/** Answers with one object whose JSON is at hand in the served version. */
export function respondObject(
  exchange: Exchange,
  row: ResourceRow,
  code: number,
  bytes: Buffer,
  representation: Representation,
): void | Promise<void> {
  switch (representation.as) {
    case 'object':
      if (representation.format === 'json' && !isPretty(exchange, representation))
        return respond(exchange, code, 'application/json', bytes);
      return respondDocument(exchange, code, parseObject(bytes), representation);
    case 'Table': {
      const object = parseObject(bytes);
      const table = tableFor(row, [object], columnOptions(exchange, representation));
      const { resourceVersion } = object.metadata;
      const metadata = resourceVersion === undefined ? {} : { resourceVersion };
      return respondDocument(exchange, code, { ...table, metadata }, representation);
    }
    case 'PartialObjectMetadata':
      return respondDocument(
        exchange,
        code,
        partialMetadata(parseObject(bytes), representation.asVersion),
        representation,
      );
    case 'PartialObjectMetadataList':
      throw statusErrors.notAcceptable(
        `you requested PartialObjectMetadataList, but the requested object is not a list (*${row.version}.${row.kind})`,
      );
  }
}

/** Answers with any document in the format asked for; what has no form as protobuf goes out as JSON. */
export function respondDocument(
  exchange: Exchange,
  code: number,
  document: object,
  representation: Representation,
  extra?: Extra,
): void | Promise<void> {
  exchange.audit?.responseDocument(document);
  if (representation.format === 'yaml') return respondYaml(exchange, code, document, extra);
  if (representation.format === 'protobuf') {
    const body = protobufBody(exchange, document);
    if (body !== undefined) return respond(exchange, code, protobufType, body, extra);
  }
  const text = isPretty(exchange, representation) ? stringifyJson(document, 2) : `${stringifyJson(document)}\n`;
  return respond(exchange, code, 'application/json', text, extra);
}

/** Keys in order and lists not indented, as sigs.k8s.io/yaml writes it. The library loads on first use. */
async function respondYaml(exchange: Exchange, code: number, document: object, extra?: Extra): Promise<void> {
  const { stringify } = await import('./yaml-text');
  const text = stringify(document, { version: '1.1', sortMapEntries: true, indentSeq: false, lineWidth: 0 });
  // The library takes a lone dot, which managed fields have as a key, for half a number; Go does not.
  await respond(exchange, code, 'application/yaml', text.replace(/^(\s*)"\.": /gm, '$1.: '), extra);
}

const includes: ReadonlySet<string> = new Set(['None', 'Metadata', 'Object']);

/** metav1validation `ValidateTableOptions` */
const tableObjects = "must be 'Metadata', 'Object', 'None', or empty";

/** `includeObject` of the query: what each row carries beside its cells; metadata unless asked otherwise. */
export function columnOptions(exchange: Exchange, representation: Representation): ColumnOptions {
  const isAsked = representation.as === 'Table' && exchange.info.query.includes('includeObject');
  const asked = isAsked ? (exchange.query.get('includeObject') ?? '') : '';
  if (asked !== '' && !includes.has(asked))
    throw statusErrors.badRequest(
      `Unable to convert to Table as requested: ${fieldErrors.invalid(fieldPath('includeObject'), asked, tableObjects).toString()}`,
    );
  return {
    nowMs: exchange.nowMs,
    includeObject: asked === '' ? 'Metadata' : (asked as 'None' | 'Metadata' | 'Object'),
    apiVersion: representation.asVersion,
    ...(exchange.server.describe === undefined ? {} : { describe: exchange.server.describe }),
  };
}
