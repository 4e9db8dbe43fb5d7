import { condition, object, podTemplate, type ResourceExample, selector } from './resource-example';

/** No node has it, so no pod of a workload is ever scheduled. */
const nowhere = {
  metadata: { labels: { app: 'example' } },
  spec: { nodeSelector: { no: 'where' }, containers: [{ name: 'main', image: 'registry.example/app:1' }] },
};

const scaleTarget = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'deployment' };

export const workloadExamples: readonly ResourceExample[] = [
  {
    resource: 'apps/v1/controllerrevisions',
    object: object('namespaced', 'apps/v1', 'ControllerRevision', 'revision', {
      revision: 3,
      data: { any: ['thing'] },
    }),
  },
  {
    resource: 'apps/v1/daemonsets',
    object: object('namespaced', 'apps/v1', 'DaemonSet', 'daemons', { spec: { selector, template: nowhere } }),
    status: { conditions: [condition('Tested')] },
  },
  {
    resource: 'apps/v1/deployments',
    object: object('namespaced', 'apps/v1', 'Deployment', 'deployment', {
      spec: { replicas: 0, selector, template: podTemplate() },
    }),
    status: { conditions: [condition('Tested')] },
  },
  {
    resource: 'apps/v1/replicasets',
    object: object('namespaced', 'apps/v1', 'ReplicaSet', 'replicas', {
      spec: { replicas: 0, selector, template: podTemplate() },
    }),
    status: { replicas: 0, conditions: [condition('Tested')] },
  },
  {
    resource: 'apps/v1/statefulsets',
    object: object('namespaced', 'apps/v1', 'StatefulSet', 'stateful', {
      spec: { replicas: 0, serviceName: 'service', selector, template: podTemplate() },
    }),
    status: { replicas: 0, conditions: [condition('Tested')] },
  },
  {
    resource: 'autoscaling/v1/horizontalpodautoscalers',
    object: object('namespaced', 'autoscaling/v1', 'HorizontalPodAutoscaler', 'scaler-v1', {
      spec: { scaleTargetRef: scaleTarget, maxReplicas: 4, targetCPUUtilizationPercentage: 70 },
    }),
    status: { currentReplicas: 1, desiredReplicas: 2, currentCPUUtilizationPercentage: 55 },
  },
  {
    resource: 'autoscaling/v2/horizontalpodautoscalers',
    object: object('namespaced', 'autoscaling/v2', 'HorizontalPodAutoscaler', 'scaler-v2', {
      spec: {
        scaleTargetRef: scaleTarget,
        maxReplicas: 4,
        metrics: [
          {
            type: 'Pods',
            pods: { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '10' } },
          },
        ],
      },
    }),
    status: { desiredReplicas: 2, conditions: [condition('AbleToScale')] },
  },
  {
    resource: 'batch/v1/cronjobs',
    object: object('namespaced', 'batch/v1', 'CronJob', 'cron', {
      spec: { schedule: '0 3 * * 1', suspend: true, jobTemplate: { spec: { template: podTemplate('Never') } } },
    }),
    status: { lastScheduleTime: '2026-02-03T03:00:00Z' },
  },
  {
    resource: 'batch/v1/jobs',
    object: object('namespaced', 'batch/v1', 'Job', 'job', {
      spec: { suspend: true, template: podTemplate('Never') },
    }),
    status: { conditions: [{ ...condition('Suspended') }] },
  },
  {
    resource: 'policy/v1/poddisruptionbudgets',
    object: object('namespaced', 'policy/v1', 'PodDisruptionBudget', 'budget', {
      spec: { maxUnavailable: '30%', selector },
    }),
    status: { currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 0, expectedPods: 2 },
  },
  {
    resource: 'scheduling.k8s.io/v1/priorityclasses',
    object: object('cluster', 'scheduling.k8s.io/v1', 'PriorityClass', 'example-priority', { value: -7 }),
  },
  {
    resource: 'coordination.k8s.io/v1/leases',
    object: object('namespaced', 'coordination.k8s.io/v1', 'Lease', 'lease', {
      spec: { holderIdentity: 'somebody', leaseDurationSeconds: 20 },
    }),
  },
  {
    resource: 'node.k8s.io/v1/runtimeclasses',
    object: object('cluster', 'node.k8s.io/v1', 'RuntimeClass', 'example-runtime', {
      handler: 'sandbox',
      overhead: { podFixed: { memory: '32Mi' } },
    }),
  },
  {
    resource: 'events.k8s.io/v1/events',
    object: object('namespaced', 'events.k8s.io/v1', 'Event', 'noted.2', {
      eventTime: '2026-02-03T04:05:06.000007Z',
      reportingController: 'example.com/controller',
      reportingInstance: 'controller-0',
      action: 'Noting',
      reason: 'Noted',
      type: 'Normal',
      regarding: { kind: 'ConfigMap', namespace: 'examples', name: 'settings' },
    }),
  },
];
