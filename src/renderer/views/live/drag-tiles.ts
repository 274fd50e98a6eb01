/** What a drag is told to. */
export interface TileDrag {
  /** A tile hangs over this one; null: over none. */
  readonly over: (cameraId: string | null) => void;
  /** `cameraId` was let go over `target`. */
  readonly dropped: (cameraId: string, target: string) => void;
}

const kind = 'application/x-nightshift-camera';

/** Makes a tile one that can be dragged onto another, also from one window into another. */
export function dragTile(cameraId: string, drag: TileDrag): (element: HTMLElement) => () => void {
  return (element) => {
    const listeners = new AbortController();
    const on = (
      type: 'dragstart' | 'dragover' | 'dragleave' | 'dragend' | 'drop',
      hear: (event: DragEvent) => void,
    ) => {
      element.addEventListener(type, hear, { signal: listeners.signal });
    };
    element.draggable = true;
    on('dragstart', ({ dataTransfer }) => {
      if (dataTransfer === null) return;
      dataTransfer.setData(kind, cameraId);
      dataTransfer.effectAllowed = 'move';
    });
    on('dragover', (event) => {
      if (event.dataTransfer?.types.includes(kind) !== true) return;
      event.preventDefault();
      drag.over(cameraId);
    });
    on('dragleave', ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node) || !element.contains(relatedTarget)) drag.over(null);
    });
    on('dragend', () => {
      drag.over(null);
    });
    on('drop', (event) => {
      const dragged = event.dataTransfer?.getData(kind) ?? '';
      drag.over(null);
      if (dragged === '') return;
      event.preventDefault();
      drag.dropped(dragged, cameraId);
    });
    return () => {
      listeners.abort();
      element.draggable = false;
    };
  };
}
