using Microsoft.Win32.SafeHandles;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

/// <summary>Whether the journal can be written is known without an append of one's own.</summary>
public sealed class StorageHealthTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Folder _folder = new();
    private readonly StreamId _run = StreamId.Run(Some.Run());
    private readonly ManualTimeProvider _clock = new();
    private readonly SemaphoreSlim _changes = new(0);
    private readonly StorageHealth _health;

    public StorageHealthTests()
    {
        _health = new(_clock);
        _health.Changed += () => _changes.Release();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refused_append_is_trouble_from_its_first_moment_until_one_succeeds(bool syncFails)
    {
        var disk = new RefusingDisk();
        await using var journal = await OpenAsync(disk);
        await journal.Commit(Some.Events(_run, 0));
        _health.Troubles.ShouldBeEmpty();

        disk.Refuse(syncFails);
        var since = _clock.GetUtcNow();
        for (var i = 0; i < 3; i++)
        {
            await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.Commit(Some.Events(_run, 1)));
            _clock.Advance(TimeSpan.FromMinutes(1));
        }
        var trouble = _health.Of(StoragePart.Journal).ShouldNotBeNull();
        (trouble.Since, _changes.CurrentCount).ShouldBe((since, 1), "one change, however many appends");
        trouble.Reason.ShouldContain(_folder.Writer());
        trouble.Reason.ShouldContain("An error of the disk");

        disk.Heal();
        await journal.Commit(Some.Events(_run, 1));
        _health.Troubles.ShouldBeEmpty();
        (await journal.All(_run)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_journal_that_nobody_appends_to_finds_out_by_itself_that_it_can_be_written_again()
    {
        var disk = new RefusingDisk();
        await using (var journal = await OpenAsync(disk))
        {
            await journal.Commit(Some.Events(_run, 0));
            disk.Refuse(syncFails: false);
            await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.Commit(Some.Events(_run, 1)));
            (await _changes.WaitAsync(Patience)).ShouldBeTrue("the trouble");
            await disk.Tried.WaitAsync(Patience);
            _health.Of(StoragePart.Journal).ShouldNotBeNull("a probe that fails changes nothing");

            disk.Heal();
            (await _changes.WaitAsync(Patience)).ShouldBeTrue("the recovery");
            _health.Troubles.ShouldBeEmpty();
            using (var crashed = _folder.Copy())
            {
                await using var recovered = await crashed.Open();
                (await recovered.All(_run)).Count.ShouldBe(1, "a probe leaves nothing behind");
            }
            await journal.Commit(Some.Events(_run, 1));
        }
        await using var after = await _folder.Open();
        (await after.All(_run)).Select(e => e.Seq).ShouldBe([1L, 2]);
    }

    [Fact]
    public async Task An_archive_that_cannot_be_written_is_trouble_of_its_own()
    {
        var run = Some.Run();
        await using var journal = await OpenAsync(Disk.Real);
        Directory.CreateDirectory(_folder.Path);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "runs"), "a file where the folder should be");
        await journal.Commit(Some.Created(StreamId.Run(run)));
        await journal.Commit(Some.End(StreamId.Run(run), 1));
        await journal.SettledAsync();
        var trouble = _health.Of(StoragePart.Archive).ShouldNotBeNull();
        trouble.Reason.ShouldContain(run.ToString());
        _health.Of(StoragePart.Journal).ShouldBeNull("runs go on");
    }

    [Fact]
    public async Task Archives_that_cannot_be_made_durable_are_trouble_until_they_are()
    {
        var disk = new FailingFolders();
        await using var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { Disk = disk, Storage = _health, SegmentBytes = 300 });
        disk.Fails = "/runs/";
        for (var i = 0; i < 3; i++) await EndAsync(journal);
        _health.Of(StoragePart.Archive).ShouldNotBeNull().Reason.ShouldContain("runs");
        disk.Fails = null;
        await EndAsync(journal);
        _health.Troubles.ShouldBeEmpty();

        disk.Fails = "/streams/";
        var schedule = StreamId.Schedule("nightly", "two");
        for (var i = 0; i < 6; i++) await journal.Commit(Some.Events(schedule, i, 2)[..1]);
        await EndAsync(journal);
        _health.Of(StoragePart.Archive).ShouldNotBeNull().Reason.ShouldContain("streams");
    }

    private static async Task EndAsync(JsonlRunJournal journal)
    {
        var run = StreamId.Run(Some.Run());
        await journal.Commit([.. Some.Created(run), .. Some.Events(run, 1, 2), .. Some.End(run, 3)]);
        await journal.SettledAsync();
    }

    private sealed class FailingFolders : Disk
    {
        public volatile string? Fails;

        public override void SyncDirectory(string path)
        {
            if (Fails is { } part && (path + "/").Contains(part, StringComparison.Ordinal)) throw new IOException($"{path}: Input/output error");
            base.SyncDirectory(path);
        }
    }

    public void Dispose() => _folder.Dispose();

    private Task<JsonlRunJournal> OpenAsync(Disk disk) => JsonlRunJournal.OpenAsync(_folder.Options() with { Disk = disk, Storage = _health });

    private sealed class RefusingDisk : Disk
    {
        private volatile bool _writes;
        private volatile bool _syncs;
        private int _refusals;

        private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when a write after the refused append was tried: the journal's own.</summary>
        public Task Tried => _tried.Task;

        public void Refuse(bool syncFails) => (_writes, _syncs) = (!syncFails, syncFails);

        public void Heal() => (_writes, _syncs) = (false, false);

        public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long at)
        {
            if (_writes)
            {
                if (++_refusals > 1) _tried.TrySetResult();
                throw new IOException("An error of the disk.");
            }
            base.Write(file, bytes, at);
        }

        public override void Sync(SafeFileHandle file)
        {
            if (_syncs) throw new IOException("An error of the disk.");
            base.Sync(file);
        }
    }
}
