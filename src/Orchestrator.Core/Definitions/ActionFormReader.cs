using System.Text.Json;

namespace Orchestrator.Core.Definitions;

/// <summary>Reads what <see cref="ActionForm"/> writes.</summary>
internal static class ActionFormReader
{
    private static readonly HttpAction s_http = new("");
    private static readonly SqlAction s_sql = new("");
    private static readonly ApprovalAction s_approval = new("");
    private static readonly PollDefinition s_poll = new() { Check = new NoopAction() };

    public static TaskAction Action(JsonElement form) => form.AsForm().Must("kind").AsText() switch
    {
        "run" => new RunAction(form.Text("command"u8) ?? "") { Shell = form.Texts("shell"u8) },
        "exec" => new ExecAction(form.Texts("argv"u8)),
        "script" => new ScriptAction(form.Text("text"u8) ?? ""),
        "delegate" => new DelegateAction(form.Text("name"u8) ?? "") { With = form.Values("with"u8) },
        "noop" => new NoopAction(),
        "http" => Http(form),
        "sql" => Sql(form),
        "container" => Container(form),
        "workflow" => new WorkflowAction(form.Text("name"u8) ?? "") { Params = form.Values("params"u8), Detach = form.Flag("detach"u8) ?? false },
        "wait" => new WaitAction
        {
            For = form.Text("for"u8),
            Until = form.Text("until"u8),
            Event = form.Text("event"u8),
            Poll = form.Has("poll"u8, out var poll) ? Poll(poll) : null,
        },
        "approval" => Approval(form),
        "switch" => new SwitchAction(form.Text("value"u8) ?? "") { Cases = form.List("cases"u8, Case), Default = form.List("default"u8, TaskFormReader.Id) },
        var kind => throw new JsonException($"Task kind `{kind}` does not exist."),
    };

    private static SwitchCase Case(JsonElement form) => new()
    {
        Is = form.AsForm().Texts("is"u8),
        Matches = form.Text("matches"u8),
        Then = form.List("then"u8, TaskFormReader.Id),
    };

    private static HttpAction Http(JsonElement form) => new(form.Text("url"u8) ?? "")
    {
        Method = form.Text("method"u8) ?? s_http.Method,
        Headers = form.TextMap("headers"u8),
        Json = form.Value("json"u8),
        Body = form.Text("body"u8),
        Form = form.TextMap("form"u8),
        Expect = form.Texts("expect"u8),
        Save = form.Text("save"u8),
    };

    private static SqlAction Sql(JsonElement form) => new(form.Text("connection"u8) ?? "")
    {
        Query = form.Text("query"u8),
        Execute = form.Text("execute"u8),
        Transaction = form.Texts("transaction"u8),
        File = form.Text("file"u8),
        Parameters = form.Values("parameters"u8),
        Csv = form.Text("csv"u8),
        MaxRows = form.Whole("max_rows"u8) ?? s_sql.MaxRows,
        StatementTimeout = form.Duration("statement_timeout"u8),
    };

    private static ContainerAction Container(JsonElement form) => new(form.Text("image"u8) ?? "")
    {
        Command = form.Texts("command"u8),
        Entrypoint = form.Text("entrypoint"u8),
        Volumes = form.Texts("volumes"u8),
        Workdir = form.Text("workdir"u8),
        Network = form.Text("network"u8),
        User = form.Text("user"u8),
        Pull = form.Word<PullPolicy>("pull"u8) ?? default,
        Engine = form.Text("engine"u8),
    };

    private static PollDefinition Poll(JsonElement form) => new()
    {
        Check = Action(form.AsForm().Must("check")),
        Condition = form.Text("condition"u8),
        Interval = form.Duration("interval"u8) ?? s_poll.Interval,
        Backoff = form.Number("backoff"u8) ?? s_poll.Backoff,
        MaxInterval = form.Duration("max_interval"u8) ?? s_poll.MaxInterval,
    };

    private static ApprovalAction Approval(JsonElement form) => new(form.Text("prompt"u8) ?? "")
    {
        Fields = form.List("fields"u8, NormalFormReader.Parameter),
        Approvers = form.Texts("approvers"u8),
        Required = form.Whole("required"u8) ?? s_approval.Required,
        Role = form.Text("role"u8) ?? s_approval.Role,
        Expires = form.Duration("expires"u8) ?? s_approval.Expires,
    };
}
