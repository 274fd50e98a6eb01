import { shedText } from '../../shared/domain/repair.ts';
import type { CameraHealthLine, CoverageRow, ReportDetection } from '../../shared/domain/report.ts';
import { spanText } from '../../shared/domain/video-sampling.ts';
import { closePage, escape, openPage } from './html-page.ts';
import { reportStyle } from './html-style.ts';
import { reportWords as words } from './report-words.ts';
import type { WriteReport } from './report-format.ts';
import type { ReportSource } from './report-source.ts';
import { mediaTime, wallTime } from './report-times.ts';

/** A page is for reading: beyond these it says how many more there are and leaves them to CSV and JSON. */
const shownSources = 500;
const shownRows = 300;
const shownFailures = 500;
const shownRanges = 8;

/** One file without any outside part: it opens, prints and archives anywhere, in the light and in the dark. */
export const htmlReport: WriteReport = async function* (source, { atMs, counted, health }) {
  const { meta, totals } = source;
  const when = [period(meta.scope.sinceMs, meta.scope.untilMs), words.written(wallTime(atMs))]
    .filter(Boolean)
    .join(' · ');
  yield openPage({ title: `${meta.title} · ${words.report}`, style: reportStyle, heading: meta.title, lines: [when] });
  yield figures([
    [words.detections, totals.detections],
    [words.frames, totals.frames],
    [words.sources, totals.sources],
    [words.failures, totals.failures.length],
  ]);
  yield section(words.found, classBars(totals.byClass));
  if (totals.detections > 0) {
    const label = source.density.length === 24 ? words.byHour : words.byTenth;
    yield section(label, densityBars(source.density));
  }
  yield* coverage(source.coverage(), source.hasIds);
  const lines = await health();
  yield section(words.health, lines.map(cameraHealth).join('\n'), lines.length > 0);
  yield section(words.failed, failures(totals.failures), totals.failures.length > 0);
  yield* detections(source, counted);
  yield section(words.recipes, recipes(meta.recipes));
  yield closePage;
};

const number = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');

const section = (title: string, body: string, shown = true): string =>
  shown ? `<section>\n<h2>${escape(title)}</h2>\n${body}\n</section>\n` : '';

const figures = (entries: readonly (readonly [string, number])[]): string =>
  `<dl class="figures">${entries
    .map(([name, value]) => `<div><dt>${escape(name)}</dt><dd>${number(value)}</dd></div>`)
    .join('')}</dl>\n`;

function period(sinceMs: number | null, untilMs: number | null): string {
  if (sinceMs === null && untilMs === null) return '';
  return words.period(
    sinceMs === null ? words.beginning : wallTime(sinceMs),
    untilMs === null ? words.now : wallTime(untilMs),
  );
}

function classBars(byClass: Readonly<Record<string, number>>): string {
  const classes = Object.entries(byClass).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  if (classes.length === 0) return `<p>${escape(words.nothingFound)}</p>`;
  const most = classes[0]?.[1] ?? 1;
  return `<table class="bars"><tbody>${classes
    .map(
      ([name, count]) =>
        `<tr><th scope="row">${escape(name)}</th><td><span class="bar" style="width:${share(count, most)}%"></span></td><td class="n">${number(count)}</td></tr>`,
    )
    .join('')}</tbody></table>`;
}

function densityBars(density: readonly number[]): string {
  const most = Math.max(1, ...density);
  const unit = density.length === 24 ? words.hour : words.tenth;
  return `<ol class="density">${density
    .map(
      (count, index) =>
        `<li title="${escape(unit(index))}: ${number(count)}"><span style="height:${share(count, most)}%"></span><b>${index}</b></li>`,
    )
    .join('')}</ol>`;
}

const share = (count: number, most: number): number =>
  count === 0 ? 0 : Math.max(1, Math.round((count / most) * 100));

/** What was not looked at to its end comes first. */
async function* coverage(pages: AsyncIterable<readonly CoverageRow[]>, hasIds: boolean): AsyncGenerator<string> {
  const states = new Map<CoverageRow['state'], number>();
  const whole: CoverageRow[] = [];
  const lacking: CoverageRow[] = [];
  const shed: string[] = [];
  let total = 0;
  for await (const page of pages) {
    total += page.length;
    for (const row of page) {
      states.set(row.state, (states.get(row.state) ?? 0) + 1);
      if (row.shed !== undefined) shed.push(`<p><b>${escape(row.source)}</b> ${escape(shedText(row.shed))}</p>`);
      const list = row.state === 'done' ? whole : lacking;
      if (list.length < shownSources) list.push(row);
    }
  }
  const rows = [...lacking, ...whole].slice(0, shownSources);
  const summary = [...states].map(([state, count]) => `${number(count)} ${words.states[state]}`).join(' · ');
  yield section(
    words.lookedAt,
    total === 0
      ? `<p>${escape(words.nothingLookedAt)}</p>`
      : `<p>${escape(summary)}</p>${table(
          [
            words.source,
            ...(hasIds ? [words.id] : []),
            words.kind,
            words.frames,
            words.inherited,
            words.stretches,
            words.state,
          ],
          rows.map((row) => [
            escape(row.source),
            ...(hasIds ? [escape(row.id ?? '')] : []),
            escape(words.kinds[row.kind]),
            numberCell(row.frames),
            numberCell(row.inherited),
            escape(stretches(row)),
            `<span class="state ${row.state}">${escape(words.states[row.state])}</span>`,
          ]),
        )}${more(total - rows.length, words.moreSources)}`,
  );
  yield section(words.repaired, shed.join('\n'), shed.length > 0);
}

