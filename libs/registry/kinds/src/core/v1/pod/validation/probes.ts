import { type FieldPath, fieldErrors, validateHttpHeaderName } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { checkNonNegative, type Errors } from '../../../../field-checks';
import { checkPortNumber, checkPortNumberOrName } from '../../../../port-checks';
import type { AnyContainer } from '../container.defaults';
import type { PodContext } from './pod-context';

const schemes = ['HTTP', 'HTTPS'];

/** Everything that looks into a container or acts on it: lifecycle hooks, then the three probes. */
export function validateHooksAndProbes(
  errors: Errors,
  path: FieldPath,
  container: AnyContainer,
  context: PodContext,
): void {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  if (lifecycle?.postStart) validateHook(errors, path.child('lifecycle', 'postStart'), lifecycle.postStart, context);
  if (lifecycle?.preStop) validateHook(errors, path.child('lifecycle', 'preStop'), lifecycle.preStop, context);
  if (livenessProbe) {
    validateProbe(errors, path.child('livenessProbe'), livenessProbe);
    checkSucceedsOnce(errors, path.child('livenessProbe'), livenessProbe);
  }
  if (readinessProbe) {
    validateProbe(errors, path.child('readinessProbe'), readinessProbe);
    if (readinessProbe.terminationGracePeriodSeconds !== undefined)
      errors.push(
        fieldErrors.invalid(
          path.child('readinessProbe', 'terminationGracePeriodSeconds'),
          readinessProbe.terminationGracePeriodSeconds,
          'must not be set for readinessProbes',
        ),
      );
  }
  if (startupProbe) {
    validateProbe(errors, path.child('startupProbe'), startupProbe);
    checkSucceedsOnce(errors, path.child('startupProbe'), startupProbe);
  }
}

function checkSucceedsOnce(errors: Errors, path: FieldPath, probe: corev1.Probe): void {
  if (probe.successThreshold !== 1)
    errors.push(fieldErrors.invalid(path.child('successThreshold'), probe.successThreshold ?? 0, 'must be 1'));
}

function validateProbe(errors: Errors, path: FieldPath, probe: corev1.Probe): void {
  const handlers = new HandlerCount(errors, path);
  validateCommonHandlers(errors, path, probe, handlers);
  if (probe.grpc && handlers.isFirst('grpc')) checkPortNumber(errors, path.child('grpc', 'port'), probe.grpc.port);
  handlers.finish();
  checkNonNegative(errors, path.child('initialDelaySeconds'), probe.initialDelaySeconds);
  checkNonNegative(errors, path.child('timeoutSeconds'), probe.timeoutSeconds);
  checkNonNegative(errors, path.child('periodSeconds'), probe.periodSeconds);
  checkNonNegative(errors, path.child('successThreshold'), probe.successThreshold);
  checkNonNegative(errors, path.child('failureThreshold'), probe.failureThreshold);
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0)
    errors.push(fieldErrors.invalid(path.child('terminationGracePeriodSeconds'), grace, 'must be greater than 0'));
}

function validateHook(errors: Errors, path: FieldPath, hook: corev1.LifecycleHandler, context: PodContext): void {
  const handlers = new HandlerCount(errors, path);
  validateCommonHandlers(errors, path, hook, handlers);
  if (hook.sleep && handlers.isFirst('sleep')) {
    const grace = context.gracePeriodSeconds;
    const { seconds } = hook.sleep;
    if (grace !== undefined && (seconds < 0 || seconds > grace))
      errors.push(
        fieldErrors.invalid(
          path.child('sleep'),
          seconds,
          `must be non-negative and less than terminationGracePeriodSeconds (${String(grace)})`,
        ),
      );
  }
  handlers.finish();
}

/** Exactly one handler; the first is looked into, every further one refused. */
class HandlerCount {
  private count = 0;

  constructor(
    private readonly errors: Errors,
    private readonly path: FieldPath,
  ) {}

  isFirst(name: string): boolean {
    if (this.count++ === 0) return true;
    this.errors.push(fieldErrors.forbidden(this.path.child(name), 'may not specify more than 1 handler type'));
    return false;
  }

  finish(): void {
    if (this.count === 0) this.errors.push(fieldErrors.required(this.path, 'must specify a handler type'));
  }
}

function validateCommonHandlers(
  errors: Errors,
  path: FieldPath,
  handler: corev1.Probe | corev1.LifecycleHandler,
  handlers: HandlerCount,
): void {
  if (handler.exec && handlers.isFirst('exec') && (handler.exec.command ?? []).length === 0)
    errors.push(fieldErrors.required(path.child('exec', 'command')));
  if (handler.httpGet && handlers.isFirst('httpGet')) validateHttpGet(errors, path.child('httpGet'), handler.httpGet);
  if (handler.tcpSocket && handlers.isFirst('tcpSocket'))
    checkPortNumberOrName(errors, path.child('tcpSocket', 'port'), handler.tcpSocket.port);
}

function validateHttpGet(errors: Errors, path: FieldPath, get: corev1.HTTPGetAction): void {
  if (!get.path) errors.push(fieldErrors.required(path.child('path')));
  checkPortNumberOrName(errors, path.child('port'), get.port);
  const scheme = get.scheme ?? '';
  if (!schemes.includes(scheme)) errors.push(fieldErrors.notSupported(path.child('scheme'), scheme, schemes));
  for (const { name } of get.httpHeaders ?? [])
    for (const message of validateHttpHeaderName(name))
      errors.push(fieldErrors.invalid(path.child('httpHeaders'), name, message));
}
