import { expect, test } from 'vitest';
import { coreCosts, coreLoad, corePace, nothingMeasured, runCores } from './core-room.ts';

const cpu = { isProcessor: true, cores: 2, pictureMs: 10, liveRunMs: 12 };
const card = { isProcessor: false, cores: 16, pictureMs: 1, liveRunMs: 4 };
const camera = { name: 'Gate', fps: 5, sloMs: 200 };
const measured = { archive: { coreMsPerSecond: 1_900, pictureMs: 25 }, cameraSecondMs: 80 };

test('what a scan alone could get of the processor is what cameras and archive share', () => {
  const costs = coreCosts(cpu, measured, 76, 1);
  expect(costs).toMatchObject({ capacityMs: 1_900, pictureMs: 25, cameraSecondMs: 80 });
  expect(costs.liveRunMs).toBeCloseTo(12 * 1.9);
  expect(costs.estimated).toEqual({ pictures: false, cameras: false });
  expect(corePace(costs, 0)).toBeCloseTo(76);
  expect(corePace(costs, 13)).toBeCloseTo(50);
  expect(coreLoad(costs, [camera, camera])).toBeCloseTo((2 * (80 + 5 * 22.8)) / 1_900);
});

test('beside a card the processor only decodes, and all of its cores may', () => {
  const costs = coreCosts(card, { archive: { coreMsPerSecond: 4_000, pictureMs: 5 }, cameraSecondMs: 80 }, 800, 1);
  expect(costs).toMatchObject({ capacityMs: 16_000, pictureMs: 5, liveRunMs: 0 });
  expect(runCores(false, 16, nothingMeasured)).toBe(0);
});

test('what was not measured is estimated with care: from the pace of a scan, else from a usual picture', () => {
  const byPace = coreCosts(cpu, nothingMeasured, 80, 1);
  expect(byPace.pictureMs).toBe(25);
  // 5 core-ms of it are decoding, and a camera sends 25 frames a second.
  expect(byPace.cameraSecondMs).toBe(125);
  expect(byPace.estimated).toEqual({ pictures: false, cameras: true });
  const unknown = coreCosts(cpu, nothingMeasured, null, 1);
  expect(unknown.pictureMs).toBe(23);
  expect(unknown.estimated).toEqual({ pictures: true, cameras: true });
  // Doubt touches what is estimated and nothing else.
  expect(coreCosts(cpu, nothingMeasured, null, 2)).toMatchObject({ pictureMs: 26, cameraSecondMs: 150 });
  expect(coreCosts(cpu, measured, 76, 2)).toEqual(coreCosts(cpu, measured, 76, 1));
});
