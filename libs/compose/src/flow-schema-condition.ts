import { goQuote } from '@reckon/api/machinery';
import type { flowcontrolv1 } from '@reckon/api/types';

export const flowControlGroup = 'flowcontrol.apiserver.k8s.io';

/** The status of FlowSchemas is written under this name, as upstream's controller in the apiserver does. */
export const flowControlConsumer = 'api-priority-and-fairness-config-consumer-v1';

type Condition = flowcontrolv1.FlowSchemaCondition;

/** Whether the priority level that a FlowSchema names is there (util/flowcontrol `syncFlowSchemaStatuses`), without its time. */
export function danglingCondition(schema: flowcontrolv1.FlowSchema, exists: (level: string) => boolean): Condition {
  const level = schema.spec?.priorityLevelConfiguration.name ?? '';
  const reference = `This FlowSchema references the PriorityLevelConfiguration object named ${goQuote(level)}`;
  return exists(level)
    ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${reference} and it exists` }
    : { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${reference} but there is no such object` };
}

/** True when the schema says so already. */
export function saysSo(schema: flowcontrolv1.FlowSchema, wanted: Condition): boolean {
  const now = schema.status?.conditions?.find(({ type }) => type === wanted.type);
  return now?.status === wanted.status && now?.reason === wanted.reason && now?.message === wanted.message;
}
