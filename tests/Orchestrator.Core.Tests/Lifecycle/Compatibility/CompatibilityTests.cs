using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Core.Tests.Runs.Replay;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Lifecycle.Compatibility;

/// <summary>Journals of real runs, each in every format: the golden files change on purpose only.</summary>
public sealed class CompatibilityTests
{
    private static readonly string Golden = Path.Combine(Folder(), "golden");

    public static TheoryData<string, string> Files()
    {
        var data = new TheoryData<string, string>();
        foreach (var run in Runs())
            foreach (var format in Words.All<EventFormat>()) data.Add(run, format);
        return data;
    }

    [Theory]
    [InlineData(EventFormat.Codomyrmex, "workflow.started,task.completed")]
    [InlineData(EventFormat.Jsonl27, "dag_start,task_ok")]
    public void Results_of_an_earlier_run_are_told_behind_the_start(EventFormat format, string first)
    {
        var bench = GoldenRuns.All["reused"]();
        var projection = new EnvelopeProjection(bench.Id, bench.State.Plan.Definition, EventProducer.Unknown);
        var shape = new StartFirst(EventShapes.Of(format));
        using var lines = new ShapeLines();
        foreach (var e in bench.Events) shape.Write(projection.Next(e), e.Stream, lines);
        var told = Encoding.UTF8.GetString(lines.Written.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonSerializer.Deserialize<JsonElement>(l))
            .Select(e => e.TryGetProperty("event", out var name) ? name.GetString() : e.GetProperty("event_type").GetString());
        string.Join(',', told.Take(2)).ShouldBe(first);
    }

    [Theory, MemberData(nameof(Files))]
    public void A_journal_is_rendered_as_its_golden_file(string run, string format)
    {
        Words.TryParse<EventFormat>(format, out var shape).ShouldBeTrue();
        var path = Path.Combine(Golden, run, format + ".jsonl");
#pragma warning disable RS0030 // The switch is the developer's, not the program's.
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_GOLDEN") == "write") File.WriteAllText(path, Rendered(run, shape));
#pragma warning restore RS0030
        Rendered(run, shape).ShouldBe(File.ReadAllText(path));
    }

    [Theory]
    [InlineData("workflow.started", "workflow_name,total_tasks")]
    [InlineData("workflow.completed", "workflow_name,completed,failed,skipped,elapsed,success")]
    [InlineData("workflow.failed", "workflow_name,error_message")]
    [InlineData("task.started", "workflow_name,task_name")]
    [InlineData("task.completed", "workflow_name,task_name,execution_time,attempts")]
    [InlineData("task.failed", "workflow_name,task_name,error_message")]
    [InlineData("task.retrying", "workflow_name,task_name,attempt,delay,error_message")]
    public void Events_of_the_bus_have_exactly_their_keys(string type, string keys)
    {
        var found = All(EventFormat.Codomyrmex).Where(e => e.GetProperty("event_type").GetString() == type).ToList();
        found.ShouldNotBeEmpty();
        foreach (var e in found)
        {
            Keys(e).ShouldBe("event_type,source,event_id,timestamp,correlation_id,data,metadata,priority");
            Keys(e.GetProperty("data")).ShouldBe(keys);
            e.GetProperty("priority").GetInt32().ShouldBe(type.EndsWith("failed", StringComparison.Ordinal) ? 2 : 0);
            e.GetProperty("source").GetString().ShouldBe("orchestrator." + e.GetProperty("data").GetProperty("workflow_name").GetString());
        }
    }

    [Theory]
    [InlineData("workflow_started", "workflow", "event_type,workflow_id,orchestrator_name,orchestrator_type,service_name,workflow_context,timestamp,metadata")]
    [InlineData("workflow_completed", "workflow", "event_type,workflow_id,orchestrator_name,workflow_result,total_duration_ms,stages_executed,timestamp,metadata")]
    [InlineData("workflow_failed", "workflow", "event_type,workflow_id,orchestrator_name,error,error_type,failed_stage,total_duration_ms,timestamp")]
    [InlineData("stage_started", "stage", "event_type,workflow_id,stage_name,orchestrator_name,stage_context,timestamp")]
    [InlineData("stage_completed", "stage", "event_type,workflow_id,stage_name,orchestrator_name,stage_result,duration_ms,timestamp")]
    [InlineData("stage_failed", "stage", "event_type,workflow_id,stage_name,orchestrator_name,error,error_type,duration_ms,timestamp")]
    public void Messages_have_exactly_their_topic_type_and_keys(string name, string topic, string keys)
    {
        var found = All(EventFormat.Omninode).Where(e => e.GetProperty("payload").GetProperty("event_type").GetString() == $"omninode.orchestration.{name}.v1").ToList();
        found.ShouldNotBeEmpty();
        foreach (var e in found)
        {
            e.GetProperty("topic").GetString().ShouldBe($"omninode.orchestration.{topic}.v1");
            e.GetProperty("event_type").GetString().ShouldBe(name.ToUpperInvariant());
            Keys(e.GetProperty("payload")).ShouldBe(keys);
            e.GetProperty("payload").GetProperty("timestamp").GetString()!.ShouldNotContain("Z");
        }
    }

