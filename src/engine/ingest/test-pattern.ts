/** A camera that is drawn: `test:?width=640&height=480&fps=10&seed=1&rectangles=2&burst=1`. */
export interface TestPattern {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly seed: number;
  /** Rectangles in turn red, green and blue; each moves inside its own part of the picture, so they never overlap. */
  readonly rectangles: number;
  /** Pictures that come in quick succession (four times as fast as `fps`), followed by a pause: the mean rate stays. */
  readonly burst: number;
}

export const testColours = ['red', 'green', 'blue'] as const;
export type TestColour = (typeof testColours)[number];

/** Where one rectangle is, in whole pixels of the picture. */
export interface TestRectangle {
  readonly colour: TestColour;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const testPatternDefaults: TestPattern = { width: 640, height: 480, fps: 10, seed: 1, rectangles: 2, burst: 1 };

const limits: Readonly<Record<keyof TestPattern, readonly [least: number, most: number]>> = {
  width: [64, 3840],
  height: [64, 2160],
  fps: [0.1, 120],
  seed: [0, 0xffffffff],
  rectangles: [0, 12],
  burst: [1, 50],
};

/** @throws RangeError that names the part of the address that cannot be used. */
export function parseTestPattern(url: string): TestPattern {
  const query = new URLSearchParams(url.slice(url.indexOf(':') + 1).replace(/^[^?]*\??/, ''));
  const pattern: Record<keyof TestPattern, number> = { ...testPatternDefaults };
  for (const [name, text] of query) {
    if (!isSetting(name)) throw new RangeError(`A test camera has no setting "${name}".`);
    const value = Number(text);
    const [least, most] = limits[name];
    const whole = name === 'fps' || Number.isInteger(value);
    if (text === '' || !whole || !(value >= least && value <= most)) {
      throw new RangeError(`The test camera's ${name} must be ${String(least)} to ${String(most)}, not "${text}".`);
    }
    pattern[name] = value;
  }
  return pattern;
}

/** When picture number `frame` is due, in milliseconds since the first. */
export function testPictureMs({ fps, burst }: TestPattern, frame: number): number {
  const intervalMs = 1000 / fps;
  const first = frame - (frame % burst);
  return first * intervalMs + ((frame - first) * intervalMs) / burstPace;
}

/** How much faster pictures of a burst follow each other. */
export const burstPace = 4;

const isSetting = (name: string): name is keyof TestPattern => Object.hasOwn(limits, name);

/** The truth: where every rectangle of picture number `frame` is. */
export function testRectangles(pattern: TestPattern, frame: number): TestRectangle[] {
  const columns = Math.ceil(Math.sqrt(pattern.rectangles));
  const rows = Math.ceil(pattern.rectangles / Math.max(1, columns));
  const seconds = frame / pattern.fps;
  return Array.from({ length: pattern.rectangles }, (_, index) => {
    const random = randomNumbers(pattern.seed * 64 + index);
    const cellWidth = pattern.width / columns;
    const cellHeight = pattern.height / rows;
    // A sixth to a quarter of the picture, but always with room to move in its own cell.
    const side = Math.min(pattern.width, pattern.height);
    const width = Math.round(Math.min(side * (1 / 6 + random() / 12), cellWidth * 0.6));
    const height = Math.round(Math.min(side * (1 / 6 + random() / 12), cellHeight * 0.6));
    const marginX = Math.min(4, cellWidth / 10);
    const marginY = Math.min(4, cellHeight / 10);
    const roomX = cellWidth - width - 2 * marginX;
    const roomY = cellHeight - height - 2 * marginY;
    const column = index % columns;
    const row = Math.floor(index / columns);
    return {
      colour: testColours[index % testColours.length] ?? 'red',
      // 30 to 90 pixels a second for a picture of 640: a walking pace.
      x: Math.round(column * cellWidth + marginX + toAndFro(random(), (seconds * speed(random, side)) / roomX) * roomX),
      y: Math.round(row * cellHeight + marginY + toAndFro(random(), (seconds * speed(random, side)) / roomY) * roomY),
      width,
      height,
    };
  });
}

const speed = (random: () => number, side: number): number => side * (0.06 + 0.12 * random());

/** A triangle wave between 0 and 1 that begins at `phase`. */
function toAndFro(phase: number, travelled: number): number {
  const turn = (phase + travelled) % 2;
  return turn <= 1 ? turn : 2 - turn;
}

/** mulberry32: small, seeded, the same everywhere. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const background = 114;
const pixelOf: Readonly<Record<TestColour, readonly [number, number, number]>> = {
  red: [255, 0, 0],
  green: [0, 255, 0],
  blue: [0, 0, 255],
};

/** Draws picture number `frame` as RGB rows. */
export function drawTestPattern(pattern: TestPattern, frame: number, rgb: Uint8Array): void {
  rgb.fill(background);
  for (const { colour, x, y, width, height } of testRectangles(pattern, frame)) {
    const row = Uint8Array.from({ length: width * 3 }, (_, index) => pixelOf[colour][index % 3] ?? 0);
    for (let line = y; line < y + height; line++) rgb.set(row, (line * pattern.width + x) * 3);
  }
}
