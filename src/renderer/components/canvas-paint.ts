/**
 * Paints on the next animation frame, with the canvas as large as its place in device pixels; the context counts in CSS
 * pixels. Answers how to take that back.
 */
export function paintSoon(
  canvas: HTMLCanvasElement,
  size: { readonly width: number; readonly height: number },
  paint: (context: CanvasRenderingContext2D) => void,
): () => void {
  const request = requestAnimationFrame(() => {
    const context = canvas.getContext('2d');
    if (context === null) return;
    const ratio = devicePixelRatio;
    const [pixelsWide, pixelsHigh] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (canvas.width !== pixelsWide) canvas.width = pixelsWide;
    if (canvas.height !== pixelsHigh) canvas.height = pixelsHigh;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint(context);
  });
  return () => {
    cancelAnimationFrame(request);
  };
}
