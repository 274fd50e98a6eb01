import type { PostProcessing } from '../../shared/engine/protocol.ts';
import type { InputSize } from '../../shared/domain/model.ts';

/** How a frame is to be run. Frames may share a native call only when their `compatKey`s are equal. */
export interface WorkShape {
  readonly modelId: string;
  readonly input: InputSize;
  readonly post: PostProcessing;
  /** Model, input size and post-processing. */
  readonly compatKey: string;
  /** Model and input size: what a run's duration depends on. */
  readonly costKey: string;
}

/** Make one shape a camera or item and hand the same object in with every ticket. */
export function workShape(modelId: string, input: InputSize, post: PostProcessing): WorkShape {
  const costKey = costKeyOf(modelId, inputText(input));
  const compatKey = `${costKey} score>=${post.score} iou<=${post.iou} classes=${post.classes?.join(',') ?? 'all'}`;
  return { modelId, input, post, compatKey, costKey };
}

/** `416x320`: as it stands in `LadderCost.input`. */
export const inputText = (input: InputSize): string => `${input.width}x${input.height}`;

export const costKeyOf = (modelId: string, input: string): string => `${modelId}@${input}`;
