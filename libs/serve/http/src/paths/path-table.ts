import type { Exchange } from '../exchange';

/** What is known of a path beside its handler. */
interface PathOptions {
  /** Left out of the list at `/`. */
  readonly hidden?: true;
  /** Not only GET and HEAD. */
  readonly anyMethod?: true;
}

interface FoundPath {
  readonly handler: PathHandler;
  readonly takesAnyMethod: boolean;
}

export type PathHandler = (exchange: Exchange) => void | Promise<void>;

/** Paths that are no resources: exact ones first, then the longest prefix (one that ends in `/`). */
export class PathTable {
  private readonly exact = new Map<string, PathHandler>();
  private readonly prefixes: { readonly prefix: string; readonly handler: PathHandler }[] = [];
  private readonly hidden = new Set<string>();
  private readonly ofAnyMethod = new Set<PathHandler>();

  add(path: string, handler: PathHandler, options: PathOptions = {}): void {
    if (options.hidden === true) this.hidden.add(path);
    if (options.anyMethod === true) this.ofAnyMethod.add(handler);
    if (!path.endsWith('/') || path === '/') this.exact.set(path, handler);
    else {
      this.prefixes.push({ prefix: path, handler });
      this.prefixes.sort((a, b) => b.prefix.length - a.prefix.length);
    }
  }

  find(path: string): FoundPath | undefined {
    const exact = this.exact.get(path) ?? (path.endsWith('/') ? this.exact.get(path.slice(0, -1)) : undefined);
    const handler = exact ?? this.prefixes.find((p) => path.startsWith(p.prefix))?.handler;
    return handler === undefined ? undefined : { handler, takesAnyMethod: this.ofAnyMethod.has(handler) };
  }

  /** What `/` lists, unsorted. */
  list(): string[] {
    const all = [...this.exact.keys(), ...this.prefixes.map((p) => p.prefix)];
    return all.filter((path) => path !== '/' && !this.hidden.has(path));
  }
}
