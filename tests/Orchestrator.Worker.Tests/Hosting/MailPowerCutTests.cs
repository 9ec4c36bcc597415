using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.AspNetCore.Idempotency;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running.Mail;
using Orchestrator.Engine.Tests.Files;
using Orchestrator.TestKit;

namespace Orchestrator.Worker.Tests.Hosting;

/// <summary>What one process leaves for another, and the keys of callers: cut off anywhere, and failed at any call.</summary>
public sealed class MailPowerCutTests
{
    [Fact]
    public async Task Nothing_acknowledged_is_lost_by_a_power_cut()
    {
        using var lab = new PowerCutLab();
        await ActAsync(lab);
        await lab.CheckAsync(RecoverAsync);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_fails_leaves_everything_as_it_was(bool torn)
    {
        using var whole = new PowerCutLab();
        await ActAsync(whole);
        for (var failing = 1; failing <= whole.Disk.Calls; failing++)
        {
            using var lab = new PowerCutLab();
            lab.Disk.TearsFailedWrites = torn;
            lab.Disk.Fault = (_, n) => n == failing ? new IOException("Input/output error") : null;
            await ActAsync(lab);
            await lab.CheckEndAsync(RecoverAsync, $"call {failing} failed");
        }
    }

    private static async Task ActAsync(PowerCutLab lab)
    {
        var clock = new ManualTimeProvider();
        using var keys = Keys(lab.Paths, clock);
        for (var i = 0; i < 6; i++)
        {
            var run = RunId.New(clock.GetUtcNow(), Guid.NewGuid().ToByteArray().AsSpan(0, 10));
            var key = $"key-{i}";
            var claimed = (await AgainAsync(() => keys.ClaimAsync(key, "body"))).RunId;
            lab.Disk.Acknowledge($"idempotency key {i}", p => KeyOf(p, clock, key) == claimed);
            await AgainAsync(() =>
            {
                new CancelRequest(new RunMail(lab.Paths), run).Leave(new("me", "wrong day"));
                return Task.FromResult(0);
            });
            lab.Disk.Acknowledge($"cancel request {i}", p => new CancelRequest(new RunMail(p), run).Read() == new CancelAsk("me", "wrong day"));
            await AgainAsync(() => new AnswerMailbox(new RunMail(lab.Paths), run).LeaveAsync(new() { Kind = "approve", Task = "ask", By = "me" }, TimeSpan.Zero, clock, CancellationToken.None));
            lab.Disk.Acknowledge($"answer {i}", p => Directory.GetFiles(Path.Combine(p.Of(run), "mail"), "*.json").Length > 0);
        }
    }

    private static Task RecoverAsync(RunPaths paths)
    {
        if (Directory.Exists(paths.Runs))
            foreach (var file in Directory.EnumerateFiles(paths.Runs, "*.json", SearchOption.AllDirectories)) using (JsonDocument.Parse(File.ReadAllBytes(file))) { }
        return Task.CompletedTask;
    }

    private static string? KeyOf(RunPaths paths, TimeProvider clock, string key)
    {
        using var keys = Keys(paths, clock);
        return keys.FindAsync(key).GetAwaiter().GetResult()?.RunId;
    }

    private static IdempotencyKeys Keys(RunPaths paths, TimeProvider clock) => new(() => paths.State(), clock, NullLogger<IdempotencyKeys>.Instance);

    // Whoever was refused asks again.
    private static async Task<T> AgainAsync<T>(Func<Task<T>> act)
    {
        try { return await act(); }
        catch (IOException) { return await act(); }
    }
}
