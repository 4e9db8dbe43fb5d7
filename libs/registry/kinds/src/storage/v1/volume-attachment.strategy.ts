import {
  type FieldPath,
  fieldErrors,
  fieldPath,
  inclusiveRange,
  semanticEqual,
  validateDns1123Subdomain,
} from '@reckon/api/machinery';
import type { storagev1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { setVolumeSpecDefaults } from '../../core/v1/persistent-volume/persistent-volume.defaults';
import { volumeForm } from '../../core/v1/persistent-volume/volume-form';
import { validateInlineVolumeSpec } from '../../core/v1/persistent-volume/volume-spec.validation';
import { keepMetaForStatus } from '../../core/v1/pod/subresource-meta';
import { checkDriverName } from '../../core/v1/pod/validation/volume-sources';
import { byteLength, checkRequired, checkText, type Errors, immutableMessage } from '../../field-checks';
import { keepSpec, keepStatus } from '../../status-keeping';

const maximumMetadataBytes = 256 * 1024;
const maximumMessageBytes = 1024;
const oneSource = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';

function setVolumeAttachmentDefaults(attachment: storagev1.VolumeAttachment): void {
  const inline = attachment.spec?.source?.inlineVolumeSpec;
  if (inline) setVolumeSpecDefaults(inline);
}

export const volumeAttachmentStrategy: Strategy<storagev1.VolumeAttachment> = {
  allowUnconditionalUpdate: false,
  returnsDeletedObject: true,
  defaults: setVolumeAttachmentDefaults,
  prepareForCreate: (_ctx, attachment) => {
    attachment.status = { attached: false };
  },
  validate: (_ctx, attachment) => {
    const errors = validateVolumeAttachment([], attachment);
    // What v1 adds to its predecessors (ValidateVolumeAttachmentV1).
    const { spec } = attachment;
    checkDriverName(errors, fieldPath('spec.attacher'), spec?.attacher ?? '');
    const name = spec?.source?.persistentVolumeName;
    if (name !== undefined)
      checkText(errors, fieldPath('spec.source.persistentVolumeName'), name, validateDns1123Subdomain);
    return errors;
  },
  prepareForUpdate: (_ctx, attachment, old) => keepStatus(attachment, old),
  validateUpdate: (_ctx, attachment, old) => validateUpdate(attachment, old),
};

export const volumeAttachmentStatusStrategy: Strategy<storagev1.VolumeAttachment> = {
  allowUnconditionalUpdate: false,
  resetFields: [['metadata'], ['spec']],
  defaults: setVolumeAttachmentDefaults,
  prepareForUpdate: (_ctx, attachment, old) => {
    keepSpec(attachment, old);
    keepMetaForStatus(attachment.metadata, old.metadata);
  },
  validateUpdate: (_ctx, attachment, old) => validateUpdate(attachment, old),
};

/** What the strategy and ValidateVolumeAttachmentUpdate find, each of which looks at the whole object. */
function validateUpdate(attachment: storagev1.VolumeAttachment, old: storagev1.VolumeAttachment): Errors {
  const errors = validateVolumeAttachment(validateVolumeAttachment([], attachment), attachment);
  if (!semanticEqual(attachment.spec, old.spec))
    errors.push(
      fieldErrors.invalid(fieldPath('spec'), volumeForm('VolumeAttachmentSpec', attachment.spec), immutableMessage),
    );
  return errors;
}

/** ValidateVolumeAttachment. */
function validateVolumeAttachment(errors: Errors, { spec, status }: storagev1.VolumeAttachment): Errors {
  const path = fieldPath('spec');
  checkRequired(errors, path.child('attacher'), spec?.attacher);
  validateSource(errors, path.child('source'), spec?.source ?? {});
  checkText(errors, path.child('nodeName'), spec?.nodeName ?? '', validateDns1123Subdomain);
  validateMetadata(errors, fieldPath('status', 'attachmentMetadata'), status?.attachmentMetadata ?? {});
  for (const field of ['attachError', 'detachError'] as const) {
    const error = status?.[field];
    if (error) validateError(errors, fieldPath('status', field), error);
  }
  return errors;
}

function validateSource(errors: Errors, path: FieldPath, source: storagev1.VolumeAttachmentSource): void {
  const { inlineVolumeSpec, persistentVolumeName } = source;
  if (!inlineVolumeSpec && persistentVolumeName === undefined) errors.push(fieldErrors.required(path, oneSource));
  else if (inlineVolumeSpec && persistentVolumeName !== undefined) errors.push(fieldErrors.forbidden(path, oneSource));
  else if (inlineVolumeSpec) validateInlineVolumeSpec(errors, path.child('inlineVolumeSpec'), inlineVolumeSpec);
  else if (persistentVolumeName === '')
    errors.push(
      fieldErrors.required(path.child('persistentVolumeName'), 'must specify non empty persistentVolumeName'),
    );
}

function validateMetadata(errors: Errors, path: FieldPath, metadata: Readonly<Record<string, string>>): void {
  let size = 0;
  for (const [key, value] of Object.entries(metadata)) size += byteLength(key) + byteLength(value);
  if (size > maximumMetadataBytes) errors.push(fieldErrors.tooLong(path, maximumMetadataBytes));
}

function validateError(errors: Errors, path: FieldPath, error: storagev1.VolumeError): void {
  // Upstream names the other limit in the message.
  if (byteLength(error.message ?? '') > maximumMessageBytes)
    errors.push(fieldErrors.tooLong(path.child('message'), maximumMetadataBytes));
  if (error.errorCode !== undefined && error.errorCode < 0)
    errors.push(fieldErrors.invalid(path.child('errorCode'), error.errorCode, inclusiveRange(0, 2 ** 31 - 1)));
}
