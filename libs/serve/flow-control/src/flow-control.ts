import type { flowcontrolv1 } from '@reckon/api/types';
import { type Clock, type MetricsRegistry, type Monotonic, type Running, type Timers, nextTurn } from '@reckon/kernel';
import type { Storage } from '@reckon/store/contract';
import { type Classified, Classifier } from './classifier';
import { type Dump, dumpPriorityLevels, dumpQueues, dumpRequests } from './dump';
import { FlowMetrics } from './flow-metrics';
import type { FlowRequest } from './flow-request';
import { FlowUse } from './flow-use';
import { levelLimits, levelSpec } from './level-limits';
import { ObjectSizes } from './object-sizes';
import { PriorityLevel } from './priority-level';
import type { Seat } from './seat';
import { type Claim, shareSeats } from './share-seats';
import { WatchCounts } from './watch-counts';
import { type ObjectStatistics, seatsOf } from './work-estimate';

type Level = flowcontrolv1.PriorityLevelConfiguration;
type Schema = flowcontrolv1.FlowSchema;

const group = 'flowcontrol.apiserver.k8s.io';
const levelResource = { group, resource: 'prioritylevelconfigurations' };
const schemaResource = { group, resource: 'flowschemas' };
/** Seats are lent and taken back this often. */
const adjustmentMs = 10_000;
const reads: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'head', 'options']);

export interface FlowControlParts {
  readonly storage: Pick<Storage, 'observe' | 'count' | 'newestOf'>;
  /** Those that are always there, for as long as no objects of theirs are. */
  readonly mandatory: { readonly levels: Iterable<Level>; readonly schemas: Iterable<Schema> };
  /** Requests on a seat at once, all levels but the exempt one together. */
  readonly serverSeats: number;
  /** A request waits in its queue this long at most. */
  readonly waitLimitMs: number;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  readonly timers: Timers;
  readonly metrics: MetricsRegistry;
}

/**
 * API priority and fairness: who comes when, after the FlowSchemas and PriorityLevelConfigurations of the cluster, which it follows
 * (k8s.io/apiserver/pkg/util/flowcontrol).
 */
export class FlowControl implements Running {
  readonly dumps: Readonly<Record<string, (includeDetails: boolean) => string>>;
  private readonly levelObjects = new Map<string, Level>();
  private readonly schemaObjects = new Map<string, Schema>();
  private readonly levels = new Map<string, PriorityLevel>();
  private uses = new Map<string, FlowUse>();
  private classifier: Classifier<{ readonly level: PriorityLevel; readonly use: FlowUse }>;
  private readonly flowMetrics: FlowMetrics;
  private readonly watches = new WatchCounts();
  private readonly objects: ObjectStatistics;
  private nominalSeats = 0;
  private fairFraction = 0;
  private isDigesting = false;
  private readonly ends: (() => void)[] = [];

