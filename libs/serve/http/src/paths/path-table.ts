import type { Exchange } from '../exchange';

export type PathHandler = (exchange: Exchange) => void | Promise<void>;

/** Paths that are no resources: exact ones first, then the longest prefix (one that ends in `/`). */
export class PathTable {
  private readonly exact = new Map<string, PathHandler>();
  private readonly prefixes: { readonly prefix: string; readonly handler: PathHandler }[] = [];
  private readonly hidden = new Set<string>();

  /** `hidden` ones are left out of the list at `/`. */
  add(path: string, handler: PathHandler, options: { readonly hidden?: true } = {}): void {
    if (options.hidden === true) this.hidden.add(path);
    if (!path.endsWith('/') || path === '/') this.exact.set(path, handler);
    else {
      this.prefixes.push({ prefix: path, handler });
      this.prefixes.sort((a, b) => b.prefix.length - a.prefix.length);
    }
  }

  find(path: string): PathHandler | undefined {
    const exact = this.exact.get(path) ?? (path.endsWith('/') ? this.exact.get(path.slice(0, -1)) : undefined);
    return exact ?? this.prefixes.find((p) => path.startsWith(p.prefix))?.handler;
  }

  /** What `/` lists, unsorted. */
  list(): string[] {
    const all = [...this.exact.keys(), ...this.prefixes.map((p) => p.prefix)];
    return all.filter((path) => path !== '/' && !this.hidden.has(path));
  }
}
