import { JsonSyntaxError, parseJsonNode } from '@reckon/api/kinds';
import { goKindOf, goQuote, parseApiVersion } from '@reckon/api/machinery';
import { goShapeProblem, type GoStruct } from '../go-shape';

export interface ReviewKind {
  readonly group: string;
  readonly version: 'v1' | 'v1beta1';
  readonly kind: string;
  readonly status: GoStruct;
}

/** An answer that is no review; the message is that of client-go's decoder, as far as it can be. */
export class ReviewAnswerError extends Error {
  readonly code = 'ReviewAnswer';

  constructor(message: string) {
    super(message);
    this.name = 'ReviewAnswerError';
  }
}

/**
 * The status of a webhook's answer, of which every field has its type or is absent (client-go/rest `Result.Into`). A review that says
 * nothing of its kind and version is one of those that were asked for. Throws `ReviewAnswerError`.
 */
export function reviewStatus(body: string, review: ReviewKind): Readonly<Record<string, unknown>> {
  const object = objectIn(body);
  demandKind(object, review);
  const { version, kind, status } = review;
  const value = fieldOf(object, 'status');
  if (value === undefined) return {};
  const problem = goShapeProblem(object, { name: kind, fields: { status } }, version);
  if (problem !== undefined) throw new ReviewAnswerError(problem);
  return value as Readonly<Record<string, unknown>>;
}

const unreadable = (why: string): ReviewAnswerError =>
  new ReviewAnswerError(`couldn't get version/kind; json parse error: ${why}`);
const typeMeta =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

function objectIn(body: string): object {
  if (body === '')
    throw new ReviewAnswerError('0-length response with status code: 200 and content type: application/json');
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // What does not begin as an object is taken for YAML, where it is a text.
    throw unreadable(
      /^\s*\{/.test(body) ? syntaxProblem(body) : `json: cannot unmarshal string into Go value of type ${typeMeta}`,
    );
  }
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw unreadable(`json: cannot unmarshal ${goKindOf(value)} into Go value of type ${typeMeta}`);
  return value;
}

function syntaxProblem(body: string): string {
  try {
    parseJsonNode(Buffer.from(body));
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
  return 'invalid JSON';
}

function demandKind(object: object, review: ReviewKind): void {
  const text = (name: 'apiVersion' | 'kind'): string => {
    const value = fieldOf(object, name) ?? '';
    if (typeof value === 'string') return value;
    throw unreadable(`json: cannot unmarshal ${goKindOf(value)} into Go struct field .${name} of type string`);
  };
  const wanted = `${review.group}/${review.version}`;
  const [apiVersion, kind] = [text('apiVersion'), text('kind')];
  const found = { apiVersion: apiVersion === '' ? wanted : apiVersion, kind: kind === '' ? review.kind : kind };
  if (found.apiVersion === wanted && found.kind === review.kind) return;
  const parsed = parseApiVersion(found.apiVersion);
  if (parsed === undefined) throw new ReviewAnswerError(`unexpected GroupVersion string: ${found.apiVersion}`);
  throw new ReviewAnswerError(
    parsed.group === review.group && found.kind === review.kind && /^v1(beta1)?$/.test(parsed.version)
      ? `converting (${parsed.version}.${found.kind}) to (${review.version}.${review.kind}): unknown conversion`
      : `no kind ${goQuote(found.kind)} is registered for version ${goQuote(found.apiVersion)} in scheme "k8s.io/client-go/kubernetes/scheme/register.go:82"`,
  );
}

const fieldOf = (object: object, name: string): unknown =>
  Object.hasOwn(object, name) ? ((object as Record<string, unknown>)[name] ?? undefined) : undefined;
