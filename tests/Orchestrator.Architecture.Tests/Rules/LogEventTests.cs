using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>Log events have ids one can search for: a range per component, no id twice.</summary>
public sealed class LogEventTests
{
    /// <summary>A range starts at its number and ends before the next one. The longest name that fits counts.</summary>
    private static readonly (string[] Namespaces, int From)[] Ranges =
    [
        (["Orchestrator.Engine.Running"], 2000),
        (["Orchestrator.Engine.Executors"], 2500),
        (["Orchestrator.Engine.Scheduling"], 3000),
        (["Orchestrator.Engine.Backfills"], 3030),
        (["Orchestrator.Engine.Triggers"], 3050),
        (["Orchestrator.Engine.Reports"], 3100),
        (["Orchestrator.Engine.Journal"], 3500),
        (["Orchestrator.Engine.Telemetry", "Orchestrator.Engine.Deliveries", "Orchestrator.Engine.Subscriptions", "Orchestrator.Engine.Journal.Feed"], 4000),
        (["Orchestrator.Engine.Definitions"], 4500),
        (["Orchestrator.Engine.Index"], 4700),
        (["Orchestrator.Engine.Hosting"], 4800),
        (["Orchestrator.Engine.Registration"], 4900),
        (["Orchestrator.Postgres"], 5000),
        (["Orchestrator.AspNetCore", "Orchestrator.Worker"], 6000),
        ([], 7000),
    ];

    // Names that Serilog, its output templates, the scopes of ASP.NET Core and the exporter of logs give to their own members.
    private static readonly string[] Taken =
    [
        "EventId", "SourceContext", "TraceId", "SpanId", "ParentId", "RequestId", "RequestPath", "ConnectionId", "ActionId", "ActionName", "Scope", "Message", "MessageTemplate", "Timestamp",
        "Level", "Exception", "Properties", "Renderings", "NewLine", "OriginalFormat",
    ];

    [Fact]
    public void A_hole_has_no_name_that_log_providers_use_themselves() => LogMethods
        .SelectMany(m => System.Text.RegularExpressions.Regex.Matches(m.Method.GetCustomAttribute<LoggerMessageAttribute>()!.Message, "\\{([A-Za-z_]+)")
            .Where(hole => Taken.Contains(hole.Groups[1].Value, StringComparer.OrdinalIgnoreCase)).Select(hole => $"{m.Method.DeclaringType}.{m.Method.Name}: {hole.Value}}}"))
        .ShouldBeEmpty();

    private static readonly (MethodInfo Method, int Id, string? Name)[] LogMethods =
        [.. ProductAssemblies.All.SelectMany(ProductAssemblies.Methods)
            .Select(method => (Method: method, Log: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(m => m.Log is not null)
            .Select(m => (m.Method, m.Log!.EventId, m.Log.EventName))];

    [Fact]
    public void No_two_log_methods_share_an_event_id() => LogMethods.GroupBy(m => m.Id)
        .Where(group => group.Count() > 1)
        .Select(group => $"{group.Key}: {string.Join(", ", group.Select(m => $"{m.Method.DeclaringType}.{m.Method.Name}"))}")
        .ShouldBeEmpty();

    [Fact]
    public void An_event_id_lies_in_the_range_of_its_component() => LogMethods
        .Where(m => !InRange(m.Method.DeclaringType!.Namespace!, m.Id))
        .Select(m => $"{m.Method.DeclaringType}.{m.Method.Name}: {m.Id}")
        .ShouldBeEmpty();

    private static bool InRange(string place, int id)
    {
        var room = Ranges.SelectMany(r => r.Namespaces).Where(n => place == n || place.StartsWith(n + ".", StringComparison.Ordinal)).MaxBy(n => n.Length);
        var at = Array.FindIndex(Ranges, r => room is not null && r.Namespaces.Contains(room));
        return at >= 0 && id >= Ranges[at].From && id < Ranges[at + 1].From;
    }
}
