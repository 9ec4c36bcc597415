using System.Text.Json;
using Shouldly;

namespace Orchestrator.Conformance.Harness;

/// <summary>What holds for every run, however often the process that carried it out was killed.</summary>
internal static class Promises
{
    /// <summary>A task that notes, in a file of its own, each time it is executed: run, task, attempt.</summary>
    public static string Note(Sandbox box) => $"echo \"$ORCHESTRATOR_RUN_ID $ORCHESTRATOR_TASK_ID $ORCHESTRATOR_ATTEMPT\" >> {box.PathOf("ledger")}";

    /// <summary>
    /// The run has one terminal event, its last; seq is gapless; nothing completed is started again; what was executed has a journaled start, once each;
    /// the counts are what a replay of the task events gives, and what `show` says.
    /// </summary>
    /// <returns>Its events.</returns>
    public static async Task<List<JsonElement>> KeptAsync(Sandbox box, string run)
    {
        var events = await box.EventsAsync(run);
        events.Select(e => e.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, events.Count).Select(n => (long)n), run);
        events.Count(e => e.IsEnd()).ShouldBe(1, run);
        events[^1].IsEnd().ShouldBeTrue(run);

        var fates = new Dictionary<string, string>();
        var started = new HashSet<string>();
        foreach (var e in events.Where(e => e.Type().StartsWith("task.", StringComparison.Ordinal)))
        {
            var task = e.Text("task")!;
            var kind = e.Type()["task.".Length..];
            if (kind == "started") started.Add($"{run} {task} {e.GetProperty("attempt").GetInt32()}").ShouldBeTrue($"{run} starts an attempt of {task} twice");
            fates.ShouldNotContainKey(task, $"{run} goes on with {task}, which has ended, by {e}");
            if (kind is not ("completed" or "failed" or "skipped" or "cancelled")) continue;
            fates[task] = e.Data().Text("role") == "handler" ? "handler" : e.Data().TryGetProperty("allowed", out var allowed) && allowed.GetBoolean() ? "failed_allowed" : kind;
        }
        var end = events[^1].Data();
        var shown = (await box.RunAsync("show", run, "--json")).Exits(0).Json();
        foreach (var name in (string[])["completed", "failed", "failed_allowed", "skipped", "cancelled"])
        {
            end.GetProperty(name).GetInt32().ShouldBe(fates.Values.Count(f => f == name), $"{run} {name}");
            shown.Count(name).ShouldBe(end.GetProperty(name).GetInt32(), $"{run} {name}");
        }
        end.GetProperty("total").GetInt32().ShouldBe(fates.Values.Count(f => f != "handler"), run);
        shown.Count("total").ShouldBe(end.GetProperty("total").GetInt32(), run);
        foreach (var line in Executed(box).Where(l => l.StartsWith(run, StringComparison.Ordinal))) started.ShouldContain(line, "executed without a journaled start");
        return events;
    }

    /// <summary>What was executed; no attempt of it twice.</summary>
    public static string[] Executed(Sandbox box)
    {
        var lines = File.Exists(box.PathOf("ledger")) ? File.ReadAllLines(box.PathOf("ledger")) : [];
        lines.ShouldBeUnique();
        return lines;
    }

    /// <summary>Processes of these runs that live.</summary>
    public static List<string> LeftOver(IReadOnlyCollection<string> runs)
    {
        var left = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
        {
            try
            {
                var environment = File.ReadAllText(Path.Combine(folder, "environ"));
                if (runs.Any(r => environment.Contains($"ORCHESTRATOR_RUN_ID={r}", StringComparison.Ordinal))) left.Add(folder);
            }
            catch (IOException) { }
            catch (UnauthorizedAccessException) { }
        }
        return left;
    }
}
