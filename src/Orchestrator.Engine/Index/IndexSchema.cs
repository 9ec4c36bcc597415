namespace Orchestrator.Engine.Index;

/// <summary>
/// Tables of the index. Columns that end with <c>_us</c> are microseconds since 1970 UTC, with <c>_ms</c> milliseconds; ids of runs are 16 bytes,
/// big-endian; states are the numbers of <see cref="Orchestrator.Core.Index.StatusNumbers"/>; what is not known is NULL.
/// </summary>
internal static class IndexSchema
{
    /// <summary>Another one whenever tables, or what is written in them, are no longer the same: the index is then made again.</summary>
    public const int Version = 1;

    /// <summary>Tables that people may query, as `orchestrator sql` lists them.</summary>
    public static IReadOnlyList<string> Tables { get; } = ["runs", "tasks", "attempts", "run_labels", "run_list", "task_list"];

    public const string Create = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE run_groups(name TEXT PRIMARY KEY, stamp TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE runs(
          run_id BLOB PRIMARY KEY, last_seq INTEGER NOT NULL, last_event_us INTEGER NOT NULL, workflow TEXT NOT NULL, definition_version TEXT,
          tenant TEXT, project TEXT, status INTEGER NOT NULL, trigger TEXT NOT NULL, schedule_key TEXT, due_us INTEGER,
          requested_by TEXT, correlation_id TEXT, parent_run_id BLOB, retry_of BLOB,
          created_us INTEGER, queued_us INTEGER, started_us INTEGER, ended_us INTEGER, queue_ms REAL, duration_ms REAL,
          tasks_total INTEGER NOT NULL, tasks_completed INTEGER NOT NULL, tasks_failed INTEGER NOT NULL, tasks_failed_allowed INTEGER NOT NULL,
          tasks_skipped INTEGER NOT NULL, tasks_cancelled INTEGER NOT NULL, retries INTEGER NOT NULL,
          node TEXT, source TEXT NOT NULL, cpu_ms REAL, peak_bytes INTEGER, io_bytes INTEGER,
          error_class TEXT, error_type TEXT, error TEXT, failed_stage TEXT, failed_task TEXT, params TEXT NOT NULL, labels TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE tasks(
          run_id BLOB NOT NULL, task TEXT NOT NULL, workflow TEXT NOT NULL, tenant TEXT, stage TEXT, role TEXT, status INTEGER NOT NULL,
          attempts INTEGER NOT NULL, started_us INTEGER, ended_us INTEGER, queue_ms REAL, duration_ms REAL, attempt_ms REAL, expected_ms REAL,
          executor TEXT, cpu_ms REAL, peak_bytes INTEGER, io_bytes INTEGER, critical INTEGER, exit_code INTEGER, kind TEXT, error TEXT, reason TEXT,
          allowed INTEGER NOT NULL, PRIMARY KEY(run_id, task)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE attempts(
          run_id BLOB NOT NULL, task TEXT NOT NULL, attempt INTEGER NOT NULL, workflow TEXT NOT NULL, ended_us INTEGER NOT NULL, duration_ms REAL NOT NULL,
          kind TEXT, exit_code INTEGER, error TEXT, PRIMARY KEY(run_id, task, attempt)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE run_labels(key TEXT NOT NULL, value TEXT NOT NULL, run_id BLOB NOT NULL, PRIMARY KEY(key, value, run_id)) STRICT, WITHOUT ROWID;
        CREATE VIEW run_list AS SELECT
          lower(substr(hex(run_id),1,8)||'-'||substr(hex(run_id),9,4)||'-'||substr(hex(run_id),13,4)
            ||'-'||substr(hex(run_id),17,4)||'-'||substr(hex(run_id),21)) AS run_id, workflow,
          CASE status WHEN 1 THEN 'pending' WHEN 2 THEN 'queued' WHEN 3 THEN 'running' WHEN 4 THEN 'paused' WHEN 5 THEN 'completed'
            WHEN 6 THEN 'failed' WHEN 7 THEN 'cancelled' END AS status,

            strftime('%Y-%m-%dT%H:%M:%fZ', created_us/1e6, 'unixepoch') AS created_at,
            strftime('%Y-%m-%dT%H:%M:%fZ', started_us/1e6, 'unixepoch') AS started_at,
            strftime('%Y-%m-%dT%H:%M:%fZ', ended_us/1e6, 'unixepoch') AS ended_at, duration_ms, queue_ms,
          trigger, schedule_key, tenant, project, tasks_total, tasks_completed, tasks_failed, tasks_failed_allowed, tasks_skipped,
          tasks_cancelled, retries, error_class, error_type, failed_task, error FROM runs;
        CREATE VIEW task_list AS SELECT
          lower(substr(hex(run_id),1,8)||'-'||substr(hex(run_id),9,4)||'-'||substr(hex(run_id),13,4)
            ||'-'||substr(hex(run_id),17,4)||'-'||substr(hex(run_id),21)) AS run_id, workflow, task,
          CASE status WHEN 1 THEN 'pending' WHEN 3 THEN 'running' WHEN 4 THEN 'retrying' WHEN 5 THEN 'completed' WHEN 6 THEN 'failed'
            WHEN 7 THEN 'cancelled' WHEN 8 THEN 'skipped' END AS status,
          stage, role, attempts,
            strftime('%Y-%m-%dT%H:%M:%fZ', started_us/1e6, 'unixepoch') AS started_at,
            strftime('%Y-%m-%dT%H:%M:%fZ', ended_us/1e6, 'unixepoch') AS ended_at, duration_ms, queue_ms, executor, exit_code, kind,
          reason, error FROM tasks;
        """;

    /// <summary>Made after the rows where there are many of them.</summary>
    public const string CreateIndexes = """
        CREATE INDEX runs_created ON runs(created_us);
        CREATE INDEX runs_status ON runs(status);
        CREATE INDEX runs_workflow ON runs(workflow, status);
        CREATE INDEX runs_tenant ON runs(tenant);
        CREATE INDEX runs_ended ON runs(ended_us, status, tenant);
        CREATE INDEX runs_lengths ON runs(workflow, ended_us, status, duration_ms, queue_ms);
        CREATE INDEX runs_open ON runs(run_id) WHERE ended_us IS NULL;
        CREATE INDEX runs_schedule ON runs(schedule_key) WHERE schedule_key IS NOT NULL;
        CREATE INDEX runs_retry ON runs(retry_of) WHERE retry_of IS NOT NULL;
        CREATE INDEX runs_parent ON runs(parent_run_id) WHERE parent_run_id IS NOT NULL;
        CREATE INDEX runs_correlation ON runs(correlation_id) WHERE correlation_id IS NOT NULL;
        CREATE INDEX tasks_lengths ON tasks(workflow, task, ended_us, status, duration_ms, queue_ms, attempts, expected_ms);
        CREATE INDEX tasks_ended ON tasks(ended_us);
        CREATE INDEX attempts_ended ON attempts(ended_us, kind);
        """;
}
