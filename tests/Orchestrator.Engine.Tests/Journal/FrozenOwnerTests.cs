using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

/// <summary>A process that is stopped holds its locks and says nothing: another takes over its runs by hand, and whatever it does when it wakes is refused.</summary>
public sealed class FrozenOwnerTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly RunId _id = Some.Run();
    private readonly StreamId _run;

    public FrozenOwnerTests() => _run = StreamId.Run(_id);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Its_runs_go_to_whoever_claims_them_and_its_next_append_is_refused()
    {
        await using (var owner = await OpenAsync("a"))
        {
            await owner.Commit(Some.Created(_run));
            await owner.Write(Some.Events(_run, 1, 2));
            await using (var other = await _folder.Open("b"))
            {
                (await other.ClaimAsync(_id)).ShouldBeNull("it answers");
                Freeze("a");
                (await other.ClaimAbandonedAsync()).ShouldBeEmpty("it is not dead: nobody takes its runs without being asked to");
                var claimed = (await other.ClaimAsync(_id)).ShouldNotBeNull();
                claimed.Events.Select(e => e.Seq).ShouldBe([1L, 2, 3]);

                (await Should.ThrowAsync<JournalConflictException>(async () => await owner.Commit(Some.End(_run, 3)))).Message.ShouldContain("another process took it over");
                await Should.ThrowAsync<JournalConflictException>(async () => await owner.Commit(Some.Created(StreamId.Run(Some.Run()))));
                owner.Renew().ShouldBeFalse();
                await other.AppendAsync(_run, 3, claimed.Epoch, Some.End(_run, 3), AppendDurability.Committed);
                await other.SettledAsync();
            }
        }
        var events = await new RunReader(new(_folder.Path)).ReadEventsAsync(_id, TestContext.Current.CancellationToken);
        events.Select(e => e.Seq).ShouldBe([1L, 2, 3, 4]);
        events.Count(e => e.Event is WorkflowEnded).ShouldBe(1);
        Directory.GetDirectories(Path.Combine(_folder.Path, "journal")).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_it_writes_before_it_sees_that_it_has_lost_is_out_of_every_reader_s_reach()
    {
        await using var owner = await OpenAsync("a");
        await owner.Commit(Some.Created(_run));
        var file = _folder.Segments("a").Single();
        using var open = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        Freeze("a");
        await using var other = await _folder.Open("b");
        (await other.ClaimAsync(_id)).ShouldNotBeNull();
        var length = new FileInfo(file).Length;
        RandomAccess.Write(open, new byte[100], length);
        RandomAccess.SetLength(open, 10);
        new FileInfo(file).Length.ShouldBe(length);
        (await other.All(_run)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_takeover_that_fails_at_any_step_loses_nothing_acknowledged()
    {
        for (var failing = 1; ; failing++)
        {
            using var folder = new Folder();
            long acknowledged = 3;
            var disk = new FailingDisk(failing);
            await using var owner = await OpenAsync("a", folder);
            await owner.Commit(Some.Created(_run));
            await owner.Commit(Some.Events(_run, 1, 2));
            await using (var other = await JsonlRunJournal.OpenAsync(folder.Options("b")))
            await using (var failed = await JsonlRunJournal.OpenAsync(folder.Options("c") with { Disk = disk }))
            {
                Freeze("a", folder);
                disk.IsOn = true;
                try { await failed.ClaimAsync(_id); }
                catch (IOException) { }
                if (disk.Calls < failing) break;   // it went through: every step has failed once
            }
            try
            {
                await owner.Commit(Some.Events(_run, 3));
                acknowledged = 4;
            }
            catch (JournalConflictException) { }
            Freeze("a", folder);
            await using var next = await folder.Open("d");
            (await next.ClaimAsync(_id)).ShouldNotBeNull($"step {failing}").Events.Count.ShouldBe((int)acknowledged, $"step {failing}");
            await Should.ThrowAsync<JournalConflictException>(async () => await owner.Commit(Some.Events(_run, acknowledged)));
        }
    }

    // Its heart beats so slowly that it is as good as stopped.
    private Task<JsonlRunJournal> OpenAsync(string writer, Folder? folder = null) => JsonlRunJournal.OpenAsync((folder ?? _folder).Options(writer) with { LeaseTime = TimeSpan.FromHours(3) });

    private void Freeze(string writer, Folder? folder = null) =>
        File.SetLastWriteTimeUtc(Path.Combine((folder ?? _folder).Writer(writer), "lock"), TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-1));

    private sealed class FailingDisk(int failing) : Disk
    {
        public int Calls { get; private set; }

        public bool IsOn { get; set; }

        public override void Sync(Microsoft.Win32.SafeHandles.SafeFileHandle file)
        {
            Step();
            base.Sync(file);
        }

        public override void SyncDirectory(string path)
        {
            Step();
            base.SyncDirectory(path);
        }

        public override void Rename(string from, string to)
        {
            Step();
            base.Rename(from, to);
        }

        public override void Delete(string path)
        {
            Step();
            base.Delete(path);
        }

        private void Step()
        {
            if (IsOn && ++Calls == failing) throw new IOException("Input/output error");
        }
    }
}
