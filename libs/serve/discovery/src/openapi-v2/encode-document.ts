import type { SwaggerDocument } from '@reckon/api/kinds';
import { BackwardWriter } from './backward-writer';
import { type FieldRule, type MessageName, messages, type Scalar } from './messages';

type Json = Readonly<Record<string, unknown>>;

/** The document as gnostic's `openapi.v2.Document`. Throws RangeError at what the table of messages does not know. */
export function encodeDocument(document: SwaggerDocument): Buffer {
  const writer = new BackwardWriter(1024 * 1024);
  writeMessage(writer, 'Document', document);
  return writer.finish();
}

/** The message's content, without head. */
function writeMessage(writer: BackwardWriter, name: MessageName, value: unknown): void {
  if (name === 'StringArray') return writeList(writer, { number: 1, type: 'string' }, value as readonly unknown[]);
  if (name === 'SecurityRequirement') return writePairs(writer, 1, 'StringArray', value as Json);
  if (name === 'AdditionalProperties' && typeof value === 'boolean') return writer.integer(2, value ? 1 : 0);
  const { fields, extensions, choose } = messages[name];
  const object = value as Json;
  if (choose !== undefined) {
    const [number, type] = choose(object);
    return writeNested(writer, number, type, object);
  }
  for (const key of Object.keys(object).reverse()) {
    const held = object[key];
    const rule = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (rule !== undefined) writeField(writer, rule, held);
    else if (extensions !== 0 && key.startsWith('x-')) writePair(writer, extensions, key, 'any', held);
    else throw new RangeError(`openapi.v2.${name} has no field ${key}`);
  }
}

function writeField(writer: BackwardWriter, rule: FieldRule, value: unknown): void {
  switch (rule.shape) {
    case 'one':
      return writeValue(writer, rule.number, rule.type, value);
    case 'list':
      return writeList(writer, rule, value as readonly unknown[]);
    case 'map': {
      const before = writer.length;
      writePairs(writer, rule.mapNumber, rule.type, value as Json);
      return writer.head(rule.number, writer.length - before);
    }
    case 'boxed': {
      const before = writer.length;
      writeList(writer, { number: 1, type: rule.type }, Array.isArray(value) ? value : [value]);
      return writer.head(rule.number, writer.length - before);
    }
  }
}

function writeList(
  writer: BackwardWriter,
  { number, type }: Pick<FieldRule, 'number' | 'type'>,
  list: readonly unknown[],
): void {
  for (let at = list.length - 1; at >= 0; at--) {
    // An empty text is an item all the same.
    if (type === 'string') writer.text(number, list[at] as string);
    else writeValue(writer, number, type, list[at]);
  }
}

function writePairs(writer: BackwardWriter, number: number, type: Scalar | MessageName, map: Json): void {
  for (const name of Object.keys(map).reverse()) writePair(writer, number, name, type, map[name]);
}

function writePair(
  writer: BackwardWriter,
  number: number,
  name: string,
  type: Scalar | MessageName,
  value: unknown,
): void {
  const before = writer.length;
  writeValue(writer, 2, type, value);
  writer.text(1, name);
  writer.head(number, writer.length - before);
}

/** Scalars that have their type's zero value are left out, as proto3 does. */
function writeValue(writer: BackwardWriter, number: number, type: Scalar | MessageName, value: unknown): void {
  switch (type) {
    case 'string':
      if (value !== '') writer.text(number, value as string);
      return;
    case 'bool':
      if (value === true) writer.integer(number, 1);
      return;
    case 'int64':
      if (value !== 0) writer.integer(number, value as number);
      return;
    case 'double':
      if (value !== 0) writer.double(number, value as number);
      return;
    case 'any': {
      const before = writer.length;
      writer.text(2, yamlOf(value));
      return writer.head(number, writer.length - before);
    }
    default:
      return writeNested(writer, number, type, value);
  }
}

function writeNested(writer: BackwardWriter, number: number, type: MessageName, value: unknown): void {
  const before = writer.length;
  writeMessage(writer, type, value);
  writer.head(number, writer.length - before);
}

/** An `Any` holds YAML. JSON is YAML; old parsers want a space after the colon of a quoted key. */
function yamlOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, held]) => `${JSON.stringify(key)}: ${yamlOf(held)}`)
    .join(', ')}}`;
}
