/**
 * With the motion gate, a video's frames are cut into groups by their number, and the first one of each group is run
 * whatever it shows. So what the gate decides inside a group depends on that group alone: whoever begins at the start of
 * one comes to the same results as a pass over the whole video, and nothing is inherited for longer than a group.
 */
const groupFrames = 50;

export const groupOf = (frame: number): number => Math.floor(frame / groupFrames);

/** Number of the group's first frame, at or before `frame`. */
export const groupStart = (frame: number): number => groupOf(frame) * groupFrames;
