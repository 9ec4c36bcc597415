using System.Text.Json.Nodes;
using static Orchestrator.Core.Definitions.Schema.SchemaTypes;

namespace Orchestrator.Core.Definitions.Schema;

/// <summary>The kinds of tasks.</summary>
internal static class ActionSchema
{
    public static SchemaKey[] Kinds() =>
    [
        new("run", "A text for the shell: bash -eu -o pipefail -c, or sh -eu -c where bash is missing; see shell. Pass data by env.", Text()),
        new("exec", "A program and its arguments, each passed as it is; no shell.", ListOf(Text())),
        new("script", "An inline file that begins with #! and is run.", Pattern("^#!")),
        new("http", "An HTTP request: an address, or a map.", AnyOf(Text(), Ref("http"))),
        new("sql", "Statements for PostgreSQL on a connection of the worker.", Ref("sql")),
        new("container", "A container, run by docker or podman.", Ref("container")),
        new("workflow", "A run of another workflow: its name, or a map.", AnyOf(Text(), Ref("call"))),
        new("wait", "Waits without a slot: for a duration, or as a map describes.", AnyOf(Text(), Ref("wait"))),
        new("approval", "Waits until people approve or one rejects: a question, or a map.", AnyOf(Text(), Ref("approval"))),
        new("delegate", "C# code registered under this name by a program that embeds the engine.", Text()),
        new("switch", "Chooses among the tasks that depend on it: those of the first matching case start, the others are skipped.", Ref("switch")),
        new("noop", "Nothing: a join or a milestone.", new() { ["enum"] = new JsonArray(true, null, new JsonObject()) }),
    ];

    public static JsonObject Switch() => Map("Chooses among the tasks that depend on it. Its results are value, case and chosen.", ["value"],
        new("value", "What is compared, as text; may hold expressions.", Text()),
        new("cases", "The first match counts.", ListOf(Ref("switch_case"))),
        new("default", "Tasks that start when no case matches.", OneOrMore(Text)));

    public static JsonObject SwitchCase()
    {
        var one = Map("A case of a switch.", ["then"],
            new("is", "The value, or a list of values.", OneOrMore(Text)),
            new("matches", "A regular expression found in the value; ^ and $ anchor it to the ends.", Text()),
            new("then", "The task that starts then, or a list of tasks.", OneOrMore(Text)));
        one["oneOf"] = ExactlyOne(["is", "matches"]);
        return one;
    }

    public static JsonObject Http() => Map("An HTTP request. The answer becomes the results status, headers and body.", ["url"],
        new("method", "The method; GET when not given.", Text()),
        new("url", "Absolute address, http or https; may hold expressions.", Text()),
        new("headers", "Header names and values; values may hold expressions, secrets too.", MapOf(Text())),
        new("json", "Body as JSON; its texts may hold expressions. At most one of json, body and form.", Any()),
        new("body", "Body as text.", Text()),
        new("form", "Body as form fields.", MapOf(Text())),
        new("expect", "Accepted statuses: 200, 200-204 or 2xx (the default).", OneOrMore(() => Pattern("^([1-5][0-9][0-9]|[1-5][xX][xX]|[1-5][0-9][0-9]-[1-5][0-9][0-9])$"))),
        new("save", "File below the run's artifacts that receives the body instead of the results.", Text()));

    public static JsonObject Sql()
    {
        var sql = Map("Statements take values as @name parameters, never as text.", ["connection"],
            new("connection", "Name of a connection of the worker's configuration.", Name()),
            new("query", "One statement whose rows become results (rows, row_count).", Text()),
            new("execute", "One statement whose count of affected rows is the result (affected).", Text()),
            new("transaction", "Statements that are committed together or not at all.", ListOf(Text())),
            new("file", "A file of statements, run as one transaction; relative to the definition's folder.", Text()),
            new("params", "Values of @name parameters; texts may hold expressions.", MapOf(Any())),
            new("csv", "File below the run's artifacts that receives a query's rows instead of the results.", Text()),
            new("max_rows", "Most rows that become results; more rows are a failure. Default 10000.", Whole(1, 1_000_000)),
            new("statement_timeout", "The server's statement timeout.", Duration()));
        sql["oneOf"] = ExactlyOne(["query", "execute", "transaction", "file"]);
        return sql;
    }

    public static JsonObject Container() => Map("A container. Everybody on the machine can read its command line: pass secrets by env.", ["image"],
        new("image", "The image.", Text()),
        new("command", "Arguments to the image's entry point.", ListOf(Text())),
        new("entrypoint", "Replaces the image's entry point.", Text()),
        new("volumes", "Mounts, source:/target or source:/target:ro.", ListOf(Text())),
        new("workdir", "Working directory inside.", Text()),
        new("network", "Network to join.", Text()),
        new("user", "User inside, uid[:gid] or a name.", Text()),
        new("pull", "When the image is fetched; missing is the default.", Word<PullPolicy>()),
        new("engine", "The client; docker is looked for first.", OneOfWords("docker", "podman")));

    public static JsonObject Call() => Map("A run of another workflow, in the same trace.", ["name"],
        new("name", "The workflow's name; may hold expressions.", Text()),
        new("params", "Values of its parameters; texts may hold expressions.", MapOf(Any())),
        new("wait", "false: the task is done once the run is accepted, whatever its outcome.", Flag()));

    public static JsonObject Wait()
    {
        var wait = Map("One of four ways to wait without a slot. The task's timeout limits it.", [],
            new("for", "A duration; may hold expressions.", Text()),
            new("until", "An instant, ISO 8601; may hold expressions. An instant in the past ends the wait at once.", Text()),
            new("event", "The name of an event that is sent to the run from outside; its data become results.", Name()),
            new("poll", "A check that is repeated until it succeeds.", Ref("poll")));
        wait["oneOf"] = ExactlyOne(["for", "until", "event", "poll"]);
        return wait;
    }

    public static JsonObject Poll()
    {
        var poll = Map("A check that is repeated; a failure means \"not yet\".", [],
        [
            .. Kinds().Where(k => Reading.Vocabulary.Checks.Contains(k.Name)),
            new("shell", "What interprets run, as for a task.", Shell()),
            new("if", "An expression over the check's outputs that must be true too.", Text()),
            new("condition", "Another name of if.", Text()),
            new("interval", "Time between the first two checks. Default 10s.", Duration()),
            new("backoff", "Factor from one interval to the next. Default 1.5.", Number(1, 100)),
            new("max_interval", "No interval is longer. Default 5m.", Duration()),
        ]);
        poll["oneOf"] = ExactlyOne(Reading.Vocabulary.Checks);
        return poll;
    }

    public static JsonObject Approval() => Map("A question to people. What they enter becomes results.", ["prompt"],
        new("prompt", "The question; may hold expressions.", Text()),
        new("fields", "What to enter, typed like parameters.", MapOf(AnyOf(Ref("parameter"), Any()))),
        new("approvers", "Who may answer, by name; anybody when not given.", ListOf(Text())),
        new("required", "Approvals needed, by different people. Default 1.", Whole(1, 100)),
        new("role", "Role an answer through the API needs. Default operator.", Text()),
        new("expires", "Time until it expires. Default 3d.", Duration()));
}
