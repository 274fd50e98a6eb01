import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Overview } from '../shared/contract/calls.ts';

/** Footage to try the application with; null where it was not installed. */
export function demoFootage(resourcesDir: string): Overview['demo'] {
  const camera = join(resourcesDir, 'demo', 'camera.mp4');
  const night = join(resourcesDir, 'demo', 'night');
  return existsSync(camera) && existsSync(night) ? { cameraUrl: pathToFileURL(camera).href, nightPath: night } : null;
}
