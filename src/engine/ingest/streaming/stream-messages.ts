import type { StreamBatch } from '../../../shared/contract/stream.ts';

/** A camera's packets for viewers, and how many were left out before them because nobody kept up. */
export interface StreamedPackets extends Omit<StreamBatch, 'cameraId'> {
  readonly leftOut: number;
}
