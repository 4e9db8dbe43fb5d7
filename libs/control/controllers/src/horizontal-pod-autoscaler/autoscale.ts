import {
  type LabelSelector,
  SelectorError,
  parseLabelSelector,
  semanticEqual,
  timeText,
  withCondition,
} from '@reckon/api/machinery';
import type { autoscalingv2 } from '@reckon/api/types';
import type { EventRecorder } from '@reckon/control/runtime';
import type { Pod } from '../replica-set/pod-state';
import { type Autoscaler, type AutoscalerOptions, type AutoscalerStatus, autoscalers, milliOf } from './autoscaler';
import { type Desired, desiredByBehavior, desiredByDefault, longestPeriodMs } from './desired-replicas';
import { MetricError, type Proposal, proposeReplicas } from './metric-proposal';
import type { MetricsClient } from './metrics-client';
import type { Tolerances } from './replica-count';
import type { ScaleTarget } from './scale-target';
import type { Rules, ScalingMemory } from './scaling-memory';
import type { SelectedPods } from './selected-pods';

type Condition = autoscalingv2.HorizontalPodAutoscalerCondition;
type ConditionType = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';

export interface AutoscaleParts {
  readonly options: AutoscalerOptions;
  readonly recorder: EventRecorder;
  readonly client: MetricsClient;
  readonly pods: SelectedPods;
  readonly memory: ScalingMemory;
  readonly nowMs: number;
  /** Throws Error: its message is what a user reads. */
  target(): Promise<ScaleTarget>;
  writeStatus(status: AutoscalerStatus): Promise<void>;
}

/** Why nothing could be decided; it has been told in conditions and events. */
export class UndecidedError extends Error {
  readonly code = 'Undecided';
}

/** One look at one autoscaler (`reconcileAutoscaler`). Throws `UndecidedError`, or what a write throws. */
export async function autoscale(autoscaler: Autoscaler, key: string, parts: AutoscaleParts): Promise<void> {
  const look = new Look(autoscaler, key, parts);
  await look.run();
}

class Look {
  private conditions: readonly Condition[];
  private readonly status: AutoscalerStatus;

  constructor(
    private readonly autoscaler: Autoscaler,
    private readonly key: string,
    private readonly parts: AutoscaleParts,
  ) {
    this.status = autoscaler.status ?? { desiredReplicas: 0 };
    this.conditions = this.status.conditions ?? [];
  }

  async run(): Promise<void> {
    const { memory, nowMs } = this.parts;
    const target = await this.target();
    const { minReplicas = 1, maxReplicas = 0 } = this.autoscaler.spec ?? {};
    const current = target.scale.spec?.replicas ?? 0;
    memory.begin(current, nowMs);
    if (current === 0 && minReplicas !== 0) {
      const message = 'scaling is disabled since the replica count of the target is zero';
      this.set('ScalingActive', 'False', 'ScalingDisabled', message);
      return this.finish(current, current, undefined);
    }
    if (current > maxReplicas)
      return this.rescale(target, current, maxReplicas, 'Current number of replicas above Spec.MaxReplicas');
    if (current < minReplicas)
      return this.rescale(target, current, minReplicas, 'Current number of replicas below Spec.MinReplicas');
    return this.byMetrics(target, current, { minReplicas, maxReplicas });
  }

  private async target(): Promise<ScaleTarget> {
    let target: ScaleTarget;
    try {
      target = await this.parts.target();
    } catch (error) {
      const text = messageOf(error);
      this.warn('FailedGetScale', text);
      const message = `the HPA controller was unable to get the target's current scale: ${text}`;
      this.set('AbleToScale', 'False', 'FailedGetScale', message);
      await this.write({ ...this.status });
      throw new UndecidedError(`failed to query scale subresource for ${this.reference()}: ${text}`, { cause: error });
    }
    const message = "the HPA controller was able to get the target's current scale";
    this.set('AbleToScale', 'True', 'SucceededGetScale', message);
    return target;
  }

