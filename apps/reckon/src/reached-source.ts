import { reasonOf } from '@reckon/api/machinery';
import { HistoryError, type HistorySource } from '@reckon/history';

/** The same source; what keeps from its server says which server it is, and what to do. */
export function reachedSource(source: HistorySource, server: string): HistorySource {
  const told = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      throw isOfConnection(error) ? unreachable(error, server) : error;
    }
  };
  return {
    ...source,
    resources: () => told(source.resources()),
    position: (scope) => told(source.position(scope)),
    revisionAt: (timeMs, scope) => told(source.revisionAt(timeMs, scope)),
  };
}

/** Sockets, names, TLS and undici give codes of letters; what a server answered has a reason. */
function isOfConnection(error: unknown): error is Error {
  return (
    error instanceof Error &&
    !(error instanceof HistoryError) &&
    reasonOf(error) === undefined &&
    typeof (error as { readonly code?: unknown }).code === 'string'
  );
}

const unreachable = (cause: Error, server: string): HistoryError =>
  new HistoryError(
    'Unreachable',
    `${server} cannot be asked: ${cause.message}`,
    'See that it runs and that the kubeconfig fits it; --kubeconfig names another, --data-dir reads a log itself.',
    { cause },
  );
