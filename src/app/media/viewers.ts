export type Deliver = (message: Uint8Array<ArrayBuffer>) => void;

export interface Viewer<W> {
  readonly deliver: Deliver;
  /** By camera. */
  readonly watches: Map<string, W>;
}

/** A viewer's own end. */
export interface ViewerEnd<R> {
  request(message: R): void;
  close(): void;
}

/** Who watches which cameras, and how each watch of them stands. */
export class Viewers<W, R extends { readonly cameraId: string }> {
  readonly #all = new Set<Viewer<W>>();
  readonly #request: (viewer: Viewer<W>, message: R) => void;
  readonly #left: (cameraId: string) => void;

  /** @param left a viewer of the camera has gone. */
  constructor(request: (viewer: Viewer<W>, message: R) => void, left: (cameraId: string) => void) {
    this.#request = request;
    this.#left = left;
  }

  open(deliver: Deliver): ViewerEnd<R> {
    const viewer: Viewer<W> = { deliver, watches: new Map() };
    this.#all.add(viewer);
    return {
      request: (message) => {
        this.#request(viewer, message);
      },
      close: () => {
        this.#all.delete(viewer);
        for (const cameraId of viewer.watches.keys()) this.#left(cameraId);
      },
    };
  }

  /** Every watch of every camera. */
  watches(): readonly W[] {
    return [...this.#all].flatMap(({ watches }) => [...watches.values()]);
  }

  of(cameraId: string): readonly { readonly watch: W; readonly deliver: Deliver }[] {
    return [...this.#all].flatMap(({ watches, deliver }) => {
      const watch = watches.get(cameraId);
      return watch === undefined ? [] : [{ watch, deliver }];
    });
  }
}
