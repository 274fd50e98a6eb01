'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const Database = require('better-sqlite3');

const database = new Database(':memory:', { nativeBinding: workerData });
database.exec('CREATE TABLE kept (name TEXT PRIMARY KEY, size INTEGER)');
const insert = database.prepare('INSERT INTO kept VALUES (@name, @size)');
database.transaction(() => {
  for (let size = 0; size < 1000; size++) insert.run({ name: `item ${size}`, size });
})();
let refused = 'nothing';
try {
  insert.run({ name: 'item 1', size: 1 });
} catch (error) {
  refused = error.code;
}
parentPort.postMessage({ ...database.prepare('SELECT count(*) AS rows, sum(size) AS total FROM kept').get(), refused });