  constructor(private readonly parts: FlowControlParts) {
    this.flowMetrics = new FlowMetrics(parts.metrics, {
      levels: () => this.levels.values(),
      uses: () => this.uses.values(),
      fairFraction: () => this.fairFraction,
      nowMs: () => parts.monotonic.elapsedMs(),
    });
    const sizes = new ObjectSizes(parts.storage, parts.monotonic);
    this.objects = { count: (resource) => parts.storage.count(resource), bytes: (resource) => sizes.of(resource) };
    this.classifier = this.digest();
    const dump = (): Dump => ({
      levels: [...this.levels.values()].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1)),
      apiMs: (elapsedMs) => parts.clock.nowMs() - (parts.monotonic.elapsedMs() - elapsedMs),
    });
    this.dumps = {
      dump_priority_levels: () => dumpPriorityLevels(dump()),
      dump_queues: () => dumpQueues(dump()),
      dump_requests: (includeDetails) => dumpRequests(dump(), includeDetails),
    };
  }

  /** Follows the objects, and lends seats from time to time, until `stop`. */
  start(): this {
    const { storage, timers } = this.parts;
    this.ends.push(
      storage.observe(levelResource, ({ type, object }) => {
        if (type === 'DELETED') this.levelObjects.delete(object.key.name);
        else this.levelObjects.set(object.key.name, object.parse());
        this.changed();
      }),
      storage.observe(schemaResource, ({ type, object }) => {
        if (type === 'DELETED') this.schemaObjects.delete(object.key.name);
        else this.schemaObjects.set(object.key.name, object.parse());
        this.changed();
      }),
      timers.every(adjustmentMs, () => {
        this.lend();
      }),
    );
    return this;
  }

  stop(): Promise<void> {
    for (const end of this.ends.splice(0)) end();
    return Promise.resolve();
  }

  /** Classifies a request and gives it a seat, a place in a queue, or neither: see the seat's state. */
  admit(request: FlowRequest): Seat {
    const { level, use } = this.classifier.classify(request).target;
    const { info } = request;
    if (!reads.has(info.verb)) use.watchersSeen(this.watches.of(info));
    const width = level.spec.isExempt ? 1 : seatsOf(info, level.limits.nominal, this.objects);
    return level.start(use, request, width);
  }

  /** A watch is open; the returned function ends it. */
  watchOpened(request: FlowRequest): () => void {
    return this.watches.opened(request.info);
  }

  /** Once for all objects that change together. */
  private changed(): void {
    if (this.isDigesting) return;
    this.isDigesting = true;
    nextTurn(() => {
      this.isDigesting = false;
      if (this.ends.length > 0) this.classifier = this.digest();
    });
  }

  private digest(): Classifier<{ readonly level: PriorityLevel; readonly use: FlowUse }> {
    this.digestLevels();
    this.divideSeats();
    this.lend();
    const uses = new Map<string, FlowUse>();
    const classified: Classified<{ level: PriorityLevel; use: FlowUse }>[] = [];
    for (const schema of withMandatory(this.schemaObjects, this.parts.mandatory.schemas)) {
      const level = this.levels.get(schema.spec?.priorityLevelConfiguration.name ?? '');
      if (level === undefined || level.isQuiescing) continue;
      const use = this.useOf(schema, level);
      uses.set(schema.metadata.name ?? '', use);
      classified.push({ schema, target: { level, use } });
    }
    this.uses = uses;
    return new Classifier(classified);
  }

  private digestLevels(): void {
    const wanted = new Set<string>();
    for (const object of withMandatory(this.levelObjects, this.parts.mandatory.levels)) {
      const spec = levelSpec(object);
      if (spec === undefined) continue;
      wanted.add(spec.name);
      let level = this.levels.get(spec.name);
      if (level === undefined) this.levels.set(spec.name, (level = new PriorityLevel(this.parts, spec)));
      level.isQuiescing = false;
      level.configure(spec);
    }
    for (const [name, level] of this.levels) {
      if (wanted.has(name)) continue;
      // Those that wait or run end in the level in which they began.
      level.isQuiescing = true;
      if (level.isIdle) this.levels.delete(name);
    }
  }

  private divideSeats(): void {
    const { serverSeats } = this.parts;
    const all = [...this.levels.values()];
    const shareSum = all.reduce((sum, { spec }) => sum + spec.shares, 0);
    this.nominalSeats = 0;
    for (const level of all) {
      level.limits = levelLimits(level.spec, shareSum, serverSeats);
      this.nominalSeats += level.limits.nominal;
    }
  }

  /** util/flowcontrol `updateBorrowingLocked`: seats of levels that want few go to those that want more than is theirs. */
  private lend(): void {
    const nowMs = this.parts.monotonic.elapsedMs();
    const limited: { level: PriorityLevel; least: number; claim: Claim }[] = [];
    let left = this.nominalSeats;
    let lowerSum = 0;
    let leastSum = 0;
    for (const [name, level] of this.levels) {
      if (level.isQuiescing && level.isIdle) this.levels.delete(name);
      const { limits, demand } = level;
      demand.close(nowMs);
      if (level.spec.isExempt) {
        level.targetSeats = Math.max(limits.lower, demand.highWatermark);
        left -= level.targetSeats;
        level.setLimit(level.targetSeats);
        continue;
      }
      const least = Math.max(limits.lower, Math.min(limits.nominal, demand.highWatermark));
      level.targetSeats = Math.max(least, demand.smoothed);
      limited.push({ level, least, claim: { target: level.targetSeats, lower: least, upper: limits.upper } });
      lowerSum += limits.lower;
      leastSum += least;
    }
    const part = left <= lowerSum ? 0 : left <= leastSum ? (left - lowerSum) / (leastSum - lowerSum) : undefined;
    if (part !== undefined) {
      this.fairFraction = 0;
      for (const { level, least } of limited)
        level.setLimit(level.limits.lower + Math.round((least - level.limits.lower) * part));
      return;
    }
    const claims = limited.map(({ claim }) => claim);
    const shares = shareSeats(left, claims);
    this.fairFraction = shares?.fairFraction ?? 0;
    for (const [index, { level, claim }] of limited.entries())
      level.setLimit(Math.round(shares?.seats[index] ?? claim.upper));
  }

  /** The same object as before while the schema leads to the same level: its numbers go on. */
  private useOf(schema: Schema, level: PriorityLevel): FlowUse {
    const name = schema.metadata.name ?? '';
    const headers = [
      'X-Kubernetes-Pf-Flowschema-Uid',
      schema.metadata.uid ?? '',
      'X-Kubernetes-Pf-Prioritylevel-Uid',
      level.spec.uid,
    ];
    const distinguishBy = schema.spec?.distinguisherMethod?.type;
    const by = distinguishBy === 'ByUser' || distinguishBy === 'ByNamespace' ? distinguishBy : undefined;
    const before = this.uses.get(name);
    const isSame =
      before?.level === level.spec.name && before.distinguishBy === by && before.headers.join() === headers.join();
    return isSame ? before : new FlowUse(this.flowMetrics, level.spec.name, name, headers, by);
  }
}

function* withMandatory<T extends Level | Schema>(
  objects: ReadonlyMap<string, T>,
  mandatory: Iterable<T>,
): Iterable<T> {
  yield* objects.values();
  for (const object of mandatory) if (!objects.has(object.metadata.name ?? '')) yield object;
}