  private async byMetrics(
    target: ScaleTarget,
    current: number,
    bounds: { readonly minReplicas: number; readonly maxReplicas: number },
  ): Promise<void> {
    const found = await this.proposals(target, current);
    if ('problem' in found) {
      await this.write({ ...this.status, currentReplicas: current, ...metricsIn(found.statuses) });
      this.warn('FailedComputeMetricsReplicas', found.problem);
      throw new UndecidedError(
        `failed to compute desired number of replicas based on listed metrics for ${this.reference()}: ${found.problem}`,
      );
    }
    const { replicas: proposed, metric, statuses, partial } = found;
    const why = proposed > current ? `${metric} above target` : proposed < current ? 'All metrics below target' : '';
    const { memory, nowMs, options } = this.parts;
    const wanted = { memory, nowMs, currentReplicas: current, desiredReplicas: proposed, ...bounds };
    const rules = this.rules();
    const desired =
      rules === undefined
        ? desiredByDefault(wanted, options.downscaleStabilizationMs)
        : desiredByBehavior(wanted, rules);
    this.tell(desired);
    if (desired.replicas === current) await this.finish(current, current, statuses);
    else await this.rescale(target, current, desired.replicas, why, statuses);
    // Told once the others have been followed.
    if (partial !== undefined) throw new UndecidedError(partial);
  }

  private tell({ able, limit }: Desired): void {
    this.set('AbleToScale', 'True', able.reason, able.message);
    this.set('ScalingLimited', limit.isLimited ? 'True' : 'False', limit.reason, limit.message);
  }

  /** The most that any metric asks for (`computeReplicasForMetrics`). */
  private async proposals(target: ScaleTarget, current: number): Promise<Proposals | Problem> {
    const selected = this.selected(target.scale.status?.selector ?? '');
    if (typeof selected === 'string') return { problem: selected, statuses: undefined };
    const specs = this.autoscaler.spec?.metrics ?? [];
    const statuses: autoscalingv2.MetricStatus[] = [];
    let best: Proposal | undefined;
    let first: MetricError | undefined;
    let failed = 0;
    for (const spec of specs) {
      try {
        const proposal = await proposeReplicas(spec, {
          ...this.parts,
          ...selected,
          namespace: this.autoscaler.metadata.namespace ?? '',
          currentReplicas: current,
          statusReplicas: target.scale.status?.replicas ?? 0,
          tolerances: this.tolerances(),
        });
        statuses.push(proposal.status);
        if (best === undefined || best.replicas === 0 || proposal.replicas > best.replicas) best = proposal;
      } catch (error) {
        if (!(error instanceof MetricError)) throw error;
        statuses.push({ type: '' });
        this.warn(error.reason, error.message);
        first ??= error;
        failed++;
      }
    }
    const partial =
      first === undefined
        ? undefined
        : `invalid metrics (${String(failed)} invalid out of ${String(specs.length)}), first error is: ${first.summary}`;
    // What cannot be seen could be what keeps it from scaling down.
    if (best === undefined || (first !== undefined && best.replicas < current)) {
      if (first !== undefined)
        this.set(
          'ScalingActive',
          'False',
          first.reason,
          `the HPA was unable to compute the replica count: ${first.message}`,
        );
      return { problem: partial ?? 'invalid metrics (0 invalid out of 0), first error is: %!v(<nil>)', statuses };
    }
    const { replicas, metric } = best;
    const message = `the HPA was able to successfully calculate a replica count from ${metric}`;
    this.set('ScalingActive', 'True', 'ValidMetricFound', message);
    return { replicas, metric, statuses, partial };
  }

  /** Its pods; a text says why there are none to be sure of (`validateAndParseSelector`). */
  private selected(text: string): { readonly selector: LabelSelector; readonly pods: readonly Pod[] } | string {
    if (text === '')
      return this.undecided(
        'SelectorRequired',
        'selector is required',
        'InvalidSelector',
        "the HPA target's scale is missing a selector",
      );
    let selector: LabelSelector;
    try {
      selector = parseLabelSelector(text);
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error;
      const message = `couldn't convert selector into a corresponding internal selector object: ${error.message}`;
      return this.undecided('InvalidSelector', message);
    }
    const pods = this.parts.pods.select(this.key, selector);
    const others = this.parts.pods.selectedBy(pods);
    if (others.length > 1)
      return this.undecided(
        'AmbiguousSelector',
        `pods by selector ${text} are controlled by multiple HPAs: [${others.join(' ')}]`,
      );
    return { selector, pods };
  }

  private undecided(event: string, problem: string, reason = event, message = problem): string {
    this.warn(event, problem);
    this.set('ScalingActive', 'False', reason, message);
    return problem;
  }

