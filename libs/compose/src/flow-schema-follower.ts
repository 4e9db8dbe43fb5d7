import { type KubeObject, timeText } from '@reckon/api/machinery';
import type { flowcontrolv1 } from '@reckon/api/types';
import type { Clock, Logger, Random, Running } from '@reckon/kernel';
import type { ResourceStore } from '@reckon/registry/generic';
import type { Storage } from '@reckon/store/contract';
import { danglingCondition, flowControlConsumer, flowControlGroup, saysSo } from './flow-schema-condition';
import { nameWriter } from './name-writer';
import { systemContext, systemWrite } from './system-context';

export interface FlowSchemaFollowerParts {
  readonly storage: Storage;
  readonly flowSchemas: ResourceStore;
  readonly agent: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const apiVersion = `${flowControlGroup}/v1`;
const levels = { group: flowControlGroup, resource: 'prioritylevelconfigurations' };
const schemas = { group: flowControlGroup, resource: 'flowschemas' };

/** Tells in the status of each FlowSchema whether its priority level is there, as upstream's controller inside the apiserver does. */
export function startFlowSchemaFollower(parts: FlowSchemaFollowerParts): Running {
  const { logger, storage } = parts;
  const writer = nameWriter((name) => writeCondition(parts, name), logger, 'FlowSchema');
  const endSchemas = storage.observe(schemas, ({ type, object }) => {
    if (type !== 'DELETED') writer.look(object.key.name);
  });
  const endLevels = storage.observe(levels, ({ type }) => {
    // A level that only changed is as much there as before.
    if (type === 'MODIFIED') return;
    for (const { key } of storage.newestOf(schemas)) writer.look(key.name);
  });
  return {
    stop() {
      endSchemas();
      endLevels();
      return writer.stop();
    },
  };
}

async function writeCondition(parts: FlowSchemaFollowerParts, name: string): Promise<void> {
  const { storage } = parts;
  const stored = storage.newest({ ...schemas, namespace: '', name });
  if (stored === undefined) return;
  const schema = stored.parse() as unknown as flowcontrolv1.FlowSchema;
  const wanted = danglingCondition(
    schema,
    (level) => storage.newest({ ...levels, namespace: '', name: level }) !== undefined,
  );
  if (saysSo(schema, wanted)) return;
  const before = schema.status?.conditions?.find(({ type }) => type === wanted.type);
  const ctx = { ...systemContext(parts), fieldManager: flowControlConsumer };
  const lastTransitionTime =
    (before?.status === wanted.status ? before?.lastTransitionTime : undefined) ?? timeText(ctx.nowMs);
  const config: KubeObject = {
    apiVersion,
    kind: 'FlowSchema',
    metadata: { name },
    status: { conditions: [{ ...wanted, lastTransitionTime }] },
  };
  await parts.flowSchemas.update(
    ctx,
    '',
    name,
    'status',
    {
      next: (_current, apply) => apply({ config, isForced: true, restore: (document) => document }),
      operation: 'Apply',
      mayCreate: false,
    },
    systemWrite(apiVersion),
  );
}
