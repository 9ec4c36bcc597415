using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Reports;
using Orchestrator.Engine.Tests.Scheduling;
using Shouldly;
using Xunit;
using Orchestrator.Tests;

namespace Orchestrator.Engine.Tests.Reports;

public sealed class ReportSinkTests : IAsyncLifetime
{
    private readonly RunPaths _paths = new(Directory.CreateTempSubdirectory("reports-").FullName);
    private readonly LedgerJournal _journal = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Written _written = new();
    private readonly ReportSink _sink;

    public ReportSinkTests() => _sink = new(_journal, new DataDirectory(_paths), FindAsync, TimeProvider.System, _written);

    [Fact]
    public async Task Missing_reports_are_written_and_existing_ones_left()
    {
        foreach (var e in ToldRun.Nightly().Events) await _journal.AppendAsync(e.Stream, e.Seq - 1, 0, [e], AppendDurability.Committed);
        await _sink.EnsureAsync([ToldRun.Id], TestContext.Current.CancellationToken);
        await _sink.StartAsync(TestContext.Current.CancellationToken);
        await WrittenAsync();
        var first = File.GetLastWriteTimeUtc(Page);

        await _sink.EnsureAsync([ToldRun.Id], TestContext.Current.CancellationToken);
        await _sink.StopAsync(TestContext.Current.CancellationToken);
        File.GetLastWriteTimeUtc(Page).ShouldBe(first);
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_does_not_stop_the_next()
    {
        var bad = RunId.Parse("019b7744-0000-7000-8000-0000000000ff");
        Directory.CreateDirectory(Path.GetDirectoryName(_paths.Of(bad))!);
        await File.WriteAllTextAsync(_paths.Of(bad), "a file where the folder should be", TestContext.Current.CancellationToken);
        foreach (var e in ToldRun.Nightly().Events) await _journal.AppendAsync(e.Stream, e.Seq - 1, 0, [e], AppendDurability.Committed);

        _sink.Enqueue(bad);
        _sink.Enqueue(ToldRun.Id);
        await _sink.StartAsync(TestContext.Current.CancellationToken);
        await WrittenAsync();
    }

    [Fact]
    public async Task What_is_queued_at_a_stop_is_written_after_the_next_start()
    {
        var runs = await ManyAsync(300);
        foreach (var run in runs) _sink.Enqueue(run);
        using (var stopped = new CancellationTokenSource())
        {
            await stopped.CancelAsync();
            await _sink.StartAsync(stopped.Token);
        }
        await _sink.StopAsync(new(canceled: true));   // the host waits no longer
        using var next = new ReportSink(_journal, new DataDirectory(_paths), FindAsync, TimeProvider.System, _written);
        await next.StartAsync(TestContext.Current.CancellationToken);
        await next.EnsureAsync(runs, TestContext.Current.CancellationToken);
        await EveryReportAsync(runs);
        await next.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_stop_writes_what_is_queued_first()
    {
        var runs = await ManyAsync(300);
        await _sink.StartAsync(TestContext.Current.CancellationToken);
        foreach (var run in runs) _sink.Enqueue(run);
        await _sink.StopAsync(TestContext.Current.CancellationToken);
        runs.ShouldAllBe(r => ReportWriter.Exists(new RunFiles(_paths), r));
    }

    [Fact]
    public async Task A_stop_waits_for_the_look_for_missing_reports()
    {
        var run = (await ManyAsync(1))[0];
        await using (var journal = await JsonlRunJournal.OpenAsync(new() { DataDirectory = _paths.Root, Writer = "w" }))
            foreach (var e in _journal.Events) await journal.AppendAsync(e.Stream, e.Seq - 1, 0, [e], AppendDurability.Committed);
        var settled = new TaskCompletionSource();
        await _sink.StartAsync(TestContext.Current.CancellationToken);
        _sink.FindMissing(settled.Task);
        var stopping = _sink.StopAsync(TestContext.Current.CancellationToken);
        settled.SetResult();
        await stopping;
        ReportWriter.Exists(new RunFiles(_paths), run).ShouldBeTrue();
    }

    [Fact]
    public async Task Many_reports_together_are_whole_and_leave_nothing_behind()
    {
        var runs = await ManyAsync(600);
        var bad = runs[7];
        Directory.CreateDirectory(Path.GetDirectoryName(_paths.Of(bad))!);
        await File.WriteAllTextAsync(_paths.Of(bad), "a file where the folder should be", TestContext.Current.CancellationToken);
        foreach (var run in runs) _sink.Enqueue(run);
        await _sink.StartAsync(TestContext.Current.CancellationToken);
        await EveryReportAsync([.. runs.Where(r => r != bad)]);
        await _sink.StopAsync(TestContext.Current.CancellationToken);
        Directory.EnumerateFiles(_paths.Runs, "*.tmp", SearchOption.AllDirectories).ShouldBeEmpty();
        foreach (var run in runs.Where(r => r != bad))
            JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(_paths.Of(run), ReportWriter.JsonName), TestContext.Current.CancellationToken)).RootElement.GetProperty("run_id").GetString().ShouldBe(run.ToString());
    }

