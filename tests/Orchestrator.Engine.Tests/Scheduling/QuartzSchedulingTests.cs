using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Scheduling;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Scheduling.SchedulingBench;

namespace Orchestrator.Engine.Tests.Scheduling;

/// <summary>With Quartz in a generic host and the real clock: rules by the second, waiting for the runs themselves.</summary>
public sealed class QuartzSchedulingTests : IAsyncLifetime
{
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(30);
    private readonly LedgerJournal _journal = new();
    private readonly BlockingCollection<(ScheduledRun Run, DateTimeOffset At)> _runs = [];
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("orc-quartz-");
    private readonly IHost _host;

    public QuartzSchedulingTests()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(l => l.SetMinimumLevel(LogLevel.None));
        builder.Services.AddSingleton<IRunJournal>(_journal);
        builder.Services.AddSingleton(new Installation(() => new(_data.FullName)));
        builder.Services.AddScheduling(_ => new(
            (run, stop) =>
            {
                _runs.Add((run, TimeProvider.System.GetUtcNow()), stop);
                return Task.FromResult(true);
            },
            (_, _) => Task.CompletedTask));
        _host = builder.Build();
    }

    private ScheduleReconciler Reconciler => _host.Services.GetRequiredService<ScheduleReconciler>();

    [Fact]
    public void Every_second_fires_once_and_never_early()
    {
        Reconciler.Apply([Workflow("tick", Schedule("a", "* * * * * ?"), Schedule("b", "* * * * * ?"))]);
        var taken = Enumerable.Range(0, 6).Select(_ => Next()).ToArray();
        taken.ShouldAllBe(t => t.At >= t.Run.DueAt);
        taken.Select(t => t.Run.RunId).ShouldBeUnique();
        foreach (var schedule in taken.GroupBy(t => t.Run.Schedule.Id))
        {
            var dues = schedule.Select(t => t.Run.DueAt).ToArray();
            dues.ShouldBe(Enumerable.Range(0, dues.Length).Select(i => dues[0].AddSeconds(i)));
        }
        _journal.Events.Select(e => e.Event).OfType<ScheduleFired>().Count().ShouldBeGreaterThanOrEqualTo(6);
    }

    [Fact]
    public void A_reload_changes_what_fires()
    {
        Reconciler.Apply([Workflow("first", Schedule("a", "* * * * * ?"))]);
        Next().Run.Definition.Name.ShouldBe("first");
        Reconciler.Apply([Workflow("second", Schedule("a", "* * * * * ?"))]);
        ScheduledRun run;
        do run = Next().Run;
        while (run.Definition.Name == "first");
        run.Definition.Name.ShouldBe("second");
        Enumerable.Range(0, 2).ShouldAllBe(_ => Next().Run.Definition.Name == "second");
        Reconciler.Upcoming.ShouldHaveSingleItem().Workflow.ShouldBe("second");
    }

    public async ValueTask InitializeAsync() => await _host.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _data.Delete(recursive: true);
    }

    private (ScheduledRun Run, DateTimeOffset At) Next() =>
        _runs.TryTake(out var next, TooLong) ? next : throw new TimeoutException("No schedule fired.");
}
