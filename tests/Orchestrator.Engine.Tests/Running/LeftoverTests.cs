using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>What an attempt keeps in files while it works is gone once its run is taken over.</summary>
public sealed class LeftoverTests
{
    private static readonly string[] s_gone =
    [
        "scripts/a.1", "scripts/done.1", "outputs/.a.1.out", "outputs/.a.1.out.d/results/output", "outputs/a.json.tmp", "outputs/a.json.4711-3.tmp",
        "artifacts/export.json.4711-12.tmp", "artifacts/deep/er/rows.csv.1-1.tmp", "spans/a.1.jsonl", "spans/nap.1.jsonl",
    ];

    private static readonly string[] s_kept =
    [
        "outputs/done.json", "artifacts/export.json", "artifacts/work.tmp", "artifacts/notes.2026-03-08.tmp.txt", "spans/done.1.jsonl", "logs/a.1.log", "logs/done.1.log", "containers",
    ];

    private static ImmutableSortedDictionary<string, SecretReference> Secrets => ImmutableSortedDictionary<string, SecretReference>.Empty.Add("S", new(null, "S"));

    [Fact]
    public async Task Files_that_a_killed_worker_left_of_its_attempts_go_when_its_runs_are_taken_over()
    {
        var gone = await TakeOverAsync(Rig.Flow(Rig.Task("done"), Rig.Task("a", "done"), Waiting("nap")) with { Secrets = Secrets });
        foreach (var file in s_gone) gone(file).ShouldBeTrue(file);
        foreach (var file in s_kept) gone(file).ShouldBeFalse(file);
    }

    [Fact]
    public async Task Spans_that_a_lost_script_noted_stay_where_nobody_knows_a_secret()
    {
        var gone = await TakeOverAsync(Rig.Flow(Rig.Task("done"), Rig.Task("a", "done"), Waiting("nap")));
        gone("spans/a.1.jsonl").ShouldBeFalse();
        gone("scripts/a.1").ShouldBeTrue();
    }

    [Fact]
    public async Task A_run_without_an_attempt_under_way_has_left_nothing()
    {
        var gone = await TakeOverAsync(Rig.Flow(Rig.Task("done"), Rig.Task("a", "done")) with { Secrets = Secrets }, until: e => e is TaskCompleted);
        gone("outputs/.a.1.out").ShouldBeFalse("nothing is looked for");
    }

    private static TaskDefinition Waiting(string id) => Rig.Task(id) with { Action = new WaitAction { Event = "never" } };

    /// <summary>Kills a worker between two events of a run, with every kind of file in the run's folder; what is asked for afterwards is whether a file is gone.</summary>
    private static async Task<Func<string, bool>> TakeOverAsync(WorkflowDefinition flow, Func<RunEvent, bool>? until = null)
    {
        await using var rig = new Rig();
        var (id, _) = await rig.StartAsync(flow);
        (await rig.Gate.NextAsync()).Succeed();
        _ = await rig.Gate.NextAsync();
        var events = await rig.EventsAsync(id);
        var last = events.FindLastIndex(e => until is null || until((RunEvent)e.Event));
        events = events[..(last + 1)];
        var folder = new RunPaths(rig.Data).Of(id);
        foreach (var file in s_gone.Concat(s_kept))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
            await File.WriteAllTextAsync(Path.Combine(folder, file), "hunter22");
        }
        var journal = new MemoryRunJournal();
        await journal.AppendAsync(StreamId.Run(id), 0, 0, events, AppendDurability.Committed);
        await using var next = new Rig(journal: journal, data: rig.Data, clock: new(rig.Clock.GetUtcNow()));
        (await next.Engine.AdoptAsync([new(id, events)], "worker rig is gone")).ShouldBeEmpty();
        var left = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).ToHashSet();
        return file => !left.Contains(file);
    }
}
