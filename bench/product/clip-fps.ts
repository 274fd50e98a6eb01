/** The demo clips move at this rate: every frame of them is analysed. */
export const clipFps = 10;
