using System.Globalization;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Scheduling;

/// <summary>Random lives of schedules, after which the ledgers account for every due time and every run. <c>ORCHESTRATOR_HISTORIES=5000</c> plays more.</summary>
public sealed class RandomHistoryTests
{
#pragma warning disable RS0030 // how many is said from outside
    private static int Count => int.TryParse(Environment.GetEnvironmentVariable("ORCHESTRATOR_HISTORIES"), CultureInfo.InvariantCulture, out var count) ? count : 200;
#pragma warning restore RS0030

    [Fact]
    public async Task Whatever_happens_each_due_time_has_one_fate_and_each_run_one_entry()
    {
        for (var seed = 0; seed < Count; seed++)
        {
            var history = new RandomHistory(seed);
            await history.LiveAsync();
            var faults = history.Faults().ToList();
            if (faults.Count > 0) Assert.Fail($"seed {seed}:\n{string.Join('\n', history.Steps)}\n=> {string.Join("\n=> ", faults)}");
        }
    }

    [Fact]
    public async Task The_same_holds_where_all_of_it_goes_through_files_that_each_kill_leaves_and_the_next_process_opens()
    {
        var lives = 0;
        for (var seed = 0; seed < Count / 10; seed++)
        {
            using var files = new FiledJournal();
            RandomHistory history = new(seed, files), inMemory = new(seed);
            await history.LiveAsync();
            await inMemory.LiveAsync();
            history.Steps.ShouldBe(inMemory.Steps);
            files.Reopen();
            history.Reload();
            var faults = history.Faults().ToList();
            if (faults.Count > 0) Assert.Fail($"seed {seed}:\n{string.Join('\n', history.Steps)}\n=> {string.Join("\n=> ", faults)}");
            lives += files.Lives;
        }
        lives.ShouldBeGreaterThan(Count / 20);
    }

    [Fact]
    public async Task The_same_seed_is_the_same_life()
    {
        RandomHistory one = new(7), other = new(7);
        await one.LiveAsync();
        await other.LiveAsync();
        one.Steps.ShouldBe(other.Steps);
    }
}
