using System.Collections.Frozen;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Keys that people bring from other systems, and what they write here instead. <c>{0}</c> is the value where it is short.</summary>
internal static class ForeignWords
{
    private static readonly FrozenDictionary<string, string> s_workflow = Of(
        ("steps", "Write `tasks:`, a list; each item has an `id` and one kind such as `run`."),
        ("jobs", "Write `tasks:`, a list; each job is a task `- id: name`, or a workflow of its own called by `workflow:`."),
        ("nodes", "Write `tasks:`, a list; each item has an `id` and one kind such as `run`."),
        ("dag_id", "Write `name: {0}`."),
        ("id", "Write `name: {0}`."),
        ("title", "Write `description: {0}`."),
        ("on", "Write `schedules:`, as in [{id: nightly, cron: \"0 2 * * *\"}]; other programs start runs by the API."),
        ("schedule", "Write `schedules:`, as in [{id: main, cron: \"{0}\"}]."),
        ("schedule_interval", "Write `schedules:`, as in [{id: main, cron: \"{0}\"}]."),
        ("cron", "Write `schedules:`, as in [{id: main, cron: \"{0}\"}]."),
        ("start_date", "A schedule counts from when it is first loaded. Remove it."),
        ("inputs", "Write `params:`, as in {day: {type: date}}."),
        ("parameters", "Write `params:`, as in {day: {type: date}}."),
        ("arguments", "Write `params:`, as in {day: {type: date}}."),
        ("vars", "Write `params:` for the values given to a run, `env:` for variables of its processes."),
        ("variables", "Write `params:` for the values given to a run, `env:` for variables of its processes."),
        ("environment", "Write `env:`, a map of names and values."),
        ("namespace", "Write `project: {0}`, or `tenant: {0}` to account for it separately."),
        ("group", "Write `project: {0}`."),
        ("tags", "Write `labels:`, a map such as {team: data}."),
        ("default_args", "Write `defaults:`, the values for tasks that do not set their own."),
        ("handlerOn", "Write `handlers:`, with lists of tasks below on_success, on_failure, on_cancel and finally."),
        ("errors", "Write `handlers: {on_failure: [...]}`, a list of tasks."),
        ("onExit", "Write `handlers: {finally: [...]}`, a list of tasks."),
        ("on_failure", "Write `handlers: {on_failure: [...]}`, a list of tasks."),
        ("on_success", "Write `handlers: {on_success: [...]}`, a list of tasks."),
        ("mailOn", "Write `handlers: {on_failure: [...]}` with a task that sends the mail."),
        ("maxActiveSteps", "Write `max_parallel: {0}`."),
        ("max_active_tasks", "Write `max_parallel: {0}`."),
        ("parallelism", "Write `max_parallel: {0}`."),
        ("maxActiveRuns", "Write `concurrency: {group: name, max: {0}}`."),
        ("max_active_runs", "Write `concurrency: {group: name, max: {0}}`."),
        ("timeoutSec", "Write `timeout: {0}s`."),
        ("timeout-minutes", "Write `timeout: {0}m`."),
        ("histRetentionDays", "Write `retention: {age: {0}d}`."),
        ("preconditions", "Write `if:` on the tasks that need it."),
        ("activeDeadlineSeconds", "Write `timeout: {0}s`."),
        ("retries", "Write `retry: {retries: {0}}`."),
        ("retryPolicy", "Write `retry: {max_attempts: 3, initial_delay: 10s}`."));

