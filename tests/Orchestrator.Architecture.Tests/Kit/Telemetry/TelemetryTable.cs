using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Core;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;

namespace Orchestrator.Architecture.Tests.Kit.Telemetry;

/// <summary>
/// deploy/TELEMETRY.md: every name that leaves the program. Names, units, kinds, buckets, severities and numbers are the program's own; meanings are the summaries in its
/// source and the descriptions of its instruments. What cannot be asked of it stands here: how spans are named, and which attributes a metric has.
/// </summary>
internal static partial class TelemetryTable
{
    public const string File = "deploy/TELEMETRY.md";
    private const string Names = "Orchestrator.Engine.Telemetry.TelemetryNames";
    private const string OfTasks = "cicd.pipeline.name cicd.pipeline.task.name cicd.pipeline.task.run.result orchestrator.task.type error.type";

    private static readonly (string Name, string Kind, string When)[] Spans =
    [
        ("RUN WORKFLOW", "server", "From acceptance to the end: the root of its trace, or below the caller's span if a trace context was given. Exported once, with the first start time, also after a takeover. Links to what caused it."),
        ("enqueue WORKFLOW", "producer", "The run was accepted; exported at once, so that a waiting run has a trace."),
        ("queue WORKFLOW", "internal", "The run waited for its start."),
        ("queue ID", "internal", "A task waited for a slot."),
        ("stage NAME", "internal", "From the first task's start to the last one's end; declared stages only."),
        ("task ID", "internal", "From the first attempt's start to the end, waits for retries included; zero length if skipped. Links to its dependencies."),
        ("attempt ID", "internal", "One attempt. The parent of what it calls by HTTP or SQL, and of a run it waits for."),
        ("EXECUTABLE", "client", "One process of an attempt."),
        ("METHOD ROUTE", "server", "A request to the API; the run it starts is linked to it, or below it in the caller's trace. Not of probes and scrapes."),
        ("NAME", "internal", "What a task's script noted with `orchestrator span`; below the process."),
    ];

    /// <summary>Attributes of each metric; a conformance case compares them with what a Prometheus sees.</summary>
    private static readonly Dictionary<string, string> Labels = new()
    {
        ["cicd.pipeline.run.duration"] = "cicd.pipeline.name cicd.pipeline.run.state cicd.pipeline.result error.type",
        ["cicd.pipeline.run.active"] = "cicd.pipeline.name cicd.pipeline.run.state",
        ["cicd.pipeline.run.errors"] = "cicd.pipeline.name error.type",
        ["cicd.system.errors"] = "cicd.system.component error.type",
        ["cicd.worker.count"] = "cicd.worker.state",
        ["orchestrator.task.duration"] = OfTasks,
        ["orchestrator.task.attempt.duration"] = OfTasks,
        ["orchestrator.task.cpu.time"] = OfTasks,
        ["orchestrator.task.memory.peak"] = OfTasks,
        ["orchestrator.task.active"] = "cicd.pipeline.name",
        ["orchestrator.task.queued"] = "cicd.pipeline.name",
        ["orchestrator.task.retries"] = "cicd.pipeline.name cicd.pipeline.task.name error.type",
        ["orchestrator.queue.wait.duration"] = "orchestrator.queue.name",
        ["orchestrator.run.oldest_pending.age"] = "orchestrator.queue.name",
        ["orchestrator.run.last_success.time"] = "cicd.pipeline.name",
        ["orchestrator.run.resumed"] = "cicd.pipeline.name orchestrator.reason",
        ["orchestrator.schedule.lag"] = "cicd.pipeline.name",
        ["orchestrator.schedule.misfires"] = "cicd.pipeline.name",
        ["orchestrator.schedule.refused"] = "cicd.pipeline.name",
        ["orchestrator.schedule.overdue"] = "cicd.pipeline.name",
        ["orchestrator.trigger.deliveries"] = "cicd.pipeline.name orchestrator.trigger.id orchestrator.trigger.outcome orchestrator.reason",
        ["orchestrator.trigger.runs"] = "cicd.pipeline.name orchestrator.trigger.id",
        ["orchestrator.event.rejected"] = "orchestrator.reason",
        ["orchestrator.delegate.abandoned"] = "cicd.pipeline.name cicd.pipeline.task.name",
        ["orchestrator.worker.slots"] = "orchestrator.worker.slot.state",
        ["orchestrator.telemetry.dropped"] = "orchestrator.reason orchestrator.telemetry.signal",
        ["orchestrator.telemetry.published"] = "orchestrator.telemetry.signal",
        ["orchestrator.telemetry.made"] = "orchestrator.telemetry.signal",
        ["orchestrator.delivery.events"] = "orchestrator.sink.name orchestrator.delivery.outcome",
        ["orchestrator.delivery.behind"] = "orchestrator.sink.name",
        ["orchestrator.webhook.deliveries"] = "orchestrator.sink.name orchestrator.delivery.outcome",
    };

