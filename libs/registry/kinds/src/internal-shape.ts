/** An object by JSON's names. */
export type Fields = Readonly<Record<string, unknown>>;

type Plan = readonly { readonly name: string; readonly json: string; readonly form: (value: unknown) => unknown }[];

const zeros: Fields = { string: '', int: 0, bool: false, quantity: '0' };

/**
 * Objects as upstream's error messages show them: the Go structs of its internal API (pkg/apis/<group>/types.go) put through
 * encoding/json, so with Go's field names, in its order, every field there, unset ones as their zero value.
 *
 * Each struct is one text: `Name:type`, types being `string`, `int`, `bool`, `quantity` (these print a zero), `*` (a pointer:
 * null when unset), `map`, `json` (as it is), `[]`, a struct, `*Struct` or `[]Struct`. The JSON name is the Go name with a
 * lower-case start, or what stands after `=`. `…Struct` are fields of an embedded struct.
 *
 * Messages that show an object are rare enough for it to be planned anew each time.
 */
export function internalShapes<Struct extends string>(
  structs: Readonly<Record<Struct, string>>,
): (struct: Struct, value: object) => Record<string, unknown> {
  const shapeOf = (struct: Struct, value: object): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    for (const { name, json, form } of planOf(struct)) result[name] = form((value as Fields)[json]);
    return result;
  };
  const planOf = (struct: Struct): Plan =>
    structs[struct].split(' ').flatMap((field): Plan => {
      if (field.startsWith('…')) return planOf(field.slice(1) as Struct);
      const [name = '', rest = ''] = field.split(':');
      const [type = '', renamed] = rest.split('=');
      return [{ name, json: renamed ?? name.charAt(0).toLowerCase() + name.slice(1), form: formOf(type) }];
    });
  const formOf = (type: string): ((value: unknown) => unknown) => {
    if (Object.hasOwn(zeros, type)) return (value) => value ?? zeros[type];
    if (type === '*' || type === 'json') return (value) => value ?? null;
    if (type === 'map') return (value) => sortedMap(value as Fields | undefined);
    if (type === '[]') return (value) => value ?? null;
    if (type.startsWith('[]')) {
      const struct = type.slice(2) as Struct;
      return (value) => (Array.isArray(value) ? (value as object[]).map((item) => shapeOf(struct, item)) : null);
    }
    if (type.startsWith('*')) {
      const struct = type.slice(1) as Struct;
      return (value) => (value === undefined || value === null ? null : shapeOf(struct, value));
    }
    return (value) => shapeOf(type as Struct, value ?? {});
  };
  return shapeOf;
}

/** Go prints maps sorted by key. */
function sortedMap(map: Fields | undefined): Fields | null {
  const keys = Object.keys(map ?? {}).sort();
  return keys.length === 0 ? null : Object.fromEntries(keys.map((key) => [key, map?.[key]]));
}
