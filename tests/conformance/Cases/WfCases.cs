using System.Globalization;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.WfFormat;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Graphs in the shape of real scientific workflows, read from WfFormat and carried out: order, counts, parallelism, and never faster than their critical path.</summary>
public sealed class WfCases(ITestOutputHelper output)
{
    private const int Slots = 8;

    [Theory(DisplayName = "WF01 an instance of a real shape runs in its order, within its slots, and no faster than its critical path")]
    [InlineData("mosaic.json")]
    [InlineData("genome.json")]
    public async Task Instances(string file)
    {
        var original = WfFormatReader.ReadFile(Path.Combine(Built.Repository, "tests", "conformance", "Instances", file));
        var instance = original.Scaled(0.8 / original.CriticalSeconds, least: 0.005);
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow(WfWorkflow.Sleeping(instance, Slots)));
        finished.Exits(0);
        json.GetProperty("workflow").GetString().ShouldBe(WfWorkflow.NameOf(instance));
        AllCompleted(json, instance.Tasks.Count);

        var told = await TellAsync(box, json);
        ShouldKeepOrder(instance, told.Started, told.Ended);
        told.MaxAtOnce.ShouldBeLessThanOrEqualTo(Slots);
        foreach (var task in instance.Tasks) told.Milliseconds[task.Id].ShouldBeGreaterThanOrEqualTo(Floor(task.Seconds), task.Original);
        var took = json.GetProperty("duration_ms").GetDouble();
        var bound = Math.Max(instance.CriticalSeconds, instance.WorkSeconds / Slots);
        took.ShouldBeGreaterThanOrEqualTo(Floor(bound));
        // How much slower is for people to read: it depends on the machine, so it decides nothing.
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{instance.Name}: {took:0} ms, {took / (bound * 1000):0.00} times the lower bound of {bound * 1000:0} ms; at most {told.MaxAtOnce} at once"));
    }

    [Fact(DisplayName = "WF02 a graph of 1,000 tasks runs in its order")]
    public async Task Thousand()
    {
        var instance = WfFormatReader.Read(Generated(1000));
        await using var box = new Sandbox();
        var n = 0;
        var flow = WfWorkflow.Instant(instance, _ => n++ % 10 == 0 ? "exec: [\"true\"]" : "noop: true", 16);
        var finished = await box.Start("run", box.Workflow(flow), "--json").EndAsync(TimeSpan.FromMinutes(3));
        var json = finished.Exits(0).Json();
        AllCompleted(json, 1000);
        var told = await TellAsync(box, json);
        ShouldKeepOrder(instance, told.Started, told.Ended);
        told.MaxAtOnce.ShouldBeLessThanOrEqualTo(16);
    }

    [Fact(DisplayName = "WF03 files before 1.4 are read too, names become ids, and children count as much as parents")]
    public async Task Older()
    {
        var instance = WfFormatReader.Read("""
            {"name": "old format", "schemaVersion": "1.2", "workflow": {"tasks": [
              {"name": "prepare data", "runtime": 0.01, "parents": [], "children": ["left.1"]},
              {"name": "left.1", "runtime": 0.01},
              {"name": "left/1", "runtime": 0.01, "parents": ["prepare data"]},
              {"name": "join", "runtimeInSeconds": 0, "parents": ["left.1", "left/1", "left.1"]}]}}
            """);
        instance.Tasks.Select(t => $"{t.Id}: {string.Join(' ', t.Parents)}").ShouldBe(["prepare_data: ", "left_1: prepare_data", "left_1-2: prepare_data", "join: left_1 left_1-2"]);
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow(WfWorkflow.Sleeping(instance)));
        finished.Exits(0);
        json.GetProperty("workflow").GetString().ShouldBe("old-format");
    }

    [Theory(DisplayName = "WF04 what is no instance is refused with its place")]
    [InlineData("[]", "no object 'workflow'")]
    [InlineData("{", "not JSON")]
    [InlineData("""{"workflow": {"specification": {}}}""", "workflow.specification has no list 'tasks'")]
    [InlineData("""{"workflow": {"specification": {"tasks": []}}}""", "no tasks")]
    [InlineData("""{"workflow": {"specification": {"tasks": [{"id": "a"}, {"name": "b"}]}}}""", "workflow.specification.tasks[1] has no text 'id'")]
    [InlineData("""{"workflow": {"specification": {"tasks": [{"id": "a"}, {"id": "a"}]}}}""", "workflow.specification.tasks[1]: the id 'a' is that of workflow.specification.tasks[0] too")]
    [InlineData("""{"workflow": {"specification": {"tasks": [{"id": "a", "parents": ["z"]}]}}}""", "workflow.specification.tasks[0].parents: there is no task 'z'")]
    [InlineData("""{"workflow": {"specification": {"tasks": [{"id": "a"}]}, "execution": {"tasks": [{"id": "a", "runtimeInSeconds": -1}]}}}""", "workflow.execution.tasks[0].runtimeInSeconds is -1")]
    [InlineData("""{"workflow": {"tasks": [{"name": "a", "parents": ["c"]}, {"name": "b", "parents": ["a"]}, {"name": "c", "parents": ["b"]}, {"name": "d", "parents": ["c"]}]}}""", "cycle: a -> b -> c -> a")]
    public void Refused(string json, string words) => Should.Throw<WfFormatException>(() => WfFormatReader.Read(json)).Message.ShouldContain(words);

    private static double Floor(double seconds) => Math.Floor(seconds * 1000) - 1;   // sleep measures on its own; the events are in whole microseconds

    private static void AllCompleted(JsonElement run, int tasks)
    {
        run.GetProperty("counts").ToString().ShouldBe($$"""{"total":{{tasks}},"completed":{{tasks}},"failed":0,"failed_allowed":0,"skipped":0,"cancelled":0}""");
        run.GetProperty("tasks").EnumerateObject().Count().ShouldBe(tasks);
    }

    private static void ShouldKeepOrder(WfInstance instance, Dictionary<string, long> started, Dictionary<string, long> ended)
    {
        started.Keys.Order(StringComparer.Ordinal).ShouldBe(instance.Tasks.Select(t => t.Id).Order(StringComparer.Ordinal));
        foreach (var task in instance.Tasks)
        {
            ended[task.Id].ShouldBeGreaterThan(started[task.Id]);
            foreach (var parent in task.Parents) started[task.Id].ShouldBeGreaterThan(ended[parent], $"{task.Original} started before {instance[parent].Original} had ended");
        }
    }

    private static async Task<(Dictionary<string, long> Started, Dictionary<string, long> Ended, Dictionary<string, double> Milliseconds, int MaxAtOnce)> TellAsync(Sandbox box, JsonElement run)
    {
        var (started, ended, ms) = (new Dictionary<string, long>(), new Dictionary<string, long>(), new Dictionary<string, double>());
        var (now, most) = (0, 0);
        foreach (var e in await box.EventsAsync(run.GetProperty("run_id").GetString()!))
        {
            var seq = e.GetProperty("seq").GetInt64();
            switch (e.GetProperty("type").GetString())
            {
                case "task.started":
                    started.Add(TaskOf(e), seq);   // a second start would be one too many
                    most = Math.Max(most, ++now);
                    break;
                case "task.completed":
                    ended.Add(TaskOf(e), seq);
                    ms[TaskOf(e)] = e.GetProperty("data").GetProperty("duration_ms").GetDouble();
                    now--;
                    break;
            }
        }
        now.ShouldBe(0);
        return (started, ended, ms, most);
    }

    private static string TaskOf(JsonElement envelope) => envelope.GetProperty("task").GetString()!;

    /// <summary>Each task behind up to three of the hundred before it; the same every time.</summary>
    private static string Generated(int tasks)
    {
        var state = 17u;
        int Next(int below) => (int)((state = (state * 1664525) + 1013904223) >> 8) % below;
        var list = Enumerable.Range(0, tasks).Select(i => new
        {
            id = $"t{i}",
            name = $"step {i % 7}",
            parents = Enumerable.Range(0, i == 0 ? 0 : Next(4)).Select(_ => $"t{Math.Max(0, i - 1 - Next(100))}").Distinct().ToArray(),
            children = Array.Empty<string>(),
        });
        return JsonSerializer.Serialize(new { name = "generated-1000", schemaVersion = "1.5", workflow = new { specification = new { tasks = list } } });
    }
}
