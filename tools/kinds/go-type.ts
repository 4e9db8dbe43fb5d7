/** A Go type as reflection prints it, e.g. `map[string<string>][]uint8<uint8>` or `*k8s.io/api/core/v1.Probe`. */
export type GoType =
  | { readonly form: 'pointer' | 'slice'; readonly of: GoType }
  | { readonly form: 'map'; readonly key: GoType; readonly of: GoType }
  | { readonly form: 'basic'; readonly name: string }
  | { readonly form: 'named'; readonly name: string; readonly under?: GoType };

const basics = new Set(['string', 'bool', 'int', 'int32', 'int64', 'uint8', 'float64']);

/** Package paths are cut to what tells them apart: `core/v1`, `meta/v1`, `resource`. */
export function shortName(name: string): string {
  return name
    .replace(/^k8s\.io\/api\//, '')
    .replace(/^k8s\.io\/apimachinery\/pkg\/apis\//, '')
    .replace(/^k8s\.io\/apiextensions-apiserver\/pkg\/apis\//, '')
    .replace(/^k8s\.io\/kube-aggregator\/pkg\/apis\//, '')
    .replace(/^k8s\.io\/apimachinery\/pkg\/(?:api\/|util\/)?/, '')
    .replace(/^encoding\//, '');
}

/** `homePackage` qualifies names that reflection printed without their package. */
export function parseGoType(text: string, homePackage: string): GoType {
  const [type, rest] = parse(text);
  if (rest !== '') throw new Error(`Go type "${text}": cannot read "${rest}"`);
  return type;

  function parse(from: string): [GoType, string] {
    if (from.startsWith('*')) {
      const [of, after] = parse(from.slice(1));
      return [{ form: 'pointer', of }, after];
    }
    if (from.startsWith('[]')) {
      const [of, after] = parse(from.slice(2));
      return [{ form: 'slice', of }, after];
    }
    if (from.startsWith('map[')) {
      const [key, afterKey] = parse(from.slice(4));
      const [of, after] = parse(afterKey.slice(1));
      return [{ form: 'map', key, of }, after];
    }
    if (from.startsWith('interface {}')) return [{ form: 'basic', name: 'any' }, from.slice('interface {}'.length)];
    const name = /^[^<>\][*]+/.exec(from)?.[0] ?? '';
    const afterName = from.slice(name.length);
    if (!afterName.startsWith('<')) return [named(name), afterName];
    const [under, after] = parse(afterName.slice(1));
    if (!after.startsWith('>')) throw new Error(`Go type "${text}": no closing > in "${after}"`);
    const outer = named(name);
    return [outer.form === 'named' ? { ...outer, under } : outer, after.slice(1)];
  }

  function named(name: string): Extract<GoType, { form: 'basic' | 'named' }> {
    if (basics.has(name)) return { form: 'basic', name };
    return { form: 'named', name: shortName(name.includes('.') ? name : `${homePackage}.${name}`) };
  }
}

/** The type in Go's syntax with short package names; `[]uint8` is `[]byte`. */
export function printGoType(type: GoType): string {
  switch (type.form) {
    case 'pointer':
      return `*${printGoType(type.of)}`;
    case 'slice':
      return type.of.form === 'basic' && type.of.name === 'uint8' ? '[]byte' : `[]${printGoType(type.of)}`;
    case 'map':
      return `map[${printGoType(type.key)}]${printGoType(type.of)}`;
    default:
      return type.name;
  }
}
