import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NatsServer, startNatsServer } from '@reckon/store/relay/suites';
import { Kubectl, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs/grafana/reckon.json'), 'utf8')) as {
  readonly panels: readonly Panel[];
};

/** Names of metrics in an expression: what is no function, no aggregation, and no label. */
function metricsOf(expression: string): string[] {
  const bare = expression.replace(/\$__\w+/g, '').replace(/\b(?:by|without) \([^)]*\)|\{[^}]*\}/g, '');
  return [...bare.matchAll(/\b[a-z]\w*\b(?!\s*\()/g)].map(([name]) => name).filter((name) => name.includes('_'));
}

/** What has a value in Prometheus text, by name. */
function samplesOf(text: string): ReadonlySet<string> {
  const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    families.flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}

const countOf = (text: string, series: string): number => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length));
};

describe('metrics', () => {
  let nats: NatsServer;
  let reckon: ReckonProcess;
  let kubectl: Kubectl;
  beforeAll(async () => {
    nats = await startNatsServer();
    reckon = await startReckon({ flags: ['--nats', nats.url] });
    kubectl = new Kubectl(reckon.kubeconfig);
    await kubectl.run('create deployment web --image=nginx --replicas=3');
    await kubectl.run('rollout status deployment web');
  });
  afterAll(async () => {
    await reckon.dispose();
    await nats.dispose();
  });

  const scrape = (): Promise<string> => kubectl.run('get --raw /metrics');

  it('W22: are served as Prometheus text under upstream’s names, and our own', async () => {
    const text = await scrape();
    for (const name of [
      'apiserver_request_total',
      'apiserver_request_duration_seconds',
      'apiserver_storage_objects',
      'apiserver_storage_events_received_total',
      'etcd_request_duration_seconds',
      'workqueue_depth',
      'workqueue_adds_total',
      'scheduler_schedule_attempts_total',
      'scheduler_pending_pods',
      'apiserver_admission_controller_admission_duration_seconds',
      'apiserver_admission_step_admission_duration_seconds',
      'apiserver_longrunning_requests',
      'apiserver_response_sizes',
      'apiserver_watch_events_sizes',
      'apiserver_watch_events_total',
      'node_collector_evictions_total',
      'node_collector_unhealthy_nodes_in_zone',
      'node_collector_update_all_nodes_health_duration_seconds',
      'node_collector_update_node_health_duration_seconds',
      'node_collector_zone_health',
      'node_collector_zone_size',
      'rest_client_rate_limiter_duration_seconds',
      'rest_client_request_duration_seconds',
      'rest_client_requests_total',
      'workqueue_longest_running_processor_seconds',
      'workqueue_queue_duration_seconds',
      'workqueue_retries_total',
      'workqueue_unfinished_work_seconds',
      'workqueue_work_duration_seconds',
      'reckon_storage_revision',
      'reckon_watchers',
      'process_resident_memory_bytes',
    ])
      expect(text).toContain(`# TYPE ${name} `);
  });

  it('count what happened', async () => {
    await eventually(async () => {
      const text = await scrape();
      expect(text).toContain('apiserver_storage_objects{resource="deployments.apps"} 1');
      expect(text).toContain('apiserver_resource_objects{group="",resource="pods"} 3');
      expect(text).toMatch(/^etcd_requests_total\{operation="create",group="",resource="pods"\} 3$/m);
      expect(text).toMatch(/^etcd_request_duration_seconds_count\{operation="create",group="",resource="pods"\} 3$/m);
      const admitted = 'name="ServiceAccount",type="admit",operation="CREATE",rejected="false"';
      expect(
        countOf(text, `apiserver_admission_controller_admission_duration_seconds_count{${admitted}}`),
      ).toBeGreaterThanOrEqual(3);
      // Each pod is made, bound and set to Running, for at least two who watch.
      expect(
        countOf(text, 'apiserver_watch_events_total{group="",version="v1",resource="pods"}'),
      ).toBeGreaterThanOrEqual(18);
      expect(countOf(text, 'node_collector_zone_size{zone=""}')).toBe(2);
      expect(countOf(text, 'node_collector_zone_health{zone=""}')).toBe(100);
      expect(countOf(text, 'rest_client_requests_total{code="201",method="POST",host="localhost"}')).toBeGreaterThan(6);
      expect(text).toMatch(/^scheduler_schedule_attempts_total\{[^}]*result="scheduled"[^}]*\} 3$/m);
    });
  });

  it('have each family once, and help', async () => {
    const text = await scrape();
    const families = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    expect(families).toEqual([...new Set(families)]);
    const helped = [...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name);
    expect(helped).toEqual(families);
  });

  it('are all that the dashboard asks for', async () => {
    const samples = samplesOf(await scrape());
    const asked = dashboard.panels.flatMap(({ targets }) => (targets ?? []).flatMap(({ expr }) => metricsOf(expr)));
    expect(asked.length).toBeGreaterThan(32);
    expect(asked.filter((name) => !samples.has(name))).toEqual([]);
  });
});