/** What is said of a camera, and its two pictures side by side. */
function cameraHealth({ camera, says, pictures: { accepted, now } }: CameraHealthLine): string {
  const lines = says.map((line) => `<p><b>${escape(camera)}</b> ${escape(line)}</p>`).join('\n');
  const figure = (name: string, picture: string | null): string =>
    picture === null
      ? ''
      : `<figure><img src="${escape(picture)}" alt="${escape(`${camera}: ${name}`)}"><figcaption>${escape(name)}</figcaption></figure>`;
  return `${lines}\n<div class="pair">${figure(words.accepted, accepted)}${figure(words.atPresent, now)}</div>`;
}

function stretches({ kind, ranges, span }: CoverageRow): string {
  if (ranges.length === 0) return words.none;
  const wanted = span === undefined ? '' : ` (${spanText(span)})`;
  if (kind === 'picture') return words.whole;
  const shown = ranges
    .slice(0, shownRanges)
    .map(([from, to]) => (kind === 'camera' ? `${wallTime(from)} – ${wallTime(to)}` : `${from} – ${to - 1}`));
  const left = ranges.length - shown.length;
  return [...shown, ...(left > 0 ? [words.moreStretches(left)] : [])].join(', ') + wanted;
}

const failures = (rows: readonly { path: string; kind: string; reason: string }[]): string =>
  table(
    [words.source, words.kind, words.reason],
    rows.slice(0, shownFailures).map(({ path, kind, reason }) => [escape(path), escape(kind), escape(reason)]),
  ) + more(rows.length - shownFailures, words.moreFailures);

async function* detections(source: ReportSource, counted: (rows: number) => void): AsyncGenerator<string> {
  const { hasIds, totals } = source;
  const rows: ReportDetection[] = [];
  for await (const page of source.rows()) {
    rows.push(...page.slice(0, shownRows - rows.length));
    if (rows.length >= shownRows) break;
  }
  counted(rows.length);
  if (rows.length === 0) return;
  yield section(
    words.firstDetections,
    table(
      [words.source, ...(hasIds ? [words.id] : []), words.time, words.class, words.score, words.box],
      rows.map(({ source: name, id, timeMs, frame, class: label, score, box }) => [
        escape(name),
        ...(hasIds ? [escape(id ?? '')] : []),
        escape(frame === timeMs ? wallOrStart(timeMs) : mediaTime(timeMs)),
        escape(label),
        numberCell(`${Math.round(score * 100)} %`),
        numberCell(box.map(Math.round).join(', ')),
      ]),
    ) + more(totals.detections - rows.length, words.moreDetections),
  );
}

/** A camera's frame number is its time; frame 0 at 0 is a picture or the start of a video. */
const wallOrStart = (timeMs: number): string => (timeMs === 0 ? mediaTime(0) : wallTime(timeMs));

const recipes = (rows: readonly { model: string; modelSha256: string; settingsHash: string }[]): string =>
  rows.length === 0
    ? `<p>${escape(words.none)}</p>`
    : table(
        [words.model, words.modelHash, words.settingsHash],
        rows.map(({ model, modelSha256, settingsHash }) => [
          escape(model),
          `<code>${escape(modelSha256)}</code>`,
          `<code>${escape(settingsHash)}</code>`,
        ]),
      );

/** Cells are HTML already. */
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<div class="wide"><table><thead><tr>${heads.map((head) => `<th scope="col">${escape(head)}</th>`).join('')}</tr></thead><tbody>\n${rows
    .map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`)
    .join('\n')}\n</tbody></table></div>`;

const numberCell = (value: number | string): string =>
  `<span class="n">${typeof value === 'number' ? number(value) : escape(value)}</span>`;

const more = (count: number, say: (count: string) => string): string =>
  count > 0 ? `<p class="more">${escape(say(number(count)))}</p>` : '';
