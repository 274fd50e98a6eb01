/** What a canvas shows now, on one of its own; also where a worker draws on it. Null: nothing can be copied. */
export function copiedCanvas(canvas: HTMLCanvasElement): HTMLCanvasElement | null {
  const { width, height } = canvas;
  const copy = document.createElement('canvas');
  const context = copy.getContext('2d');
  if (context === null || width === 0 || height === 0) return null;
  copy.width = width;
  copy.height = height;
  context.drawImage(canvas, 0, 0);
  return copy;
}
