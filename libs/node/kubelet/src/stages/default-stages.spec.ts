import { describe, expect, it } from 'vitest';
import { defaultStageTexts, defaultStages } from './default-stages';
import { stageFileSchema } from './stage';

describe('the stages by default', () => {
  it('are what a stage file with the same text gives', () => {
    expect(defaultStages).toEqual(stageFileSchema.parse({ stages: defaultStageTexts }).stages);
  });
});