  private async rescale(
    target: ScaleTarget,
    current: number,
    desired: number,
    why: string,
    metrics?: readonly autoscalingv2.MetricStatus[],
  ): Promise<void> {
    const { memory, nowMs, recorder } = this.parts;
    const size = `New size: ${String(desired)}; reason: ${why}`;
    try {
      await target.write(desired);
    } catch (error) {
      const text = messageOf(error);
      this.warn('FailedRescale', `${size}; error: ${text}`);
      const message = `the HPA controller was unable to update the target scale: ${text}`;
      this.set('AbleToScale', 'False', 'FailedUpdateScale', message);
      await this.write({ ...this.status, currentReplicas: current });
      throw new UndecidedError(`failed to rescale ${this.reference()}: ${text}`, { cause: error });
    }
    const message = `the HPA controller was able to update the target scale to ${String(desired)}`;
    this.set('AbleToScale', 'True', 'SucceededRescale', message);
    recorder.event(this.autoscaler, autoscalers, { type: 'Normal', reason: 'SuccessfulRescale', message: size });
    const rules = this.rules();
    if (rules !== undefined)
      memory.scaledBy(desired - current, nowMs, longestPeriodMs(desired > current ? rules.up : rules.down));
    await this.finish(current, desired, metrics, timeText(nowMs));
  }

  private async finish(
    currentReplicas: number,
    desiredReplicas: number,
    metrics: readonly autoscalingv2.MetricStatus[] | undefined,
    lastScaleTime = this.status.lastScaleTime,
  ): Promise<void> {
    await this.write({
      currentReplicas,
      desiredReplicas,
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
      ...metricsIn(metrics),
    });
  }

  /** Not when nothing has changed. */
  private async write(status: AutoscalerStatus): Promise<void> {
    const next = { ...status, conditions: [...this.conditions] };
    delete next.observedGeneration;
    if (semanticEqual(next, this.status)) return;
    try {
      await this.parts.writeStatus(next);
    } catch (error) {
      this.warn('FailedUpdateStatus', messageOf(error));
      throw error;
    }
  }

  private set(type: ConditionType, status: 'True' | 'False', reason: string, message: string): void {
    this.conditions = withCondition(this.conditions, { type, status, reason, message }, timeText(this.parts.nowMs));
  }

  private warn(reason: string, message: string): void {
    this.parts.recorder.event(this.autoscaler, autoscalers, { type: 'Warning', reason, message });
  }

  private rules(): { readonly up: Rules; readonly down: Rules } | undefined {
    const behavior = this.autoscaler.spec?.behavior;
    if (behavior === undefined) return undefined;
    const { downscaleStabilizationMs } = this.parts.options;
    return {
      up: rulesOf(behavior.scaleUp, { policies: upPolicies, stabilizationWindowSeconds: 0 }),
      down: rulesOf(behavior.scaleDown, {
        policies: downPolicies,
        stabilizationWindowSeconds: Math.trunc(downscaleStabilizationMs / 1000),
      }),
    };
  }

  private tolerances(): Tolerances {
    const { scaleUp, scaleDown } = this.autoscaler.spec?.behavior ?? {};
    const of = (rules: autoscalingv2.HPAScalingRules | undefined): number =>
      rules?.tolerance === undefined ? this.parts.options.tolerance : milliOf(rules.tolerance) / 1000;
    return { up: of(scaleUp), down: of(scaleDown) };
  }

  private reference(): string {
    const { kind = '', name = '' } = this.autoscaler.spec?.scaleTargetRef ?? {};
    return `${kind}/${this.autoscaler.metadata.namespace ?? ''}/${name}`;
  }
}

interface Problem {
  readonly problem: string;
  readonly statuses: readonly autoscalingv2.MetricStatus[] | undefined;
}

interface Proposals {
  readonly replicas: number;
  readonly metric: string;
  readonly statuses: readonly autoscalingv2.MetricStatus[];
  /** What went wrong with others. */
  readonly partial: string | undefined;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Upstream's Go writes null for none. */
const metricsIn = (
  metrics: readonly autoscalingv2.MetricStatus[] | undefined,
): { readonly currentMetrics: autoscalingv2.MetricStatus[] } => ({
  currentMetrics: (metrics === undefined ? null : [...metrics]) as autoscalingv2.MetricStatus[],
});

/** What the API gives to a direction that `behavior` leaves out; the window of the way down is the controller's to choose. */
const rulesOf = (
  rules: autoscalingv2.HPAScalingRules | undefined,
  defaults: Pick<Rules, 'policies' | 'stabilizationWindowSeconds'>,
): Rules => ({
  selectPolicy: rules?.selectPolicy ?? 'Max',
  policies: rules?.policies ?? defaults.policies,
  stabilizationWindowSeconds: rules?.stabilizationWindowSeconds ?? defaults.stabilizationWindowSeconds,
});

const doubling = { type: 'Percent', value: 100, periodSeconds: 15 };
const upPolicies = [{ type: 'Pods', value: 4, periodSeconds: 15 }, doubling];
const downPolicies = [doubling];
