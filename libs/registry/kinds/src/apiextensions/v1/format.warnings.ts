import { goQuote } from '@reckon/api/machinery';
import type { apiextensionsv1 } from '@reckon/api/types';
import { type JsonSchema, someSchema } from '../schema/json-schema';
import { isKnownFormat } from '../schema/string-format';

/** pkg/apiserver/validation `GetUnrecognizedFormats`: what a server does not look at, whatever its author hoped. */
function unknownFormat({ type = '', format = '' }: JsonSchema): string | undefined {
  if (format === '') return undefined;
  switch (type) {
    case '':
    case 'string':
      return isKnownFormat(format) ? undefined : format;
    case 'integer':
      return format === 'int32' || format === 'int64' ? undefined : format;
    case 'number':
      return format === 'float' || format === 'double' ? undefined : format;
    default:
      return format;
  }
}

function unknownFormats(definition: apiextensionsv1.CustomResourceDefinition): ReadonlySet<string> {
  const formats = new Set<string>();
  for (const { schema } of definition.spec.versions ?? [])
    someSchema(schema?.openAPIV3Schema, (inner) => {
      const format = unknownFormat(inner);
      if (format !== undefined) formats.add(format);
      return false;
    });
  return formats;
}

/** Of formats that came with this write. */
export function formatWarnings(
  definition: apiextensionsv1.CustomResourceDefinition,
  old: apiextensionsv1.CustomResourceDefinition | undefined,
): string[] {
  const before = old === undefined ? new Set<string>() : unknownFormats(old);
  return [...unknownFormats(definition)]
    .filter((format) => !before.has(format))
    .map((format) => `unrecognized format ${goQuote(format)}`);
}
