using Orchestrator.Engine.Tests.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Files;

/// <summary>All that writes for good besides the journal: cut off anywhere, and failed at any call.</summary>
public sealed class WriterPowerCutTests
{
    private const int Acts = 32;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Nothing_acknowledged_is_lost_and_no_file_is_half_by_a_power_cut(int seed)
    {
        using var lab = new PowerCutLab();
        await ActAsync(lab, new Random(seed), Acts);
        await lab.CheckAsync(RecoverAsync);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_fails_leaves_everything_as_it_was(bool torn)
    {
        var calls = await CallsAsync();
        await PowerCutLab.SideBySideAsync(Enumerable.Range(1, calls), async failing =>
        {
            using var lab = new PowerCutLab();
            lab.Disk.TearsFailedWrites = torn;
            lab.Disk.Fault = (call, n) => n == failing ? new IOException(call.StartsWith("sync", StringComparison.Ordinal) ? "Input/output error" : "No space left on device") : null;
            await ActAsync(lab, new Random(1), Acts);
            await lab.CheckEndAsync(RecoverAsync, $"call {failing} of {calls} failed");
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_disk_that_fails_for_a_while_loses_nothing(bool torn)
    {
        var calls = await CallsAsync();
        for (var from = 1; from <= calls; from += 3)
        {
            using var lab = new PowerCutLab();
            lab.Disk.TearsFailedWrites = torn;
            lab.Disk.Fault = (_, n) => n >= from && n < from + 8 ? new IOException("Input/output error") : null;
            await ActAsync(lab, new Random(2), Acts);
            await lab.CheckEndAsync(RecoverAsync, $"calls from {from} on failed");
        }
    }

    [Fact]
    public async Task A_folder_that_another_has_made_is_as_durable_as_one_made_here()
    {
        using var lab = new PowerCutLab();
        var folder = Path.Combine(lab.Paths.Of(Some.Run()), "outputs");
        DurableFolder.Create(lab.Disk, lab.Paths.Root, lab.Paths.Root);
        DurableFolder.MakeOnly(lab.Disk, folder);
        DurableFolder.Create(lab.Disk, folder, lab.Paths.Root);
        lab.Disk.Acknowledge("the folder", p => Directory.Exists(folder.Replace(lab.Paths.Root, p.Root, StringComparison.Ordinal)));
        await lab.CheckEndAsync(_ => Task.CompletedTask, "nothing failed");
    }

    /// <summary>The suite is worth something: a program that leaves out syncs of a kind does not pass it.</summary>
    [Theory]
    [InlineData("whole files")]
    [InlineData("files that grow")]
    [InlineData("folders")]
    public async Task Left_out_syncs_are_noticed(string what)
    {
        using var lab = new PowerCutLab();
        lab.Disk.LeavesOut = call => what switch
        {
            "whole files" => call.Path.EndsWith(WholeFileDraft.Extension, StringComparison.Ordinal),
            "files that grow" => !call.IsFolder && !call.Path.EndsWith(WholeFileDraft.Extension, StringComparison.Ordinal),
            _ => call.IsFolder,
        };
        await ActAsync(lab, new Random(1), Acts);
        await Should.ThrowAsync<InvalidOperationException>(() => lab.CheckAsync(RecoverAsync));
    }

    private static async Task<int> CallsAsync()
    {
        using var lab = new PowerCutLab();
        await ActAsync(lab, new Random(1), Acts);
        return lab.Disk.Calls;
    }

    private static async Task ActAsync(PowerCutLab lab, Random random, int acts)
    {
        var writers = new DurableWriters(lab.Disk, lab.Paths);
        for (var i = 0; i < acts; i++)
        {
            var which = i < 9 ? i : random.Next(9);
            for (var left = 12; ; left--)
                try
                {
                    await writers.ActAsync(which);
                    break;
                }
                catch (IOException) when (left > 0) { }   // whoever was refused asks again
            if (i % 11 == 10) writers.Leave();
        }
        writers.Leave();
    }

    private static Task RecoverAsync(RunPaths paths) => Directory.Exists(paths.Root) ? DurableWriters.RecoverAsync(paths) : Task.CompletedTask;
}
