/** A Go type as reflection sees it. `under` is what a named type stands for, unless it is a struct or an interface. */
export type GoType =
  | { readonly form: 'pointer' | 'slice'; readonly of: GoType }
  | { readonly form: 'map'; readonly key: GoType; readonly of: GoType }
  | { readonly form: 'basic'; readonly name: string }
  | { readonly form: 'named'; readonly name: string; readonly under?: GoType };

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
