/** One line of the table. Budgets are those of the design, as ratios to the floor or as absolute limits. */
export interface Row {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  /** `rate`: at least `budget` times the floor's; `time`: at most `budget` times; `limit`: at most `budget` units. */
  readonly kind: 'rate' | 'time' | 'limit';
  readonly budget: number;
  /** For a `rate` that is below its budget for reasons that docs/designs tells: the share that must be held until they are gone. */
  readonly held?: number;
  /** Slowest tolerable p99, as a multiple of the floor's. */
  readonly p99?: number;
}

export const rows: readonly Row[] = [
  { id: 'readyz', what: 'new cluster: start to readyz', unit: 'ms', kind: 'limit', budget: 800 },
  { id: 'ready', what: 'new cluster: start to ready', unit: 'ms', kind: 'limit', budget: 1500 },
  { id: 'idle-memory', what: 'resident memory, idle', unit: 'MB', kind: 'limit', budget: 150 },
  { id: 'create', what: 'create pods, 32 clients', unit: '/s', kind: 'rate', budget: 0.65, held: 0.3, p99: 3 },
  { id: 'get', what: 'get', unit: '/s', kind: 'rate', budget: 0.65, p99: 3 },
  { id: 'patch', what: 'merge-patch', unit: '/s', kind: 'rate', budget: 0.6, held: 0.25, p99: 3 },
  { id: 'list', what: 'list 5,000 pods', unit: 'ms', kind: 'time', budget: 1.4 },
  { id: 'watch', what: 'watch: 500 creates × 100 watchers', unit: 'events/s', kind: 'rate', budget: 0.7, p99: 3 },
  { id: 'memory', what: 'resident memory, 5,000 pods', unit: 'MB', kind: 'limit', budget: 300 },
  {
    id: 'replicaset',
    what: 'ReplicaSet of 1,000 pods, 100 nodes, to Running',
    unit: 'ms',
    kind: 'limit',
    budget: 4000,
  },
  { id: 'thousand-cpu', what: '1,000 idle nodes, of one core', unit: '%', kind: 'limit', budget: 10 },
  { id: 'thousand-memory', what: 'resident memory, 1,000 nodes', unit: 'MB', kind: 'limit', budget: 400 },
  { id: 'authorize', what: 'authorize, 100,000 role bindings', unit: 'µs', kind: 'limit', budget: 100 },
  // Far below what an index would take that is built anew.
  { id: 'authorize-binding', what: 'one more of them, until it counts', unit: 'µs', kind: 'limit', budget: 1000 },
];

export interface Figure {
  readonly value: number;
  readonly p50?: number;
  readonly p99?: number;
}

export type Figures = Readonly<Record<string, Figure>>;
