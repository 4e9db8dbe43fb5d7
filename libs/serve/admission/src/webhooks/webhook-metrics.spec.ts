import { MetricsRegistry, systemClock } from '@reckon/kernel';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AdmissionFixture, admissionFixture, rowOf } from '../testing/admission-fixture.suite';
import { allow, type WebhookServer, webhookServer } from '../testing/webhook-server.suite';

const group = 'admissionregistration.k8s.io';
const metrics = new MetricsRegistry();
let server: WebhookServer;
let admission: AdmissionFixture;

beforeAll(async () => {
  server = await webhookServer();
  admission = await admissionFixture({
    disable: ['ServiceAccount'],
    defaults: () => undefined,
    timing: { metrics, clock: systemClock },
  });
});
afterAll(async () => {
  admission.stop();
  await server.stop();
});

const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' } };
const counted = (name: string): string[] =>
  metrics
    .render()
    .split('\n')
    .filter((line) => line.startsWith(`apiserver_admission_${name}`));

async function webhook(name: string, more: object): Promise<void> {
  const rules = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }];
  const clientConfig = { url: `${server.url}/`, caBundle: server.caBundle };
  await admission.put(
    { group, resource: 'validatingwebhookconfigurations' },
    {
      apiVersion: `${group}/v1`,
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name },
      webhooks: [{ name, rules, clientConfig, sideEffects: 'None', admissionReviewVersions: ['v1'], ...more }],
    },
  );
}

it('Calls and conditions are counted by what came of them', async () => {
  await webhook('asked', {});
  await webhook('excluded', { matchConditions: [{ name: 'n', expression: 'false' }] });
  await webhook('broken', {
    failurePolicy: 'Ignore',
    matchConditions: [{ name: 'n', expression: 'object.nope == 1' }],
  });
  server.reply = () => allow;
  await admission.ask({ row: rowOf('', 'v1', 'configmaps'), name: 'c', object });
  const labels = 'kind="webhook",type="validating",operation="CREATE"';
  expect(counted('match_condition_exclusions_total').sort()).toEqual([
    `apiserver_admission_match_condition_exclusions_total{name="broken",${labels}} 1`,
    `apiserver_admission_match_condition_exclusions_total{name="excluded",${labels}} 1`,
  ]);
  expect(counted('match_condition_evaluation_errors_total')).toEqual([
    `apiserver_admission_match_condition_evaluation_errors_total{name="broken",${labels}} 1`,
  ]);
  expect(counted('match_condition_evaluation_seconds_count')).toHaveLength(2);
  expect(counted('webhook_request_total')).toEqual([
    'apiserver_admission_webhook_request_total{name="asked",type="validating",operation="CREATE",code="200",rejected="false"} 1',
  ]);
});

it('A request that is over while its webhook is asked is refused as late, and counted', async () => {
  server.reply = () => new Promise(() => undefined);
  const answer = await admission.ask({ row: rowOf('', 'v1', 'configmaps'), name: 'c', object, timeoutMs: 50 });
  expect(answer).toContain('request did not complete within requested timeout - context deadline exceeded');
  expect(counted('webhook_rejection_count')).toEqual([
    'apiserver_admission_webhook_rejection_count{name="asked",type="validating",operation="CREATE",error_type="calling_webhook_error",rejection_code="503"} 1',
  ]);
  server.reply = () => allow;
});
