import type { ReportRecord, ReportScope } from '../../shared/domain/report.ts';
import type { Operation } from '../store-context.ts';

export const addReport: Operation<'reports.add'> = ({ db }) => {
  const insert = db.prepare(
    'INSERT INTO reports (at_ms, title, scope, format, file, rows, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  return (report) => {
    const { atMs, title, scope, format, file, rows, bytes } = report;
    const saved = insert.run(Math.round(atMs), title, JSON.stringify(scope), format, file, rows, bytes);
    return { ...report, atMs: Math.round(atMs), id: Number(saved.lastInsertRowid) };
  };
};

/** The newest 500, newest first. */
export const listReports: Operation<'reports.list'> = ({ db }) => {
  const select = db.prepare(
    'SELECT id, at_ms AS atMs, title, scope, format, file, rows, bytes FROM reports ORDER BY id DESC LIMIT 500',
  );
  return () =>
    (select.all() as (Omit<ReportRecord, 'scope'> & { scope: string })[]).map((row) => ({
      ...row,
      scope: JSON.parse(row.scope) as ReportScope,
    }));
};
