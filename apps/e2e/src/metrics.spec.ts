import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NatsServer, startNatsServer } from '@reckon/store/relay/suites';
import { Kubectl, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';
import { querySeries } from './dashboard/query-series.suite';
import { seriesOf } from './dashboard/series.suite';

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const dashboard = JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs/grafana/reckon.json'), 'utf8')) as {
  readonly panels: readonly Panel[];
};

/** `{{verb}} {{code}}` names two. */
const labelsOf = (legend: string): string[] => [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);

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

  it('have a series, with the labels of its legend, for each query of the dashboard', async () => {
    const queries = dashboard.panels.flatMap(({ title, targets }) => (targets ?? []).map((one) => ({ title, ...one })));
    expect(queries.length).toBeGreaterThan(32);
    await eventually(async () => {
      const scraped = seriesOf(await scrape());
      for (const { title, expr, legendFormat } of queries) {
        const shown = querySeries(expr, scraped);
        expect(shown.length, `${title}: ${expr}`).toBeGreaterThan(0);
        for (const series of shown)
          expect(Object.keys(series), expr).toEqual(expect.arrayContaining(labelsOf(legendFormat)));
      }
    });
  });
});
