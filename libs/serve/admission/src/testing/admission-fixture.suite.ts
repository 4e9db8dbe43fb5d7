import { createKindRegistry, type ResourceRow } from '@reckon/api/kinds';
import { type KubeObject, StatusError } from '@reckon/api/machinery';
import { seededRandom, systemClock, systemTimers } from '@reckon/kernel';
import type { RequestContext, UserInfo } from '@reckon/registry/generic';
import { type MemoryStorage, memoryStorage } from '@reckon/store/storage/suites';
import type { CallingOut } from '../calling-out';
import { createAdmission, type AdmissionOptions } from '../create-admission';
import type { AdmissionAttributes, Operation } from '../plugin';

const kinds = createKindRegistry();

export const ctx: RequestContext = {
  user: { name: 'jane', groups: ['dev'] },
  userAgent: 'spec',
  requestId: 'r',
  fieldManager: 'spec',
  nowMs: 0,
  signal: new AbortController().signal,
  warn: () => undefined,
};

export function rowOf(group: string, version: string, resource: string): ResourceRow {
  const row = kinds.resource(group, version, resource);
  if (row === undefined) throw new Error(`no such resource: ${resource}`);
  return row;
}

export interface Ask {
  readonly operation?: Operation;
  readonly row?: ResourceRow;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly object?: object;
  readonly oldObject?: object;
  /** The object is taken as it is, and not a copy of it. */
  readonly isShared?: boolean;
  readonly dryRun?: boolean;
  readonly timeoutMs?: number;
  /** Default: jane. */
  readonly user?: UserInfo;
  /** Instead of parts of the usual. */
  readonly ctx?: Partial<RequestContext>;
}

export interface FixtureOptions extends Partial<AdmissionOptions> {
  /** With webhooks and policies; it gives the defaults of a row's objects. */
  readonly defaults?: CallingOut['defaultsOf'];
}

export interface AdmissionFixture extends MemoryStorage {
  /** What was logged as a warning, in short. */
  readonly warned: readonly string[];
  stop(): void;
  /** Runs both stages on a copy of the object and answers it, or what was refused: `403 …`. */
  ask(ask: Ask): Promise<KubeObject | string>;
  /** The same for a new pod in namespace `default`; answers its spec. */
  pod(spec: object, metadata?: object): Promise<unknown>;
}

/** Plugins over a real storage that holds the namespace `default` and its account. */
export async function admissionFixture(options: FixtureOptions = {}): Promise<AdmissionFixture> {
  const warned: string[] = [];
  const memory = await memoryStorage();
  const core = (resource: string) => ({ group: '', resource });
  await memory.put(core('namespaces'), { metadata: { name: 'default' }, status: { phase: 'Active' } });
  await memory.put(core('serviceaccounts'), { metadata: { namespace: 'default', name: 'default' } });
  const { chain, stop } = createAdmission({
    storage: memory.storage,
    random: seededRandom(7),
    timers: memory.clock,
    ...options,
    ...(options.defaults === undefined
      ? {}
      : {
          callingOut: {
            storage: memory.storage,
            kinds,
            defaultsOf: options.defaults,
            // Webhooks are asked in real time.
            clock: systemClock,
            timers: systemTimers,
            logger: { warn: (_, fields) => void warned.push(String(fields?.['why'])) },
          },
        }),
  });

  async function ask(given: Ask): Promise<KubeObject | string> {
    const object = (given.isShared === true ? given.object : structuredClone(given.object)) as KubeObject | undefined;
    const attributes: AdmissionAttributes = {
      ctx: { ...ctx, ...given.ctx, ...(given.user === undefined ? {} : { user: given.user }) },
      operation: given.operation ?? 'CREATE',
      row: given.row ?? rowOf('', 'v1', 'pods'),
      subresource: given.subresource ?? '',
      namespace: given.namespace ?? 'default',
      name: given.name ?? object?.metadata.name ?? '',
      object,
      oldObject: given.oldObject as KubeObject | undefined,
      dryRun: given.dryRun ?? false,
      options: {},
      ...(given.timeoutMs === undefined ? {} : { timeoutMs: given.timeoutMs }),
    };
    try {
      await chain.admit(attributes);
      await chain.validate(attributes);
      return object ?? 'admitted';
    } catch (error) {
      if (error instanceof StatusError) return `${error.status.code} ${error.message}`;
      throw error;
    }
  }

  return {
    ...memory,
    ask,
    warned,
    stop,
    async pod(spec, metadata = {}) {
      const admitted = await ask({ object: { metadata: { name: 'p', namespace: 'default', ...metadata }, spec } });
      return typeof admitted === 'string' ? admitted : admitted['spec'];
    },
  };
}
