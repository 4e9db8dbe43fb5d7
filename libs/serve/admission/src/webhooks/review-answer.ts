import {
  createDecoder,
  deepestNesting,
  DecodeError,
  type Decoder,
  type KindRegistry,
  scanJson,
} from '@reckon/api/kinds';
import { goQuote, type KubeObject } from '@reckon/api/machinery';
import { syntaxProblem } from './syntax-problem';
import type { admissionv1, metav1 } from '@reckon/api/types';

/** What a webhook decided (plugin/webhook/request.AdmissionResponse). */
export interface Verdict {
  readonly isAllowed: boolean;
  /** JSON text of a JSON patch; '' for none. */
  readonly patch: string;
  /** Of a patch; only `JSONPatch` can be applied. */
  readonly patchType: string;
  readonly result: metav1.Status | undefined;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

export interface Expected {
  readonly uid: string;
  readonly version: 'v1' | 'v1beta1';
  readonly isMutating: boolean;
}

/** An answer that cannot be used. The message is upstream's. */
export class ReviewAnswerError extends Error {
  readonly code: 'Unreadable' | 'Invalid';

  constructor(code: ReviewAnswerError['code'], message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.name = 'ReviewAnswerError';
  }
}

/** Reads the body of an answer. Throws ReviewAnswerError. */
export type ReadAnswer = (body: Buffer, expected: Expected) => Verdict;

type Review = admissionv1.AdmissionReview & KubeObject;

const reviewKind = { group: 'admission.k8s.io', version: 'v1', kind: 'AdmissionReview' };

/** The table of kinds knows reviews as types; no resource leads to them. */
export function answerReader(kinds: KindRegistry): ReadAnswer {
  let decoder: Decoder | undefined;
  return (body, expected) => {
    const struct = kinds.types.struct('admission/v1.AdmissionReview');
    decoder ??= createDecoder({ ...kinds, structOf: () => struct });
    const { value, typeMeta } = readJson(body);
    let review: Review;
    try {
      review = decoder.normalize(value, { expected: reviewKind, strict: false }).object;
    } catch (error) {
      if (error instanceof DecodeError) throw new ReviewAnswerError('Unreadable', error.message, { cause: error });
      throw error;
    }
    return verdictOf(review, typeMeta, expected);
  };
}

interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

function readJson(body: Buffer): { readonly value: object; readonly typeMeta: TypeMeta } {
  if (scanJson(body).depth > deepestNesting)
    throw new ReviewAnswerError('Unreadable', "couldn't get version/kind; json parse error: exceeded max depth");
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new ReviewAnswerError('Unreadable', `couldn't get version/kind; json parse error: ${syntaxProblem(body)}`, {
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ReviewAnswerError(
      'Unreadable',
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${kindOfJson(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    );
  const { apiVersion, kind } = value as { apiVersion?: unknown; kind?: unknown };
  const typeMeta = { apiVersion: textOf(apiVersion), kind: textOf(kind) };
  if (typeMeta.kind !== '' && !isReview(typeMeta))
    throw new ReviewAnswerError(
      'Unreadable',
      `no kind "${typeMeta.kind}" is registered for version "${typeMeta.apiVersion}" in scheme "pkg/runtime/scheme.go:111"`,
    );
  return { value, typeMeta };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const isReview = ({ apiVersion, kind }: TypeMeta): boolean =>
  kind === 'AdmissionReview' && ['', 'admission.k8s.io/v1', 'admission.k8s.io/v1beta1'].includes(apiVersion);

const kindOfJson = (value: unknown): string =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value;

/** plugin/webhook/request `VerifyAdmissionResponse`: v1beta1 was never looked at that closely, and is not now. */
function verdictOf({ response }: Review, typeMeta: TypeMeta, { uid, version, isMutating }: Expected): Verdict {
  if (!response) throw invalid('webhook response was absent');
  const { patch = '', patchType } = response;
  if (version === 'v1') {
    if (response.uid !== uid)
      throw invalid(`expected response.uid=${goQuote(uid)}, got ${goQuote(response.uid ?? '')}`);
    if (typeMeta.apiVersion !== 'admission.k8s.io/v1' || typeMeta.kind !== 'AdmissionReview')
      throw invalid(
        `expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${versionText(typeMeta.apiVersion)}, Kind=${typeMeta.kind}`,
      );
    verifyPatch(patch, patchType, isMutating);
  }
  return {
    isAllowed: response.allowed ?? false,
    patch: isMutating ? Buffer.from(patch, 'base64').toString('utf8') : '',
    // Older reviews were never asked for it.
    patchType: version === 'v1beta1' ? 'JSONPatch' : (patchType ?? ''),
    result: response.status ?? undefined,
    warnings: response.warnings ?? [],
    auditAnnotations: response.auditAnnotations ?? {},
  };
}

function verifyPatch(patch: string, patchType: string | undefined, isMutating: boolean): void {
  const hasPatch = patch !== '';
  if (!isMutating) {
    if (hasPatch) throw invalid('validating webhook may not return response.patch');
    if (patchType !== undefined) throw invalid('validating webhook may not return response.patchType');
    return;
  }
  if (hasPatch && patchType === undefined) throw invalid('webhook returned response.patch but not response.patchType');
  if (!hasPatch && patchType !== undefined) throw invalid('webhook returned response.patchType but not response.patch');
  if (patchType === '') throw invalid('webhook returned invalid response.patchType of ""');
}

const versionText = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion : `/${apiVersion}`);

const invalid = (message: string): ReviewAnswerError => new ReviewAnswerError('Invalid', message);