    [Fact]
    public async Task A_run_that_waits_twice_is_written_once_and_fails_nothing()
    {
        var runs = await ManyAsync(5);
        foreach (var run in runs.Concat(runs)) _sink.Enqueue(run);
        await _sink.StartAsync(TestContext.Current.CancellationToken);
        await _sink.StopAsync(TestContext.Current.CancellationToken);
        await EveryReportAsync(runs);
        _written.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_report_that_finds_no_room_in_the_queue_is_written_once_there_is()
    {
        var run = (await ManyAsync(1))[0];
        await using (var journal = await JsonlRunJournal.OpenAsync(new() { DataDirectory = _paths.Root, Writer = "w" }))
            foreach (var e in _journal.Events) await journal.AppendAsync(e.Stream, e.Seq - 1, 0, [e], AppendDurability.Committed);
        for (var i = 0; i < 10_001; i++) _sink.Enqueue(RunId.New(DateTimeOffset.UnixEpoch.AddSeconds(i), new byte[10]));   // nothing is known of these
        _sink.Enqueue(run);
        await _sink.StartAsync(TestContext.Current.CancellationToken);
        await EveryReportAsync([run]);
    }

    [Fact]
    public async Task Reports_wait_while_the_journal_is_busy()
    {
        var runs = await ManyAsync(2);
        var (clock, quiet, asked) = (new AskedClock(), TimeSpan.Zero, Channel.CreateUnbounded<int>());
        using var sink = new ReportSink(_journal, new DataDirectory(_paths), FindAsync, clock, _written)
        {
            Quiet = () =>
            {
                asked.Writer.TryWrite(0);
                return quiet;
            },
        };
        await sink.StartAsync(TestContext.Current.CancellationToken);
        sink.Enqueue(runs[0]);
        await asked.Reader.ReadAsync(TestContext.Current.CancellationToken);
        await clock.WaitedAsync();
        sink.IsIdle.ShouldBeFalse();
        ReportWriter.Exists(new RunFiles(_paths), runs[0]).ShouldBeFalse();
        quiet = TimeSpan.FromSeconds(1);
        clock.Pass(TimeSpan.FromMilliseconds(25));
        await EveryReportAsync([runs[0]]);
        await sink.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Reports_are_written_at_the_latest_after_two_seconds_however_busy_the_journal_is()
    {
        var runs = await ManyAsync(100);
        var clock = new AskedClock();
        using var sink = new ReportSink(_journal, new DataDirectory(_paths), FindAsync, clock, _written) { Quiet = () => TimeSpan.Zero };
        foreach (var run in runs) sink.Enqueue(run);
        await sink.StartAsync(TestContext.Current.CancellationToken);
        for (var waits = 0; waits < 80; waits++)
        {
            await clock.WaitedAsync();
            ReportWriter.Exists(new RunFiles(_paths), runs[0]).ShouldBeFalse();
            clock.Pass(TimeSpan.FromMilliseconds(25));
        }
        await EveryReportAsync(runs);   // all of them, without another wait
        await sink.StopAsync(TestContext.Current.CancellationToken);
    }

    private async Task<List<RunId>> ManyAsync(int count)
    {
        var runs = new List<RunId>();
        for (var i = 0; i < count; i++)
        {
            var id = RunId.New(ToldRun.Id.Time, [0, 0, 0, 0, .. BitConverter.GetBytes(i), 0, 0]);
            await _journal.AppendAsync(StreamId.Run(id), 0, 0, [.. ToldRun.Nightly().Events.Select(e => e with { Stream = StreamId.Run(id) })], AppendDurability.Committed);
            runs.Add(id);
        }
        return runs;
    }

    private async Task EveryReportAsync(IReadOnlyCollection<RunId> runs)
    {
        while (!runs.All(r => ReportWriter.Exists(new RunFiles(_paths), r))) await _written.NextAsync();
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _sink.StopAsync(CancellationToken.None);
        _sink.Dispose();
        Directory.Delete(_paths.Root, recursive: true);
    }

    private string Page => Path.Combine(_paths.Of(ToldRun.Id), ReportWriter.MarkdownName);

    private ValueTask<WorkflowDefinition?> FindAsync(string version, CancellationToken stop)
    {
        version.Length.ShouldBe(64);
        return new(ToldRun.Definition);
    }

    private async Task WrittenAsync()
    {
        var folder = Directory.CreateDirectory(_paths.Of(ToldRun.Id)).FullName;
        using var watch = new FileSystemWatcher(folder, ReportWriter.MarkdownName) { EnableRaisingEvents = true };
        watch.Renamed += (_, _) => _idle.TrySetResult();
        if (File.Exists(Page)) _idle.TrySetResult();
        await _idle.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    /// <summary>Hears of each report that was written.</summary>
    private sealed class Written : ILogger<ReportSink>
    {
        private readonly Channel<int> _told = Channel.CreateUnbounded<int>();

        public System.Collections.Concurrent.ConcurrentQueue<string> Errors { get; } = [];

        public async Task NextAsync() => await _told.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error) Errors.Enqueue(formatter(state, exception));
            if (eventId.Id == 3100) _told.Writer.TryWrite(1);
        }
    }

    /// <summary>A clock moved by hand that tells when somebody begins to wait.</summary>
    private sealed class AskedClock : TimeProvider
    {
        private readonly Channel<Waiting> _waits = Channel.CreateUnbounded<Waiting>();
        private Waiting? _last;
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _now);

        public async Task WaitedAsync() => _last = await _waits.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

        public void Pass(TimeSpan time)
        {
            Interlocked.Add(ref _now, time.Ticks);
            _last!.Ring();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var waiting = new Waiting(() => callback(state));
            if (dueTime < TimeSpan.FromSeconds(1)) _waits.Writer.TryWrite(waiting);   // not the patience of a stop
            return waiting;
        }

        private sealed class Waiting(Action ring) : ITimer
        {
            public void Ring() => ring();

            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() { }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
