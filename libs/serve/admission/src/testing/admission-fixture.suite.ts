import { createKindRegistry, type ResourceRow } from '@reckon/api/kinds';
import { type KubeObject, StatusError } from '@reckon/api/machinery';
import { seededRandom } from '@reckon/kernel';
import type { RequestContext, UserInfo } from '@reckon/registry/generic';
import { type MemoryStorage, memoryStorage } from '@reckon/store/storage/suites';
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
  /** Default: jane. */
  readonly user?: UserInfo;
}

export interface AdmissionFixture extends MemoryStorage {
  /** Runs both stages on a copy of the object and answers it, or what was refused: `403 …`. */
  ask(ask: Ask): Promise<KubeObject | string>;
  /** The same for a new pod in namespace `default`; answers its spec. */
  pod(spec: object, metadata?: object): Promise<unknown>;
}

/** Plugins over a real storage that holds the namespace `default` and its account. */
export async function admissionFixture(options: Partial<AdmissionOptions> = {}): Promise<AdmissionFixture> {
  const memory = await memoryStorage();
  const core = (resource: string) => ({ group: '', resource });
  await memory.put(core('namespaces'), { metadata: { name: 'default' }, status: { phase: 'Active' } });
  await memory.put(core('serviceaccounts'), { metadata: { namespace: 'default', name: 'default' } });
  const { chain } = createAdmission({
    storage: memory.storage,
    random: seededRandom(7),
    timers: memory.clock,
    ...options,
  });

  async function ask(given: Ask): Promise<KubeObject | string> {
    const object = structuredClone(given.object) as KubeObject | undefined;
    const attributes: AdmissionAttributes = {
      ctx: given.user === undefined ? ctx : { ...ctx, user: given.user },
      operation: given.operation ?? 'CREATE',
      row: given.row ?? rowOf('', 'v1', 'pods'),
      subresource: given.subresource ?? '',
      namespace: given.namespace ?? 'default',
      name: given.name ?? object?.metadata.name ?? '',
      object,
      oldObject: given.oldObject as KubeObject | undefined,
      dryRun: false,
      options: {},
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
    async pod(spec, metadata = {}) {
      const admitted = await ask({ object: { metadata: { name: 'p', namespace: 'default', ...metadata }, spec } });
      return typeof admitted === 'string' ? admitted : admitted['spec'];
    },
  };
}
