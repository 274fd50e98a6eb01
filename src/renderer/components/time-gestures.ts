import type { TimeWindow } from '../state/time-window.ts';

/** What a pointer does to a picture of time. Places are in CSS pixels from the picture's left upper corner. */
export interface TimeGestures {
  readonly window: () => TimeWindow;
  /** Null: it left, or the picture is being dragged. */
  readonly point: (at: { readonly x: number; readonly y: number } | null) => void;
  readonly choose: (x: number, y: number) => void;
  /** `share` of the width, > 0: into the future. */
  readonly pan: (share: number) => void;
  readonly zoom: (factor: number, anchorMs: number) => void;
}

/** A hand that presses does not hold still. */
const stillPx = 3;

/** Attaches to the element that holds the picture: drag moves it, the wheel zooms (sideways or with Shift: moves) it. */
export const timeGestures =
  (acts: TimeGestures) =>
  (node: HTMLElement): (() => void) => {
    let drag: { readonly pointerId: number; readonly x: number; readonly moved: boolean } | null = null;

    const placeOf = (event: MouseEvent): { x: number; y: number; width: number } => {
      const { left, top, width } = node.getBoundingClientRect();
      return { x: event.clientX - left, y: event.clientY - top, width: Math.max(1, width) };
    };

    const down = (event: PointerEvent): void => {
      if (event.button !== 0) return;
      drag = { pointerId: event.pointerId, x: placeOf(event).x, moved: false };
      node.setPointerCapture(event.pointerId);
    };
    const move = (event: PointerEvent): void => {
      const { x, y, width } = placeOf(event);
      if (drag?.pointerId !== event.pointerId) {
        acts.point({ x, y });
        return;
      }
      const by = x - drag.x;
      if (!drag.moved && Math.abs(by) < stillPx) return;
      drag = { ...drag, x, moved: true };
      acts.point(null);
      acts.pan(-by / width);
    };
    const up = (event: PointerEvent): void => {
      const { x, y } = placeOf(event);
      const isClick = drag?.pointerId === event.pointerId && !drag.moved;
      drag = null;
      if (isClick) acts.choose(x, y);
    };
    const cancel = (): void => {
      drag = null;
    };
    const leave = (): void => {
      if (drag === null) acts.point(null);
    };
    // Not passive: the page behind must not scroll as well.
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
        acts.pan(sideways / 800);
        return;
      }
      const { x, width } = placeOf(event);
      const { fromMs, toMs } = acts.window();
      acts.zoom(Math.exp(Math.max(-240, Math.min(240, event.deltaY)) / 480), fromMs + (x / width) * (toMs - fromMs));
    };

    node.addEventListener('pointerdown', down);
    node.addEventListener('pointermove', move);
    node.addEventListener('pointerup', up);
    node.addEventListener('pointercancel', cancel);
    node.addEventListener('pointerleave', leave);
    node.addEventListener('wheel', wheel, { passive: false });
    return () => {
      node.removeEventListener('pointerdown', down);
      node.removeEventListener('pointermove', move);
      node.removeEventListener('pointerup', up);
      node.removeEventListener('pointercancel', cancel);
      node.removeEventListener('pointerleave', leave);
      node.removeEventListener('wheel', wheel);
    };
  };
