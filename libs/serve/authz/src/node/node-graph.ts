/** `secrets/default/token`; the namespace is '' for what has none. */
export type VertexKey = string;

export const vertexKey = (resource: string, namespace: string, name: string): VertexKey =>
  `${resource}/${namespace}/${name}`;

/** What one object says about nodes. */
export interface Relations {
  /** The node that the object is on; '' for none. That node may read the object itself. */
  readonly node: string;
  /** What that node may read because of it. */
  readonly used: readonly VertexKey[];
  /** Who may read the second may read the first. */
  readonly links: readonly (readonly [VertexKey, VertexKey])[];
}

/** Something that others refer to. It need not exist. */
interface Vertex {
  readonly key: VertexKey;
  /** Nodes with an object that uses it, and how many. */
  readonly nodes: Map<string, number>;
  /** Who may read one of these may read this; with the number of objects that say so. */
  readonly onward: Map<Vertex, number>;
  /** Vertices that have this one in their `onward`. */
  referrers: number;
}

/** Relations of one object, with the vertices that they made. */
interface Said {
  readonly node: string;
  readonly used: readonly Vertex[];
  readonly links: readonly (readonly [Vertex, Vertex])[];
}

/**
 * Who may read what because of what runs where (plugin/pkg/auth/authorizer/node `Graph`). Each thing counts the nodes that use it,
 * so that a ConfigMap which 5,000 pods mount is decided by one look, and a change of an object costs as much as it has references.
 */
export class NodeGraph {
  private readonly said = new Map<VertexKey, Said>();
  private readonly vertices = new Map<VertexKey, Vertex>();

  has(object: VertexKey): boolean {
    return this.said.has(object);
  }

  /** Replaces what the object said before. */
  set(object: VertexKey, { node, used, links }: Relations): void {
    this.delete(object);
    const said: Said = {
      node,
      used: used.map((key) => this.vertex(key)),
      links: links.map(([from, to]) => [this.vertex(from), this.vertex(to)]),
    };
    this.said.set(object, said);
    for (const { nodes } of said.used) raise(nodes, node);
    for (const [from, to] of said.links) if (raise(from.onward, to)) to.referrers++;
  }

  delete(object: VertexKey): void {
    const said = this.said.get(object);
    if (said === undefined) return;
    this.said.delete(object);
    for (const vertex of said.used) {
      lower(vertex.nodes, said.node);
      this.drop(vertex);
    }
    for (const [from, to] of said.links) {
      if (lower(from.onward, to)) to.referrers--;
      this.drop(from);
      this.drop(to);
    }
  }

  /** Whether the object is on the node, or used by what is. */
  reaches(object: VertexKey, node: string): boolean {
    if (this.said.get(object)?.node === node) return true;
    const vertex = this.vertices.get(object);
    return vertex !== undefined && this.leads(vertex, node);
  }

  /** How many things are referred to: nothing may stay behind. */
  get size(): number {
    return this.vertices.size;
  }

  /** Links go from Secrets to volumes to claims and never back. */
  private leads(vertex: Vertex, node: string): boolean {
    if (vertex.nodes.has(node)) return true;
    for (const next of vertex.onward.keys()) if (this.leads(next, node)) return true;
    return false;
  }

  private vertex(key: VertexKey): Vertex {
    let vertex = this.vertices.get(key);
    if (vertex === undefined) {
      vertex = { key, nodes: new Map(), onward: new Map(), referrers: 0 };
      this.vertices.set(key, vertex);
    }
    return vertex;
  }

  private drop({ key, nodes, onward, referrers }: Vertex): void {
    if (nodes.size === 0 && onward.size === 0 && referrers === 0) this.vertices.delete(key);
  }
}

/** Whether it was the first. */
function raise<K>(counts: Map<K, number>, key: K): boolean {
  const count = counts.get(key) ?? 0;
  counts.set(key, count + 1);
  return count === 0;
}

/** Whether it was the last. */
function lower<K>(counts: Map<K, number>, key: K): boolean {
  const count = (counts.get(key) ?? 0) - 1;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
  return count <= 0;
}
