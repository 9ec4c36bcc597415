using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Reports;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Secrets;
using Orchestrator.Engine.Telemetry;
using Orchestrator.TestKit;
using Orchestrator.Worker.Tests.Api;

namespace Orchestrator.Worker.Tests.Hosting;

/// <summary>A time has one source: the journal's event. Lists, views, reports and the API repeat it to the microsecond, however the clock was set meanwhile.</summary>
public sealed partial class ShownTimesTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Theory]
    [InlineData(-3)]
    [InlineData(30)]
    [InlineData(0)]
    public async Task Lists_views_reports_and_the_api_show_the_times_of_the_journal_after_a_clock_step(int days)
    {
        var id = await RunAsync(TimeSpan.FromDays(days));
        await SameEverywhereAsync(id, "from the segments");
        await using (var serve = await RunningServe.StartAsync(_box))
        {
            var times = TimesIn(await JournalAsync(id));
            var row = JsonDocument.Parse(await serve.Http.GetStringAsync("/api/v1/runs")).RootElement.GetProperty("runs")[0];
            row.GetProperty("started_at").GetString().ShouldBe(times["workflow.started"], "the list of the API");
            Check(JsonDocument.Parse(await serve.Http.GetStringAsync($"/api/v1/runs/{id}")).RootElement, times, "the run of the API");
        }
        await SameEverywhereAsync(id, "from the archive");
    }

    private async Task SameEverywhereAsync(RunId id, string where)
    {
        var times = TimesIn(await JournalAsync(id));
        (await _box.RunAsync("runs", "--json")).Exits(0).Lines.ShouldHaveSingleItem().GetProperty("started_at").GetString().ShouldBe(times["workflow.started"], $"the list {where}");
        Check((await _box.RunAsync("show", id.ToString(), "--json")).Exits(0).Json, times, $"show {where}");
        Check(JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(new RunPaths(_box.PathOf("data")).Of(id), ReportWriter.JsonName))).RootElement, times, $"the report {where}");
    }

    private static void Check(JsonElement run, Dictionary<string, string> times, string where)
    {
        run.GetProperty("created_at").GetString().ShouldBe(times["workflow.created"], where);
        run.GetProperty("started_at").GetString().ShouldBe(times["workflow.started"], where);
        run.GetProperty("ended_at").GetString().ShouldBe(times["workflow.completed"], where);
        foreach (var task in run.GetProperty("tasks").EnumerateObject())
        {
            task.Value.GetProperty("started_at").GetString().ShouldBe(times[$"task.started {task.Name}"], $"{task.Name}, {where}");
            task.Value.GetProperty("history")[0].GetProperty("started_at").GetString().ShouldBe(times[$"task.started {task.Name}"], $"{task.Name}, {where}");
            task.Value.GetProperty("ended_at").GetString().ShouldBe(times[$"task.completed {task.Name}"], $"{task.Name}, {where}");
        }
    }

    /// <summary>Runs three tasks, the second of which sets the clock; the worker is gone afterwards.</summary>
    private async Task<RunId> RunAsync(TimeSpan step)
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(12_345_678));
        var paths = new RunPaths(_box.PathOf("data"));
        await using var journal = await JsonlRunJournal.OpenAsync(new() { DataDirectory = paths.Root, Writer = "gone" });
        await using var publisher = new LifecyclePublisher(new(), new("test", "gone", "host", "0"), clock, NullLoggerFactory.Instance);
        var flow = Workflow.Named("steps").Task("a", t => t.Noop()).Task("b", t => t.Noop().DependsOn("a")).Task("c", t => t.Noop().DependsOn("b")).Build();
        await using var engine = new RunEngine(new() { InstanceId = "gone" }, new()
        {
            Store = new DataDirectory(paths), Journal = journal, Executors = _ => new SteppingExecutor(clock, step), Publisher = publisher,
            Secrets = new SecretSource(new Dictionary<string, string>()), Clock = clock, Logs = NullLoggerFactory.Instance,
        });
        var (accepted, end) = await engine.SubmitAndWatchAsync(new RunRequest { Definition = flow, Origin = new RunOrigin.CommandLine("test") });
        (await end.WaitAsync(Patience)).ShouldBeOfType<WorkflowCompleted>();
        var archive = new RunArchive(new DataDirectory(paths));
        ReportWriter.Write(new RunFiles(paths), (await archive.ViewAsync(accepted.RunId, CancellationToken.None))!, flow);
        return accepted.RunId;
    }

    /// <summary>The lines of the run, as they stand in whatever file holds them.</summary>
    private async Task<string> JournalAsync(RunId id)
    {
        var paths = new RunPaths(_box.PathOf("data"));
        var files = File.Exists(paths.EventsOf(id)) ? [paths.EventsOf(id)] : Directory.GetFiles(paths.Journal, "*.jsonl", SearchOption.AllDirectories);
        var text = await Task.WhenAll(files.Select(f => File.ReadAllTextAsync(f)));
        return string.Join('\n', string.Concat(text).Split('\n').Where(l => l.Contains(id.ToString(), StringComparison.Ordinal)));
    }

    private static Dictionary<string, string> TimesIn(string lines) => LinePattern().Matches(lines)
        .GroupBy(m => m.Groups["task"].Success ? $"{m.Groups["type"].Value} {m.Groups["task"].Value}" : m.Groups["type"].Value)
        .ToDictionary(g => g.Key, g => g.First().Groups["time"].Value);

    [GeneratedRegex("""^\{"seq":[0-9]+,"type":"(?<type>[a-z_.]+)","time":"(?<time>[^"]+)",[^\n]*?(,"task":"(?<task>[^"]+)")?(,"attempt"|,"data"|,"b":)""", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex LinePattern();

    private sealed class SteppingExecutor(ManualTimeProvider clock, TimeSpan step) : ITaskExecutor
    {
        public ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop)
        {
            clock.Advance(TimeSpan.FromTicks(12_345_679));
            if (attempt.Task.Id == new TaskId("b")) clock.SetWallClock(clock.GetUtcNow() + step);
            return new(new TaskOutcome.Succeeded());
        }
    }
}