    private static readonly FrozenDictionary<string, string> s_task = Of(
        ("name", "Write `id: {0}`, with letters, digits, '_' and '-'."),
        ("task_id", "Write `id: {0}`."),
        ("needs", "Write `depends_on: [{0}]`."),
        ("need", "Write `depends_on: [{0}]`."),
        ("depends", "Write `depends_on: [{0}]`."),
        ("dependencies", "Write `depends_on: [{0}]`."),
        ("deps", "Write `depends_on: [{0}]`."),
        ("requires", "Write `depends_on: [{0}]`."),
        ("after", "Write `depends_on: [{0}]`."),
        ("upstream", "Write `depends_on: [{0}]`."),
        ("command", "Write `run: {0}` for a shell, or `exec: [program, argument]` without one."),
        ("cmd", "Write `run: {0}` for a shell, or `exec: [program, argument]` without one."),
        ("commands", "Write `run: |` and the lines below it."),
        ("bash", "Write `run: {0}`."),
        ("bash_command", "Write `run: {0}`."),
        ("sh", "Write `run: {0}` and `shell: sh`."),
        ("args", "Write `exec: [program, argument]`."),
        ("steps", "A task does one thing: make each step a task with `depends_on` the one before, or write the lines below one `run: |`."),
        ("when", "Write `if: {0}`; to run after earlier tasks whatever their outcome, `run_when: all_done`."),
        ("condition", "Write `if: {0}`."),
        ("preconditions", "Write `if:` with one expression, or a task before it that checks."),
        ("trigger_rule", "Write `run_when:`: all_success, none_failed, none_skipped, one_success, one_failed or all_done."),
        ("continue-on-error", "Write `allow_failure: {0}`."),
        ("continueOn", "Write `allow_failure: true`, or `success_exit_codes: [1]` for exit codes that are not failures."),
        ("ignore_errors", "Write `allow_failure: {0}`."),
        ("retries", "Write `retry: {retries: {0}}`."),
        ("max_attempts", "Write `retry: {max_attempts: {0}}`."),
        ("retryPolicy", "Write `retry: {max_attempts: 3, initial_delay: 10s}`."),
        ("retryStrategy", "Write `retry: {max_attempts: 3, initial_delay: 10s}`."),
        ("retry_delay", "Write `retry: {initial_delay: {0}}`."),
        ("retry_policy", "Write `retry: {max_attempts: 3, initial_delay: 10s}`."),
        ("repeatPolicy", "Write `wait: {poll: {run: ..., interval: 10s}}` to repeat until it succeeds, or a schedule."),
        ("strategy", "Write `matrix:` itself, as in {os: [linux, windows]}; `fail-fast: false` is on_failure: finish, the default."),
        ("withItems", "Write `foreach: [...]`; the item is ${{ item }}."),
        ("with_items", "Write `foreach: [...]`; the item is ${{ item }}."),
        ("withParam", "Write `foreach: \"${{ ... }}\"`, one expression for a list."),
        ("loop", "Write `foreach: [...]`; the item is ${{ item }}."),
        ("parallel", "Write `foreach: {items: [...], max_parallel: 4}`; the item is ${{ item }}."),
        ("timeout-minutes", "Write `timeout: {0}m`."),
        ("timeoutSec", "Write `timeout: {0}s`."),
        ("execution_timeout", "Write `timeout:`, as in 10m."),
        ("working-directory", "Write `working_dir: {0}`."),
        ("dir", "Write `working_dir: {0}`."),
        ("cwd", "Write `working_dir: {0}`."),
        ("environment", "Write `env:`, a map of names and values."),
        ("image", "Write `container: {image: {0}, command: [...]}`."),
        ("uses", "Actions of other systems cannot run here: write `run:` with the program they call."),
        ("runs-on", "Tasks run on the worker. Remove it."),
        ("executor", "Write the kind itself: run, exec, script, http, sql or container."),
        ("type", "Write the kind itself as a key, as in `run: ...` or `http: ...`."),
        ("output", "Write results as key=value to $ORCHESTRATOR_OUTPUT; others read tasks.ID.outputs.key."),
        ("register", "Results are tasks.ID.outputs.key: write key=value to $ORCHESTRATOR_OUTPUT."),
        ("stdout", "Every task has a log of its own: orchestrator logs RUN TASK."),
        ("url", "Write `http: {url: \"{0}\"}`."),
        ("query", "Write `sql: {connection: name, query: ...}`."),
        ("call", "Write `workflow: {0}`."),
        ("subflow", "Write `workflow: name`."),
        ("sleep", "Write `wait: {0}`."),
        ("disabled", "Write `enabled: false`."),
        ("signalOnStop", "Processes get SIGTERM, and SIGKILL after `grace`. Remove it."),
        ("mailOnError", "Write `handlers: {on_failure: [...]}` at the workflow."));

    private static readonly FrozenDictionary<string, string> s_retry = Of(
        ("limit", "Write `max_attempts:`, which counts all attempts, or `retries: {0}`, those after the first."),
        ("max", "Write `max_attempts: {0}`, all attempts, or `retries: {0}`, those after the first."),
        ("attempts", "Write `max_attempts: {0}`."),
        ("count", "Write `retries: {0}`."),
        ("delay", "Write `initial_delay: {0}`."),
        ("interval", "Write `initial_delay: {0}`."),
        ("intervalSec", "Write `initial_delay: {0}s`."),
        ("maxIntervalSec", "Write `max_delay: {0}s`."),
        ("max_interval", "Write `max_delay: {0}`."),
        ("when", "Write `on: {exit_codes: [...]}` or `on: {kinds: [...]}`."));

    private static readonly FrozenDictionary<string, string> s_schedule = Of(
        ("stop", "Give it a schedule of its own: `{id: stop, cron: {0}, action: stop}`."),
        ("restart", "Give it a schedule of its own: `{id: restart, cron: {0}, action: restart}`."),
        ("actions", "Write `action: start`, `stop` or `restart`, and a schedule for each."));

    private static readonly FrozenDictionary<string, string> s_none = Of();

    /// <summary>What to write instead of a key of another system; null where it is none that is known.</summary>
    public static string? Remedy(KeySet keys, string key, SourceNode value)
    {
        var words = ReferenceEquals(keys, Vocabulary.Workflow) ? s_workflow
            : ReferenceEquals(keys, Vocabulary.Task) || ReferenceEquals(keys, Vocabulary.Handler) || ReferenceEquals(keys, Vocabulary.Defaults) ? s_task
            : ReferenceEquals(keys, Vocabulary.Retry) ? s_retry : ReferenceEquals(keys, Vocabulary.Schedule) ? s_schedule : s_none;
        var snake = Snake(key);
        return snake != key && keys.Accepts(snake) ? $"Write `{snake}`." : words.TryGetValue(snake, out var remedy) ? remedy.Replace("{0}", Shown(value), StringComparison.Ordinal) : null;
    }

    // maxParallel and max-parallel are max_parallel.
    private static string Snake(string key)
    {
        var snake = new System.Text.StringBuilder(key.Length + 4);
        foreach (var c in key)
        {
            if (char.IsAsciiLetterUpper(c) && snake.Length > 0 && snake[^1] != '_') snake.Append('_');
            snake.Append(c == '-' ? '_' : char.ToLowerInvariant(c));
        }
        return snake.ToString();
    }

    private static string Shown(SourceNode value) => value switch
    {
        SourceScalar { IsNothing: false, Text: { Length: > 0 and <= 40 } text } when text.AsSpan().IndexOfAny('\r', '\n') < 0 => text,
        SourceList { Items: { Count: > 0 and <= 8 } items } when items.All(i => i is SourceScalar { IsNothing: false, Text.Length: <= 40 }) =>
            string.Join(", ", items.Cast<SourceScalar>().Select(i => i.Text)),
        _ => "...",
    };

    private static FrozenDictionary<string, string> Of(params ReadOnlySpan<(string Word, string Remedy)> words)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (word, remedy) in words) all.TryAdd(Snake(word), remedy);
        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
