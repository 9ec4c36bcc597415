using Microsoft.Extensions.Logging.Abstractions;
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
    private readonly ReportSink _sink;

    public ReportSinkTests() => _sink = new(_journal, _paths, FindAsync, TimeProvider.System, NullLogger<ReportSink>.Instance);

    [Fact]
    public async Task Missing_reports_are_written_and_existing_ones_left()
    {
        foreach (var e in ToldRun.Nightly().Events) await _journal.AppendAsync(e.Stream, e.Seq - 1, [e], AppendDurability.Committed);
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
        foreach (var e in ToldRun.Nightly().Events) await _journal.AppendAsync(e.Stream, e.Seq - 1, [e], AppendDurability.Committed);

        _sink.Enqueue(bad);
        _sink.Enqueue(ToldRun.Id);
        await _sink.StartAsync(TestContext.Current.CancellationToken);
        await WrittenAsync();
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
}