    /// <summary>The file's text, and what it lacks: names whose meaning nobody has written down.</summary>
    public static (string Text, IReadOnlyList<string> Missing) Write()
    {
        var missing = new List<string>();
        var text = new StringBuilder($"""
            # Every name of telemetry

            Written by `{TelemetryTableTests.Command}` from the program's own names; a test compares it. How telemetry is switched on and read: [README.md](README.md).

            ## Spans

            Scope `Orchestrator`, semantic conventions 1.44. Ids follow from run, kind, task and attempt, so that a run which was killed and resumed is one trace. The status is unset for
            success, skip and cancellation, and Error otherwise. Beside these the spans of HTTP clients and servers and of Npgsql.

            | Span | Kind | When |
            |---|---|---|

            """);
        foreach (var (name, kind, when) in Spans) text.AppendLine(CultureInfo.InvariantCulture, $"| `{name}` | {kind} | {when} |");

        text.Append("""

            ## Attributes

            Of spans, metrics and log records; an attribute that does not apply is absent.

            | Attribute | Meaning |
            |---|---|

            """);
        var metrics = ProductInstruments.All.Select(i => i.Name).Concat(Labels.Keys).ToHashSet();
        foreach (var (constant, name) in ProductInstruments.Names.Where(n => NameShape().IsMatch(n.Name) && !metrics.Contains(n.Name)).OrderBy(n => n.Name, StringComparer.Ordinal))
            text.AppendLine(CultureInfo.InvariantCulture, $"| `{name}` | {Meaning(Summaries.OfConstant(Names, constant), $"a summary at TelemetryNames.{constant} ({name})")} |");

        text.Append("""

            ## Metrics

            Meter `Orchestrator`. Names in Prometheus are those of `/metrics` and of its OTLP receiver; a histogram has `_bucket`, `_sum` and `_count`. A run id is never a label. Durations have
            exemplars. Beside these the metrics of the runtime, HTTP, Npgsql and Quartz.

            | Metric | In Prometheus | Unit | Kind | Attributes | Meaning |
            |---|---|---|---|---|---|

            """);
        foreach (var i in ProductInstruments.All)
        {
            var labels = Meaning(Labels.GetValueOrDefault(i.Name), $"its attributes in TelemetryTable.Labels ({i.Name})");
            text.AppendLine(CultureInfo.InvariantCulture, $"| `{i.Name}` | `{ProductInstruments.PrometheusName(i)}` | `{i.Unit}` | {ProductInstruments.KindOf(i)} | {string.Join(", ", labels.Split(' ').Select(l => $"`{l}`"))} | {Meaning(i.Description, $"a description of instrument {i.Name}")} |");
        }
        foreach (var buckets in ProductInstruments.All.Select(i => (i.Name, Bounds: Buckets(i))).Where(b => b.Bounds.Length > 0).GroupBy(b => b.Bounds))
            text.Append(CultureInfo.InvariantCulture, $"\nBuckets of {string.Join(", ", buckets.Select(b => $"`{b.Name}`"))}: {buckets.Key}.\n");

        text.Append("""

            ## Events

            Each is a log record of scope `Orchestrator.Lifecycle` with this event name, and a line of `orchestrator events` without its first word. A failed dependency or a missed due time raises a
            skip's severity to warn.

            | Event name | Number | Severity | Priority | Meaning |
            |---|---|---|---|---|

            """);
        var classes = Classes();
        foreach (var type in EventTable.Types.OrderBy(EventTable.Number))
        {
            var e = classes.GetValueOrDefault(type);
            text.AppendLine(CultureInfo.InvariantCulture, $"| `orchestrator.{type}` | {EventTable.Number(type)} | {(e is null ? "" : Words.Of(EventTable.Severity(e)))} | {EventTable.Priority(type)} | {Meaning(e is null ? null : Summaries.Of(e.GetType()), $"a summary at the record of event {type}")} |");
        }
        return (text.ToString().ReplaceLineEndings("\n"), missing);

        string Meaning(string? said, string what)
        {
            if (string.IsNullOrWhiteSpace(said)) missing.Add(what);
            return said ?? "";
        }
    }

    private static string Buckets(Instrument instrument) => string.Join(", ", instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => bounds.Select(b => b.ToString(CultureInfo.InvariantCulture)),
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => bounds.Select(b => b.ToString(CultureInfo.InvariantCulture)),
        _ => [],
    });

    // The type is a constant of the class: no event has to be made up for it.
    private static Dictionary<string, JournalEvent> Classes() => ProductAssemblies.Core.GetTypes()
        .Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(JournalEvent)))
        .Select(t => (JournalEvent)RuntimeHelpers.GetUninitializedObject(t)).ToDictionary(e => e.Type);

    [GeneratedRegex(@"^(cicd|orchestrator|process|error|exception|http|url|otel)\.[a-z_.]+[a-z]$")]
    private static partial Regex NameShape();
}
