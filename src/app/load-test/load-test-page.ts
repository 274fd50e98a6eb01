import type { LoadTestMinute, LoadTestReport } from '../../shared/domain/load-test.ts';
import { closePage, escape, openPage } from '../reports/html-page.ts';
import { reportStyle } from '../reports/html-style.ts';
import { wallTime } from '../reports/report-times.ts';

const style = `${reportStyle}
.chart { width: 100%; height: auto; } .chart text { fill: var(--soft); font: 11px system-ui, sans-serif; }
.chart .promise { stroke: var(--bad); stroke-dasharray: 6 4; } .chart .axis { stroke: var(--line); }
.chart .p50 { stroke: #3fb950; } .chart .p95 { stroke: var(--bar); } .chart .p99 { stroke: #a371f7; }
.chart polyline { fill: none; stroke-width: 2; } td.n, th.n { text-align: right; }
`;

/** The load test as one page without any outside part. */
export function loadTestPage(report: LoadTestReport): string {
  const { spec, whole, minutes, gaveOut, reason, state, startedAtMs } = report;
  const title = spec.ramp ? 'Load test, ramp' : 'Load test';
  const load = `${String(spec.cameras)} cameras at ${String(spec.fps)} frames a second, ${spec.arrivals}${spec.ramp ? ', raised until the promise breaks' : ''}, promise ${String(spec.sloMs)} ms${spec.scan === null ? ', no scan beside' : ', a scan beside'}`;
  const sentences = [reason, gaveOut].filter((text) => text !== null);
  const when = wallTime(startedAtMs);
  const head = { title: `${title} · ${when}`, style, heading: title, lines: [load, `${when} · ${state}`] };
  return `${openPage(head)}${sentences.map((text) => `<p>${escape(text)}</p>`).join('\n')}
${whole === null ? '<p>It ended before there was anything to measure.</p>' : figures(whole, spec.sloMs)}
<section><h2>Latency against the promise, by ${spec.ramp ? 'step' : 'minute'}</h2>${chart(minutes, spec.sloMs)}</section>
<section><h2>Figures</h2><div class="wide">${table(minutes, spec.ramp)}</div></section>
${closePage}`;
}

function figures(whole: NonNullable<LoadTestReport['whole']>, sloMs: number): string {
  const { captured, latencyMs, sloAttainment, archivePerSecond } = whole;
  const entries: readonly (readonly [string, string])[] = [
    ['frames captured', String(captured)],
    ['p95', latencyMs === null ? 'none' : `${latencyMs.p95.toFixed(0)} of ${String(sloMs)} ms`],
    ['promise kept', `${(100 * sloAttainment).toFixed(2)} %`],
    ['archive', `${archivePerSecond.toFixed(1)} pictures/s`],
  ];
  return `<dl class="figures">${entries.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`;
}

const width = 960;
const height = 260;
const left = 48;
const bottom = 28;

function chart(minutes: readonly LoadTestMinute[], sloMs: number): string {
  const measured = minutes.filter(({ latencyMs }) => latencyMs !== null);
  if (measured.length === 0) return '<p>No result.</p>';
  const mostMs = 1.1 * Math.max(sloMs, ...measured.map(({ latencyMs }) => latencyMs?.p99 ?? 0));
  const x = (index: number): number => left + ((index + 0.5) / measured.length) * (width - left);
  const y = (ms: number): number => (1 - ms / mostMs) * (height - bottom);
  const line = (name: 'p50' | 'p95' | 'p99'): string => {
    const points = measured.map(
      ({ latencyMs }, index) => `${x(index).toFixed(1)},${y(latencyMs?.[name] ?? 0).toFixed(1)}`,
    );
    // A single point is drawn as a short stroke.
    const drawn =
      points.length === 1 ? [points[0], `${(x(0) + 8).toFixed(1)},${points[0]?.split(',')[1] ?? '0'}`] : points;
    return `<polyline class="${name}" points="${drawn.join(' ')}"/>`;
  };
  const names = (['p50', 'p95', 'p99'] as const).map((name, index) => {
    const at = left + 12 + index * 60;
    return `<line class="${name}" stroke-width="2" x1="${String(at)}" x2="${String(at + 16)}" y1="10" y2="10"/><text x="${String(at + 20)}" y="14">${name}</text>`;
  });
  const promiseY = y(sloMs).toFixed(1);
  return `<svg class="chart" viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-label="p50, p95 and p99 over time; the promise is ${String(sloMs)} ms">
<line class="axis" x1="${String(left)}" x2="${String(width)}" y1="${String(height - bottom)}" y2="${String(height - bottom)}"/>
<line class="promise" x1="${String(left)}" x2="${String(width)}" y1="${promiseY}" y2="${promiseY}"/>
<text x="0" y="${String(Number(promiseY) + 4)}">${String(sloMs)} ms</text>
<text x="0" y="${String(height - bottom)}">0 ms</text>
${(['p99', 'p95', 'p50'] as const).map(line).join('\n')}
${names.join('\n')}
<text x="${String(left)}" y="${String(height - 8)}">${String(measured[0]?.minute ?? 1)}</text>
<text x="${String(width)}" y="${String(height - 8)}" text-anchor="end">${String(measured[measured.length - 1]?.minute ?? 1)}</text>
</svg>`;
}

function table(minutes: readonly LoadTestMinute[], isRamp: boolean): string {
  const heads = [
    isRamp ? 'Step' : 'Minute',
    'Frames/s each',
    'Captured',
    'Analysed',
    'Dropped',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'Promise kept',
    'Archive/s',
    'Device, live',
    'Device, archive',
    'Memory MiB',
    'Event loop p99 ms',
  ];
  const rows = minutes.map((one) => {
    const drops = Object.entries(one.dropped).map(([reason, count]) => `${String(count)} ${reason}`);
    const ms = (name: 'p50' | 'p95' | 'p99'): string => one.latencyMs?.[name].toFixed(0) ?? '';
    const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
    const cells = [
      String(one.minute),
      one.fps.toFixed(1),
      String(one.captured),
      String(one.analysed),
      drops.join(', ') || '0',
      ms('p50'),
      ms('p95'),
      ms('p99'),
      `${(100 * one.sloAttainment).toFixed(1)} %`,
      one.archivePerSecond.toFixed(1),
      `${(100 * one.slotShare.live).toFixed(0)} %`,
      `${(100 * one.slotShare.archive).toFixed(0)} %`,
      `${mebibytes(one.hostBytes)}${one.engineBytes === null ? '' : ` + ${mebibytes(one.engineBytes)}`}`,
      one.mainLoopP99Ms.toFixed(1),
    ];
    return `<tr>${cells.map((cell) => `<td class="n">${escape(cell)}</td>`).join('')}</tr>`;
  });
  return `<table><thead><tr>${heads.map((head) => `<th class="n" scope="col">${head}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
