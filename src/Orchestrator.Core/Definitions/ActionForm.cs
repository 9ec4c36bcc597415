using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>The part of the <see cref="NormalForm"/> that says what tasks do.</summary>
internal static class ActionForm
{
    private static readonly HttpAction s_http = new("");
    private static readonly SqlAction s_sql = new("");
    private static readonly ApprovalAction s_approval = new("");
    private static readonly PollDefinition s_poll = new() { Check = new NoopAction() };

    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, TaskAction action)
    {
        json.WriteStartObject(name);
        json.WriteString("kind"u8, action.Kind);
        switch (action)
        {
            case RunAction run:
                json.WriteString("command"u8, run.Command);
                if (!run.Shell.IsDefaultOrEmpty) json.Texts("shell"u8, run.Shell);
                break;
            case ExecAction exec: json.Texts("argv"u8, exec.Argv); break;
            case ScriptAction script: json.WriteString("text"u8, script.Text); break;
            case DelegateAction code:
                if (code.Name is not "") json.WriteString("name"u8, code.Name);
                if (!code.With.IsEmpty) json.Values("with"u8, code.With);
                break;
            case NoopAction: break;
            case HttpAction http: Http(json, http); break;
            case SqlAction sql: Sql(json, sql); break;
            case ContainerAction container: Container(json, container); break;
            case WorkflowAction call:
                if (call.Name is not "") json.WriteString("name"u8, call.Name);
                if (!call.Params.IsEmpty) json.Values("params"u8, call.Params);
                json.TrueIfSo("detach"u8, call.Detach);
                break;
            case WaitAction wait:
                json.TextIfAny("for"u8, wait.For);
                json.TextIfAny("until"u8, wait.Until);
                json.TextIfAny("event"u8, wait.Event);
                if (wait.Poll is { } poll) Poll(json, poll);
                break;
            case ApprovalAction approval: Approval(json, approval); break;
            case SwitchAction choice: Switch(json, choice); break;
            default: throw new NotSupportedException($"Actions of type {action.GetType().Name} have no normal form.");
        }
        json.WriteEndObject();
    }

    private static void Http(Utf8JsonWriter json, HttpAction http)
    {
        if (http.Url is not "") json.WriteString("url"u8, http.Url);
        if (http.Method != s_http.Method) json.WriteString("method"u8, http.Method);
        if (!http.Headers.IsEmpty) json.Texts("headers"u8, http.Headers);
        json.ValueIfAny("json"u8, http.Json);
        json.TextIfAny("body"u8, http.Body);
        if (!http.Form.IsEmpty) json.Texts("form"u8, http.Form);
        if (!http.Expect.IsDefaultOrEmpty) json.Texts("expect"u8, http.Expect);
        json.TextIfAny("save"u8, http.Save);
    }

    private static void Sql(Utf8JsonWriter json, SqlAction sql)
    {
        if (sql.Connection is not "") json.WriteString("connection"u8, sql.Connection);
        json.TextIfAny("query"u8, sql.Query);
        json.TextIfAny("execute"u8, sql.Execute);
        if (!sql.Transaction.IsDefaultOrEmpty) json.Texts("transaction"u8, sql.Transaction);
        json.TextIfAny("file"u8, sql.File);
        if (!sql.Parameters.IsEmpty) json.Values("parameters"u8, sql.Parameters);
        json.TextIfAny("csv"u8, sql.Csv);
        if (sql.MaxRows != s_sql.MaxRows) json.WriteNumber("max_rows"u8, sql.MaxRows);
        json.Duration("statement_timeout"u8, sql.StatementTimeout);
    }

    private static void Container(Utf8JsonWriter json, ContainerAction container)
    {
        if (container.Image is not "") json.WriteString("image"u8, container.Image);
        if (!container.Command.IsDefaultOrEmpty) json.Texts("command"u8, container.Command);
        json.TextIfAny("entrypoint"u8, container.Entrypoint);
        if (!container.Volumes.IsDefaultOrEmpty) json.Texts("volumes"u8, container.Volumes);
        json.TextIfAny("workdir"u8, container.Workdir);
        json.TextIfAny("network"u8, container.Network);
        json.TextIfAny("user"u8, container.User);
        if (container.Pull != default) json.WriteString("pull"u8, Words.Of(container.Pull));
        json.TextIfAny("engine"u8, container.Engine);
    }

    private static void Poll(Utf8JsonWriter json, PollDefinition poll)
    {
        json.WriteStartObject("poll"u8);
        Write(json, "check"u8, poll.Check);
        json.TextIfAny("condition"u8, poll.Condition);
        if (poll.Interval != s_poll.Interval) json.Duration("interval"u8, poll.Interval);
        if (!poll.Backoff.Equals(s_poll.Backoff)) json.WriteNumber("backoff"u8, poll.Backoff);
        if (poll.MaxInterval != s_poll.MaxInterval) json.Duration("max_interval"u8, poll.MaxInterval);
        json.WriteEndObject();
    }

    private static void Switch(Utf8JsonWriter json, SwitchAction choice)
    {
        if (choice.Value is not "") json.WriteString("value"u8, choice.Value);
        if (!choice.Cases.IsDefaultOrEmpty)
        {
            json.WriteStartArray("cases"u8);
            foreach (var one in choice.Cases)
            {
                json.WriteStartObject();
                if (!one.Is.IsDefaultOrEmpty) json.Texts("is"u8, one.Is);
                json.TextIfAny("matches"u8, one.Matches);
                if (!one.Then.IsDefaultOrEmpty) json.Ids("then"u8, one.Then);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (!choice.Default.IsDefaultOrEmpty) json.Ids("default"u8, choice.Default);
    }

    private static void Approval(Utf8JsonWriter json, ApprovalAction approval)
    {
        if (approval.Prompt is not "") json.WriteString("prompt"u8, approval.Prompt);
        // Sorted like parameters: configuration does not keep the order they were declared in.
        if (!approval.Fields.IsDefaultOrEmpty) NormalForm.Parameters(json, "fields"u8, approval.Fields.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name)));
        if (!approval.Approvers.IsDefaultOrEmpty) json.Texts("approvers"u8, approval.Approvers);
        if (approval.Required != s_approval.Required) json.WriteNumber("required"u8, approval.Required);
        if (approval.Role != s_approval.Role) json.WriteString("role"u8, approval.Role);
        if (approval.Expires != s_approval.Expires) json.Duration("expires"u8, approval.Expires);
    }
}
