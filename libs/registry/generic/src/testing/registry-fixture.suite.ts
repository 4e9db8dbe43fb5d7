import { type Decoder, type KindRegistry, createDecoder, createKindRegistry } from '@reckon/api/kinds';
import { type KubeObject, StatusError } from '@reckon/api/machinery';
import { type FakeClock, seededRandom } from '@reckon/kernel';
import type { EventLog } from '@reckon/store/contract';
import { controlledLog } from '@reckon/store/contract/suites';
import { memoryLog } from '@reckon/store/log';
import type { OpenStorage } from '@reckon/store/storage';
import { storageOver } from '@reckon/store/storage/suites';
import { createResourceStore } from '../create-resource-store';
import type { RequestContext } from '../request-context';
import type { ResourceStore, UpdateIntent, WriteOptions } from '../resource-store';
import type { Strategy } from '../strategy';

export interface RegistryFixture {
  readonly kinds: KindRegistry;
  readonly decoder: Decoder;
  readonly storage: OpenStorage;
  readonly log: ReturnType<typeof controlledLog>;
  readonly clock: FakeClock;
  readonly warnings: string[];
  store(
    group: string,
    version: string,
    resource: string,
    strategy?: Strategy,
    subresources?: Record<string, Strategy>,
  ): ResourceStore;
  ctx(overrides?: Partial<RequestContext>): RequestContext;
  close(): Promise<void>;
}

/** The registry over a real storage on a log in memory. */
export async function openRegistry(log: EventLog = memoryLog()): Promise<RegistryFixture> {
  const controlled = controlledLog(log);
  const { storage, clock } = await storageOver(controlled);
  const kinds = createKindRegistry();
  const random = seededRandom(7);
  const warnings: string[] = [];
  return {
    kinds,
    decoder: createDecoder(kinds),
    storage,
    log: controlled,
    clock,
    warnings,
    store(group, version, resource, strategy = {}, subresources = {}) {
      const row = kinds.resource(group, version, resource);
      if (row === undefined) throw new Error(`no resource ${resource}`);
      return createResourceStore({ row, kinds, storage, strategy, subresources, random });
    },
    ctx: (overrides = {}) => ({
      user: { name: 'tester', groups: [] },
      userAgent: 'test/1',
      requestId: 'r1',
      fieldManager: 'test',
      nowMs: clock.nowMs(),
      signal: new AbortController().signal,
      warn: (text) => warnings.push(text),
      ...overrides,
    }),
    async close() {
      await storage.stop();
      await log.close();
    },
  };
}

export const writeOptions = (overrides: Partial<WriteOptions> = {}): WriteOptions => ({
  dryRun: false,
  admission: { mutate: () => undefined, validate: () => undefined },
  apiVersion: 'v1',
  ...overrides,
});

/** A PUT of this body. */
export const put = (body: KubeObject): UpdateIntent => ({
  next: () => structuredClone(body),
  operation: 'Update',
  mayCreate: true,
  ...(body.metadata.uid === undefined ? {} : { uid: body.metadata.uid }),
});

/** A PATCH that changes the current object in place. */
export const change = (edit: (object: KubeObject) => void): UpdateIntent => ({
  next: (current) => {
    if (current === undefined) throw new Error('nothing to patch');
    edit(current);
    return current;
  },
  operation: 'Update',
  mayCreate: false,
});

export const objectOf = ({ bytes }: { readonly bytes: Buffer }): KubeObject =>
  JSON.parse(bytes.toString()) as KubeObject;

/** The Status of a refusal; fails when there is none. */
export async function statusOf(run: () => unknown): Promise<{
  code: number;
  reason: string | undefined;
  message: string | undefined;
  details: unknown;
  metadata: unknown;
}> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const { code, reason, message, details, metadata } = error.status;
    return { code, reason, message, details, metadata };
  }
  throw new Error('it was not refused');
}

export const configMap = (name: string, rest: Partial<KubeObject> = {}): KubeObject => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  ...rest,
  metadata: { name, ...rest.metadata },
});
