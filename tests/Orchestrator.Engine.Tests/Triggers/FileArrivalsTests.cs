using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Tests.Scheduling;
using Orchestrator.Engine.Triggers;
using Orchestrator.Engine.Triggers.Files;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Triggers;

public sealed class FileArrivalsTests : IAsyncLifetime
{
    private readonly DirectoryInfo _box = Directory.CreateTempSubdirectory("orc-files-");
    private readonly LedgerJournal _journal = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly List<TriggeredRun> _runs = [];
    private readonly ForgetfulDisk _disk;
    private FilesTrigger _rule = new() { Path = "inbox/**/*.csv" };
    private LiveTriggers _triggers = null!;
    private FileArrivals _arrivals = null!;

    public FileArrivalsTests() => _disk = new(_box.FullName);

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Inbox("sub"));
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _box.Delete(recursive: true);
    }

    [Fact]
    public async Task A_file_starts_one_run_once_it_is_stable_and_none_after_a_restart()
    {
        Write("a.csv", "1");
        Write("sub/b.csv", "2");
        Write("c.txt", "3");
        await PassAsync(10);
        _runs.ShouldBeEmpty();
        await PassAsync(10);
        Names().ShouldBe(["a.csv", "sub/b.csv"], ignoreOrder: true);
        await RestartAsync();
        await PassAsync(30);
        _runs.Count.ShouldBe(2);
        Ledger().Count(e => e is TriggerDuplicate).ShouldBe(0, "what is known is not delivered again");
        Write("a.csv", "changed");
        await PassAsync(30);
        Names().ShouldBe(["a.csv", "sub/b.csv", "a.csv"], ignoreOrder: true);
    }

    [Fact]
    public async Task One_that_still_grows_waits()
    {
        for (var i = 0; i < 6; i++)
        {
            Write("a.csv", new string('x', i + 1));
            await PassAsync(5);
        }
        _runs.ShouldBeEmpty();
        await PassAsync(15);
        _runs.ShouldHaveSingleItem().Run.Params.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_there_at_the_first_look_starts_nothing_unless_it_is_asked_for_and_what_arrives_meanwhile_starts_one()
    {
        await StopAsync();
        new DirectoryInfo(Path.Combine(_box.FullName, "state")).Delete(recursive: true);
        Write("old.csv", "1");
        await StartAsync();
        await PassAsync(30);
        _runs.ShouldBeEmpty();
        await StopAsync();
        Write("new.csv", "1");
        await StartAsync();
        await PassAsync(30);
        Names().ShouldBe(["new.csv"]);
        await StopAsync();
        _rule = _rule with { Path = "inbox/*.csv", Existing = true };   // another place
        await StartAsync();
        await PassAsync(30);
        Names().ShouldBe(["new.csv", "old.csv"], ignoreOrder: true, "the ledger knows the other");
    }

    [Fact]
    public async Task The_same_content_starts_one_run_whatever_its_name()
    {
        await StopAsync();
        _rule = _rule with { OncePer = FileIdentity.Content };
        await StartAsync();
        Write("a.csv", "same");
        await PassAsync(30);
        Write("b.csv", "same");
        Write("c.csv", "other");
        await PassAsync(30);
        Ledger().OfType<TriggerFired>().Count().ShouldBe(2);
        Ledger().OfType<TriggerDuplicate>().ShouldHaveSingleItem().DeliveryId.ShouldBe("sha256:0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5");
    }

    [Fact]
    public async Task Links_and_what_is_no_file_start_nothing()
    {
        var outside = Path.Combine(_box.FullName, "outside");
        Directory.CreateDirectory(outside);
        File.WriteAllText(Path.Combine(outside, "x.csv"), "1");
        File.CreateSymbolicLink(Inbox("link.csv"), Path.Combine(outside, "x.csv"));
        Directory.CreateSymbolicLink(Inbox("folder"), outside);
        Directory.CreateDirectory(Inbox("d.csv"));
        await PassAsync(40);
        _runs.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_write_that_fails_starts_the_run_later_and_once()
    {
        Write("a.csv", "1");
        await PassAsync(5);
        _journal.Refusals = 1;
        await PassAsync(30);
        _journal.LostAnswers = 0;
        _runs.Count.ShouldBe(1);
        Write("b.csv", "1");
        await PassAsync(5);
        _journal.LostAnswers = 1;
        await PassAsync(30);
        Names().ShouldBe(["a.csv", "b.csv"]);
    }

    [Fact]
    public async Task Whichever_write_of_what_is_known_fails_a_file_starts_one_run()
    {
        Write("first.csv", "1");
        await PassAsync(20);
        for (var n = 1; n <= 6; n++)
        {
            var failing = _disk.Calls + n;
            _disk.Fault = (_, call) => call == failing ? new IOException("No space left on device") : null;
            Write($"{n}.csv", "1");
            await PassAsync(40);
            _disk.Fault = null;
            await RestartAsync();
            await PassAsync(20);
            _runs.Count.ShouldBe(n + 1);
        }
        Ledger().OfType<TriggerDuplicate>().ShouldBeEmpty("what could not be written was written by the next look");
    }

    [Fact]
    public async Task A_folder_that_is_missing_is_told_once_and_looked_for_again()
    {
        Directory.Delete(Inbox(""), recursive: true);
        await PassAsync(30);
        Ledger().OfType<TriggerRejected>().ShouldHaveSingleItem().Reason.ShouldBe("unreadable");
        Directory.CreateDirectory(Inbox(""));
        await PassAsync(5);
        Write("a.csv", "1");
        await PassAsync(30);
        _runs.Count.ShouldBe(1);
    }

    private WorkflowDefinition Workflow => new()
    {
        Name = "load", BaseDir = _box.FullName, Triggers = [new() { Id = "arrived", Files = _rule }], Tasks = [new() { Id = new("a"), Action = new NoopAction() }],
    };

    private string Inbox(string name) => Path.Combine(_box.FullName, "inbox", name);

    private void Write(string name, string content)
    {
        File.WriteAllText(Inbox(name), content);
        File.SetLastWriteTimeUtc(Inbox(name), _clock.GetUtcNow().UtcDateTime);
    }

    private IEnumerable<string> Names() => Ledger().OfType<TriggerFired>().SelectMany(f => f.Deliveries).Select(d => d.Split('@')[0]);

    private IEnumerable<TriggerEvent> Ledger() => _journal.Of("trigger:load/arrived").OfType<TriggerEvent>();

    private async Task StartAsync()
    {
        var state = new StateFolder(_disk, Path.Combine(_box.FullName, "state"));
        _triggers = new(_journal, _clock, new((run, _) =>
        {
            _runs.Add(run);
            return Task.FromResult(true);
        }), new(), new(() => state), NullLogger<LiveTriggers>.Instance);
        _arrivals = new(state, _triggers, new(), _clock, NullLogger<FileArrivals>.Instance);
        _arrivals.Apply([Workflow]);
        await _clock.WaitForTimersAsync(1);   // the first look is over
    }

    private async Task StopAsync()
    {
        await _arrivals.DisposeAsync();
        _triggers.Dispose();
    }

    private async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    // One look follows another: the next timer is there when a look is over.
    private async Task PassAsync(double seconds)
    {
        for (var i = 0; i < seconds * 2; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(0.5));
            await _clock.WaitForTimersAsync(1);
        }
    }
}
