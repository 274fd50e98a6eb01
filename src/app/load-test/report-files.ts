import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadTestReport } from '../../shared/domain/load-test.ts';
import { loadTestPage } from './load-test-page.ts';

/** Writes the page and the figures side by side; rejects with what the file system says. */
export async function writeLoadTest(
  report: LoadTestReport,
  reportsDir: string,
): Promise<{ html: string; json: string }> {
  await mkdir(reportsDir, { recursive: true });
  const files = { html: join(reportsDir, `${report.id}.html`), json: join(reportsDir, `${report.id}.json`) };
  await writeFile(files.json, `${JSON.stringify({ ...report, files }, null, 2)}\n`);
  await writeFile(files.html, loadTestPage(report));
  return files;
}
