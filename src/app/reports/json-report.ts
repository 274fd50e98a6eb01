import type { WriteReport } from './report-format.ts';

/**
 * `{meta, coverage, totals, detections}`, one row a line. Two stores with the same results give the same bytes: no
 * times of writing, no ids that a data folder chose.
 */
export const jsonReport: WriteReport = async function* (source, { counted }) {
  const { format, version, title, scope, recipes } = source.meta;
  const named = { ...source.names, sinceMs: scope.sinceMs, untilMs: scope.untilMs };
  yield `{\n"meta": ${JSON.stringify({ format, version, title, scope: named, recipes })},\n"coverage": [`;
  yield* list(source.coverage(), ({ source: name, id, kind, frames, inherited, ranges, state, span, shed }) => ({
    source: name,
    ...(id === undefined ? {} : { id }),
    kind,
    frames,
    inherited,
    ranges,
    state,
    ...(span === undefined ? {} : { span }),
    ...(shed === undefined ? {} : { shed }),
  }));
  const { sources, frames, detections, byClass, failures } = source.totals;
  yield `],\n"totals": ${JSON.stringify({ sources, frames, detections, byClass, failures })},\n"detections": [`;
  yield* list(source.rows(), ({ source: name, id, frame, timeMs, class: label, score, box }) => {
    counted(1);
    return { source: name, ...(id === undefined ? {} : { id }), frame, timeMs, class: label, score, box };
  });
  yield ']\n}\n';
};

async function* list<T>(pages: AsyncIterable<readonly T[]>, shape: (row: T) => unknown): AsyncGenerator<string> {
  let separator = '\n';
  for await (const page of pages) {
    let text = '';
    for (const row of page) {
      text += separator + JSON.stringify(shape(row));
      separator = ',\n';
    }
    yield text;
  }
  if (separator !== '\n') yield '\n';
}
