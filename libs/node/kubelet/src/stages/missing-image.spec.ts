import { describe, expect, it } from 'vitest';
import { isMissingImage } from './missing-image';

describe('an image', () => {
  it.each([
    'webserver:404',
    'gcr.io/google_samples/gb-redisslave:nonexistent',
    'nginx:does-not-exist@sha256:00',
    'example.com/nonexistent/nginx:1',
    'doesnotexist',
    'invalid.registry.k8s.io/invalid/alpine:3.1',
    'registry.invalid:5000/nginx',
  ])('%s is missing, as its name says', (image) => {
    expect(isMissingImage(image)).toBe(true);
  });

  it.each([
    '',
    'nginx',
    'nginx:1.29',
    'nginx:1.404',
    'localhost:4040/web',
    'registry.k8s.io/invalidator:1',
    'web:v404',
  ])('%j is there', (image) => {
    expect(isMissingImage(image)).toBe(false);
  });
});
