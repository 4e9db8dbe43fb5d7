import { reasonOf, semanticEqual } from '@reckon/api/machinery';
import { objectKey } from '@reckon/client/cache';
import { type ResourceClient, refs } from '@reckon/client/rest';
import { Controller, type EventRecorder, type Result, done, requeueAfter } from '@reckon/control/runtime';
import type { Clock } from '@reckon/kernel';
import type { ControllerRow } from '../controller-context';
import type { Pod } from '../replica-set/pod-state';
import { startWhenSynced } from '../start-when-synced';
import { type Budget, budgetSelector, budgetStatus, countHealthy, disruptedPods, failedStatus } from './budget';
import { expectation } from './expected-pods';
import { staleDisruptionController } from './stale-disruption';
import { UnknownScaleError, WorkloadScales } from './workload-scale';

const podKind = { group: '', version: 'v1', kind: 'Pod' } as const;

/** Keeps in the status of each PodDisruptionBudget how many of its pods may be evicted (pkg/controller/disruption). */
export const disruptionController: ControllerRow = {
  name: 'disruption-controller',
  serviceAccount: 'disruption-controller',
  start(context) {
    const budgets = context.informers.informer<Budget>(refs.podDisruptionBudgets);
    const pods = context.informers.informer<Pod>(refs.pods);
    const scales = new WorkloadScales(context.rest, context.informers, context.clock);
    const selectorOf = budgetSelector();
    const recorder = context.recorder('controllermanager');
    const parts: Parts = {
      client: context.rest.resource<Budget>(refs.podDisruptionBudgets),
      scales,
      recorder,
      clock: context.clock,
      podsOf: (budget) => {
        const selector = selectorOf(budget);
        return pods.lister.list(budget.metadata.namespace).filter(({ metadata }) => selector.matches(metadata.labels));
      },
    };
    const controller = new Controller(
      'disruption',
      async (key) => {
        const budget = budgets.lister.byKey(key);
        return budget === undefined ? done : reconcile(parts, budget);
      },
      context,
      { workers: 1 },
    );
    const enqueue = (budget: Budget): void => controller.enqueue(objectKey(budget));
    /** Every budget that selects the pod, though only one may. */
    const enqueueOf = ({ metadata }: Pod): readonly Budget[] => {
      const own = budgets.lister.list(metadata.namespace).filter((b) => selectorOf(b).matches(metadata.labels));
      own.forEach(enqueue);
      return own;
    };
    const seen = (pod: Pod): void => {
      const own = enqueueOf(pod);
      const { namespace = '', name = '' } = pod.metadata;
      if (own.length > 1)
        recorder.event(pod, podKind, {
          type: 'Warning',
          reason: 'MultiplePodDisruptionBudgets',
          message: `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.  Chose "${own[0]?.metadata.name ?? ''}" arbitrarily.`,
        });
    };
    budgets.addHandler({ add: enqueue, update: (_, budget) => enqueue(budget) });
    pods.addHandler({
      add: seen,
      update: (old, pod) => {
        if (!semanticEqual(old.metadata.labels, pod.metadata.labels)) enqueueOf(old);
        seen(pod);
      },
      delete: seen,
    });
    const stale = staleDisruptionController(context, pods);
    return startWhenSynced([controller, stale], [budgets, pods, ...scales.informers]);
  },
};

interface Parts {
  readonly client: ResourceClient<Budget>;
  readonly scales: WorkloadScales;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly podsOf: (budget: Budget) => Pod[];
}

async function reconcile(parts: Parts, budget: Budget): Promise<Result> {
  try {
    return await updateBudget(parts, budget);
  } catch (error) {
    // Somebody else was faster, eviction perhaps: what it wrote decides next time.
    if (reasonOf(error) === 'Conflict') throw error;
    const message = error instanceof Error ? error.message : String(error);
    await write(parts, budget, failedStatus(budget, message, parts.clock.nowMs()));
    // That a kind has no scale does not change by asking again.
    if (error instanceof UnknownScaleError) return done;
    throw error;
  }
}

async function updateBudget(parts: Parts, budget: Budget): Promise<Result> {
  const { clock, podsOf, scales } = parts;
  const pods = podsOf(budget);
  if (pods.length === 0) tell(parts, budget, 'Normal', 'NoPods', 'No matching pods found');
  const expected = await expectation(budget, pods, scales).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    tell(
      parts,
      budget,
      'Warning',
      'CalculateExpectedPodCountFailed',
      `Failed to calculate the number of expected pods: ${why}`,
    );
    throw error;
  });
  if (expected.unmanaged.length > 0) tell(parts, budget, 'Warning', 'UnmanagedPods', unmanagedMessage(budget));
  const nowMs = clock.nowMs();
  const disrupted = disruptedPods(budget, pods, nowMs);
  const { namespace = '' } = budget.metadata;
  for (const pod of disrupted.overdue)
    parts.recorder.event(pod, podKind, {
      type: 'Warning',
      reason: 'NotDeleted',
      message: `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`,
    });
  const currentHealthy = countHealthy(pods, disrupted.pods);
  await write(
    parts,
    budget,
    budgetStatus(budget, { ...expected, currentHealthy, disruptedPods: disrupted.pods }, nowMs),
  );
  return disrupted.recheckMs === undefined ? done : requeueAfter(disrupted.recheckMs + 1);
}

async function write({ client }: Parts, budget: Budget, status: Budget['status']): Promise<void> {
  if (status === undefined || status === budget.status) return;
  await client.updateStatus({ ...budget, status }).catch((error: unknown) => {
    if (reasonOf(error) !== 'NotFound') throw error;
  });
}

function tell({ recorder }: Parts, budget: Budget, type: 'Normal' | 'Warning', reason: string, message: string): void {
  recorder.event(budget, { group: 'policy', version: 'v1', kind: 'PodDisruptionBudget' }, { type, reason, message });
}

/** The selector in the form in which Go prints it. */
function unmanagedMessage({ spec }: Budget): string {
  const { matchLabels = {}, matchExpressions = [] } = spec?.selector ?? {};
  const labels = Object.keys(matchLabels)
    .sort()
    .map((key) => `${key}: ${matchLabels[key] ?? ''},`)
    .join('');
  const expressions = matchExpressions
    .map(
      ({ key, operator, values = [] }) =>
        `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
    )
    .join('');
  const selector = `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${expressions}},}`;
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found ` +
    'to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
    'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
  );
}