    [Theory]
    [InlineData("dag_start", "dag_name,dag_run_id,tenant,task_count")]
    [InlineData("task_start", "dag_name,dag_run_id,task_id,workflow_ref")]
    [InlineData("task_ok", "dag_name,dag_run_id,task_id,attempt")]
    [InlineData("task_retry", "dag_name,dag_run_id,task_id,attempt,error")]
    [InlineData("task_fail", "dag_name,dag_run_id,task_id,error")]
    [InlineData("dag_done", "dag_name,dag_run_id,tenant,tasks_succeeded,tasks_failed,duration_seconds")]
    [InlineData("run_started", "job_id,schedule_id,dag_path,tenant,run_id")]
    public void Lines_of_the_task_log_have_exactly_their_keys(string name, string keys)
    {
        var found = All(EventFormat.Jsonl27).Where(e => e.GetProperty("event").GetString() == name).ToList();
        found.ShouldNotBeEmpty();
        foreach (var e in found)
        {
            Keys(e).ShouldBe("timestamp,event," + keys);
            e.GetProperty("timestamp").GetString()!.ShouldEndWith("+00:00");
        }
    }

    [Fact]
    public void A_failed_run_has_its_dag_done_and_a_retried_one_says_so()
    {
        Rendered("failed", EventFormat.Jsonl27).ShouldContain("\"event\":\"dag_done\"");
        Rendered("scheduled", EventFormat.Jsonl27).ShouldContain("\"status\":\"retry\"");
        Rendered("scheduled-again", EventFormat.Jsonl27).ShouldContain("\"event\":\"run_failed_terminal\"");
    }

    [Fact]
    public void A_job_has_its_transitions_with_their_reasons_and_its_modules_counted()
    {
        var job = Lines("fanout", EventFormat.Job).ToList();
        job.Where(e => e.GetProperty("event").GetString()!.StartsWith("job.lifecycle", StringComparison.Ordinal)).Select(e => e.GetProperty("reason").GetString())
            .ShouldBe(["Enqueued for background processing", "Worker started execution", "Completed with 0 findings"]);
        job.Where(e => e.GetProperty("event").GetString() == "job.module.spawn").Select(e => e.GetProperty("module").GetString()).ShouldBe(["sast", "deps", "secrets", "os=linux", "os=mac"]);
        job.Single(e => e.GetProperty("event").GetString() == "job.module.error").GetProperty("module").GetString().ShouldBe("deps");
        job.Where(e => e.TryGetProperty("completed", out _)).Select(e => $"{e.GetProperty("completed")}/{e.GetProperty("total")}").ShouldBe(["1/3", "2/3", "3/3", "1/2", "2/2"]);
        Lines("failed", EventFormat.Job).Last().GetProperty("reason").GetString()!.ShouldStartWith("Execution failed: ");
        Lines("cancelled", EventFormat.Job).Last().GetProperty("reason").GetString().ShouldBe("Cancelled: run_cancelled");
    }

    [Fact]
    public void A_schedules_firing_is_a_job_scheduled_and_a_job_enqueued()
    {
        var fired = new RecordedEvent(StreamId.Schedule("nightly", "two"), 1, ALife.Start, new ScheduleFired("two", "nightly", ALife.Start, ALife.Run, null));
        var envelope = SystemEnvelope.Of(fired, EventProducer.Unknown, null);
        using var lines = new ShapeLines();
        EventShapes.Of(EventFormat.Codomyrmex).Write(envelope, fired.Stream, lines);
        EventShapes.Of(EventFormat.Jsonl27).Write(envelope, fired.Stream, lines);
        var text = Encoding.UTF8.GetString(lines.Written.Span);
        text.ShouldContain("\"event_type\":\"job.scheduled\",\"source\":\"scheduler.two\"");
        text.ShouldContain($"\"event\":\"schedule_enqueued\",\"schedule_id\":\"two\",\"job_id\":\"{ALife.Run}\",\"dag_path\":\"nightly\",\"tenant\":null,\"minute\":\"2026-01-01 00:00\"");
    }

    [Fact]
    public void Every_cause_is_an_earlier_event_of_the_run_or_what_triggered_it()
    {
        foreach (var run in Runs())
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var e in Lines(run, EventFormat.Native))
            {
                if (e.GetProperty("causation_id").GetString() is { } cause && e.GetProperty("type").GetString() != "workflow.created") seen.ShouldContain(cause, $"{run} {e.GetProperty("seq")}");
                else e.GetProperty("seq").GetInt32().ShouldBe(1, "only the first event may have no cause in its own stream");
                seen.Add(e.GetProperty("event_id").GetString()!).ShouldBeTrue();
            }
        }
    }

    private static string Folder([System.Runtime.CompilerServices.CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    private static IEnumerable<string> Runs() => Directory.GetDirectories(Golden).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal);

    private static IEnumerable<JsonElement> All(EventFormat format) => Runs().SelectMany(r => Lines(r, format));

    private static IEnumerable<JsonElement> Lines(string run, EventFormat format) =>
        Rendered(run, format).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonSerializer.Deserialize<JsonElement>(l));

    private static string Keys(JsonElement e) => string.Join(',', e.EnumerateObject().Select(p => p.Name));

    private static string Rendered(string run, EventFormat format)
    {
        var events = File.ReadAllLines(Path.Combine(Golden, run, "events.jsonl")).Select(l => JournalCodec.Read(Encoding.UTF8.GetBytes(l))).ToList();
        events[0].Stream.TryGetRun(out var id).ShouldBeTrue();
        var projection = new EnvelopeProjection(id, DefinitionJson.Read(File.ReadAllBytes(Path.Combine(Golden, run, "definition.json"))), EventProducer.Unknown);
        var shape = EventShapes.Of(format);
        using var lines = new ShapeLines();
        foreach (var e in events) shape.Write(projection.Next(e), e.Stream, lines);
        return Encoding.UTF8.GetString(lines.Written.Span);
    }
}
