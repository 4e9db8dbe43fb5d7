/** The object, or each item of a list and each object of a table's rows, without `metadata.managedFields`. Copies what it changes. */
export function withoutManagedFields(object: object): object {
  const { items, rows, metadata } = object as { items?: unknown; rows?: unknown; metadata?: unknown };
  let result = object;
  if (isObject(metadata) && 'managedFields' in metadata) {
    const rest = { ...metadata };
    delete rest['managedFields'];
    result = { ...result, metadata: rest };
  }
  if (Array.isArray(items)) result = { ...result, items: items.map(stripped) };
  if (Array.isArray(rows))
    result = {
      ...result,
      rows: rows.map((row: unknown) =>
        isObject(row) && isObject(row['object']) ? { ...row, object: stripped(row['object']) } : row,
      ),
    };
  return result;
}

const stripped = (value: unknown): unknown => (isObject(value) ? withoutManagedFields(value) : value);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
