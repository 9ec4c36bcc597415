using Microsoft.Win32.SafeHandles;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

public sealed class FaultTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly StreamId _run = StreamId.Run(Some.Run());

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_full_disk_fails_the_append_loudly_and_takes_nothing_acknowledged_with_it(bool partly, bool cannotCut)
    {
        var disk = new FullDisk { Partly = partly, CannotCut = cannotCut };
        await using (var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { Disk = disk }))
        {
            await journal.Commit(Some.Events(_run, 0, 2));
            disk.Full = true;
            for (var i = 0; i < 3; i++)
            {
                var error = await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.Commit(Some.Events(_run, 2)));
                error.Message.ShouldContain(_folder.Writer());
                error.Message.ShouldContain("Free space");
                (await journal.All(_run)).Count.ShouldBe(2);
                using var crashed = _folder.Copy();
                await using var recovered = await crashed.Open();
                (await recovered.All(_run)).Count.ShouldBe(2);
            }
            disk.Full = false;
            await journal.Commit(Some.Events(_run, 2));
            await journal.Commit(Some.Events(_run, 3));
        }
        await using var after = await _folder.Open();
        (await after.All(_run)).Select(e => e.Seq).ShouldBe([1L, 2, 3, 4]);
    }

    [Fact]
    public async Task After_a_failed_sync_a_new_segment_is_begun()
    {
        var disk = new FullDisk();
        await using (var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { Disk = disk }))
        {
            await journal.Commit(Some.Events(_run, 0));
            disk.SyncFails = true;
            await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.Commit(Some.Events(_run, 1)));
            disk.SyncFails = false;
            await journal.Commit(Some.Events(_run, 1));
            _folder.Segments().Length.ShouldBe(2);
        }
        await using var after = await _folder.Open();
        (await after.All(_run)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_kill_at_any_write_keeps_all_that_was_acknowledged_and_no_half_append()
    {
        var acknowledged = 0;
        var disk = new CopyingDisk();
        var copies = new List<(Folder Folder, int Acknowledged)>();
        disk.OnStep = () => { if (_folder.Segments().Length > 0) copies.Add((_folder.Copy(), acknowledged)); };
        await using (var journal = await JsonlRunJournal.OpenAsync(_folder.Options() with { Disk = disk, SegmentBytes = 1500 }))
            for (var i = 0; i < 6; i++)
            {
                if (i % 2 == 0) await journal.Commit(Some.Events(_run, i * 3, 3));
                else await journal.Write(Some.Events(_run, i * 3, 3));
                acknowledged = (i + 1) * 3;
            }
        copies.Count.ShouldBeGreaterThan(15);
        foreach (var (folder, atLeast) in copies)
        {
            await using (var journal = await folder.Open())
            {
                var count = (await journal.All(_run)).Count;
                count.ShouldBeGreaterThanOrEqualTo(atLeast);
                (count % 3).ShouldBe(0);
                await journal.Commit(Some.Events(_run, count));
            }
            folder.Dispose();
        }
    }

    [Fact]
    public async Task A_data_directory_that_is_a_file_is_a_clear_error()
    {
        var file = Path.Combine(_folder.Path, "occupied");
        File.WriteAllText(file, "");
        var error = await Should.ThrowAsync<JournalUnavailableException>(() => JsonlRunJournal.OpenAsync(new() { DataDirectory = file, Writer = "w" }));
        error.Message.ShouldContain(file);
        await Should.ThrowAsync<ArgumentException>(() => JsonlRunJournal.OpenAsync(_folder.Options("../w")));
    }

    [Fact]
    public async Task An_archive_that_cannot_be_looked_at_is_a_journal_that_cannot_be_used_and_no_fault_of_the_run()
    {
        // Paths of archives are longer than what the system takes; those of segments are not.
        const int longest = 4095;
        var data = _folder.Path;
        while (data.Length < longest - 300) data = Path.Combine(data, new string('d', 200));
        data = Path.Combine(data, new string('d', longest - 50 - data.Length - 1));
        await using var journal = await JsonlRunJournal.OpenAsync(new() { DataDirectory = data, Writer = "w" });
        var error = await Should.ThrowAsync<JournalUnavailableException>(async () => await journal.Commit(Some.Created(_run)));
        error.Message.ShouldContain("File name too long");
        error.Message.ShouldNotContain("Free space");
    }

    [Fact]
    public void A_lock_that_cannot_be_looked_at_is_an_error_of_its_own_and_not_a_file_system_without_locks()
    {
        Directory.CreateDirectory(_folder.Path);
        var (one, other) = (Path.Combine(_folder.Path, "one"), Path.Combine(_folder.Path, "other"));
        File.CreateSymbolicLink(one, other);
        File.CreateSymbolicLink(other, one);
        Should.Throw<IOException>(() => DirectoryLock.IsHeld(one)).Message.ShouldContain(one);
        DirectoryLock.IsHeld(Path.Combine(_folder.Path, "none")).ShouldBeFalse();
        DirectoryLock.IsHeld(Path.Combine(_folder.Path, "none", "lock")).ShouldBeFalse();
        Should.Throw<IOException>(() => DirectoryLock.TryTake(new BlindDisk(), Path.Combine(_folder.Path, "lock"))).ShouldNotBeOfType<LocksUnsupportedException>();
    }

    private sealed class BlindDisk : Disk
    {
        public override bool IsLocked(string path) => throw new IOException($"{path}: Too many open files.");
    }

    private sealed class FullDisk : Disk
    {
        public volatile bool Full;
        public volatile bool SyncFails;
        public bool Partly { get; init; }
        public bool CannotCut { get; init; }

        public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long at)
        {
            if (!Full)
            {
                base.Write(file, bytes, at);
                return;
            }
            if (Partly) base.Write(file, bytes[..(bytes.Length / 2)], at);
            throw new IOException("No space left on device.");
        }

        public override void Sync(SafeFileHandle file)
        {
            if (SyncFails) throw new IOException("Input/output error.");
            base.Sync(file);
        }

        public override void Truncate(SafeFileHandle file, long length)
        {
            if (Full && CannotCut) throw new IOException("Input/output error.");
            base.Truncate(file, length);
        }
    }

    private sealed class CopyingDisk : Disk
    {
        public Action OnStep { get; set; } = () => { };

        public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long at)
        {
            OnStep();
            base.Write(file, bytes[..(bytes.Length / 2)], at);
            OnStep();
            base.Write(file, bytes[(bytes.Length / 2)..], at + bytes.Length / 2);
            OnStep();
        }

        public override void Sync(SafeFileHandle file)
        {
            base.Sync(file);
            OnStep();
        }
    }
}
